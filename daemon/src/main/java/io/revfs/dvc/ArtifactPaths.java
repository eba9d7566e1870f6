package io.revfs.dvc;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The section {@code artifacts} of a {@code dvc.yaml}. */
public final class ArtifactPaths {
  private ArtifactPaths() {}

  /**
   * Returns the paths of artifacts by id, as written: relative to the file's folder.
   *
   * @param file its path for messages
   */
  public static Map<String, String> parse(String file, byte[] content) throws DvcFormatException {
    Map<String, String> paths = new LinkedHashMap<>();
    Optional<YamlMap> artifacts = YamlMap.parse(file, content).map("artifacts");
    if (artifacts.isPresent()) {
      for (String id : artifacts.get().keys()) {
        Optional<YamlMap> artifact = artifacts.get().map(id);
        if (artifact.isPresent() && artifact.get().text("path").isPresent()) {
          paths.put(id, artifact.get().requiredText("path"));
        }
      }
    }
    return paths;
  }
}
