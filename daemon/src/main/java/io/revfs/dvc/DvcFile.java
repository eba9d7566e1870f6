package io.revfs.dvc;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@code .dvc} file.
 *
 * @param properties what else it says, as plain values: {@code desc}, {@code md5}, {@code meta}, …
 * @param outputProperties for each output all that its entry says, as plain values: {@code
 *     persist}, {@code metric}, {@code desc}, {@code labels}, …
 * @param workingDirectory {@code wdir}, relative to the file; {@code .} by default
 * @param frozen whether it is not updated by itself; imports are
 */
public record DvcFile(
    List<Output> outputs,
    List<Dependency> dependencies,
    String workingDirectory,
    boolean frozen,
    Map<String, @Nullable Object> properties,
    List<Map<String, @Nullable Object>> outputProperties) {
  public DvcFile {
    outputs = List.copyOf(outputs);
    dependencies = List.copyOf(dependencies);
  }

  /** Parses the file; {@code file} is its path for messages. */
  public static DvcFile parse(String file, byte[] content) throws DvcFormatException {
    YamlMap map = YamlMap.parse(file, content);
    List<Output> outputs = new ArrayList<>();
    List<Map<String, @Nullable Object>> outputProperties = new ArrayList<>();
    for (YamlMap out : map.maps("outs")) {
      outputs.add(EntryReader.output(out));
      outputProperties.add(out.values());
    }
    List<Dependency> dependencies = new ArrayList<>();
    for (YamlMap dep : map.maps("deps")) {
      dependencies.add(EntryReader.dependency(dep));
    }
    boolean frozen = map.flag("frozen", map.flag("locked", false));
    return new DvcFile(
        outputs,
        dependencies,
        map.text("wdir").orElse("."),
        frozen,
        map.values("deps", "outs"),
        outputProperties);
  }
}
