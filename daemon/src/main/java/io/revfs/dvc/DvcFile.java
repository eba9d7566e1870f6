package io.revfs.dvc;

import java.util.ArrayList;
import java.util.List;

/**
 * A {@code .dvc} file.
 *
 * @param workingDirectory {@code wdir}, relative to the file; {@code .} by default
 * @param frozen whether it is not updated by itself; imports are
 */
public record DvcFile(
    List<Output> outputs, List<Dependency> dependencies, String workingDirectory, boolean frozen) {
  public DvcFile {
    outputs = List.copyOf(outputs);
    dependencies = List.copyOf(dependencies);
  }

  /** Parses the file; {@code file} is its path for messages. */
  public static DvcFile parse(String file, byte[] content) throws DvcFormatException {
    YamlMap map = YamlMap.parse(file, content);
    List<Output> outputs = new ArrayList<>();
    for (YamlMap out : map.maps("outs")) {
      outputs.add(EntryReader.output(out));
    }
    List<Dependency> dependencies = new ArrayList<>();
    for (YamlMap dep : map.maps("deps")) {
      dependencies.add(EntryReader.dependency(dep));
    }
    boolean frozen = map.flag("frozen", map.flag("locked", false));
    return new DvcFile(outputs, dependencies, map.text("wdir").orElse("."), frozen);
  }
}
