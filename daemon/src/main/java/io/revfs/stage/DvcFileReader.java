package io.revfs.stage;

import io.revfs.dvc.Dependency;
import io.revfs.dvc.DvcFile;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.pipeline.DeclaredOutput;
import io.revfs.dvc.pipeline.PythonText;
import io.revfs.dvc.pipeline.StageCommand;
import io.revfs.text.RelativePaths;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the stage of a {@code .dvc} file. */
record DvcFileReader(Path root) {
  private static final Set<String> KEYS =
      Set.of("md5", "cmd", "wdir", "locked", "frozen", "meta", "always_changed", "desc");
  private static final List<String> ANNOTATIONS = List.of("desc", "type", "labels", "meta");

  StageFile read(String path, byte[] content) throws DvcFormatException {
    DvcFile file = DvcFile.parse(path, content);
    Map<String, @Nullable Object> properties = file.properties();
    for (String key : properties.keySet()) {
      if (!KEYS.contains(key)) {
        throw new DvcFormatException(path, 0, "extra keys not allowed: '" + key + "'");
      }
    }
    StageId id = new StageId(path, "");
    String directory = RelativePaths.join(RelativePaths.parent(path), file.workingDirectory());
    Optional<StageCommand> command =
        Optional.ofNullable(properties.get("cmd")).map(StageCommand::of);
    List<Dep> deps = new ArrayList<>();
    for (Dependency dependency : file.dependencies()) {
      deps.add(
          new Dep(
              id,
              Place.of(dependency.path(), directory, root),
              Optional.empty(),
              Optional.of(dependency)));
    }
    return StageFile.of(
        path,
        new Stage(
            id,
            directory,
            command,
            command,
            deps,
            List.of(),
            outs(id, directory, file),
            file.frozen(),
            Boolean.TRUE.equals(properties.get("always_changed")),
            new Stage.Details(
                text(properties, "desc"),
                properties.get("meta"),
                text(properties, "md5"),
                Optional.empty(),
                false,
                Map.of())));
  }

  private List<Out> outs(StageId id, String directory, DvcFile file) {
    List<Out> outs = new ArrayList<>();
    for (int i = 0; i < file.outputs().size(); i++) {
      Map<String, @Nullable Object> properties = file.outputProperties().get(i);
      outs.add(
          new Out(
              id,
              Place.of(file.outputs().get(i).path(), directory, root),
              file.outputs().get(i),
              kind(properties),
              Boolean.TRUE.equals(properties.get("persist")),
              annotations(properties),
              plot(properties)));
    }
    return outs;
  }

  private static DeclaredOutput.Kind kind(Map<String, @Nullable Object> properties) {
    if (isOn(properties.get("metric"))) {
      return DeclaredOutput.Kind.METRIC;
    }
    return isOn(properties.get("plot")) ? DeclaredOutput.Kind.PLOT : DeclaredOutput.Kind.OUTPUT;
  }

  /** DVC takes {@code true} or a map of properties. */
  private static boolean isOn(@Nullable Object value) {
    return Boolean.TRUE.equals(value) || (value instanceof Map<?, ?> map && !map.isEmpty());
  }

  private static Map<String, @Nullable Object> annotations(
      Map<String, @Nullable Object> properties) {
    Map<String, @Nullable Object> annotations = new LinkedHashMap<>();
    for (String key : ANNOTATIONS) {
      if (properties.get(key) != null) {
        annotations.put(key, properties.get(key));
      }
    }
    return annotations;
  }

  private static Map<String, @Nullable Object> plot(Map<String, @Nullable Object> properties) {
    Map<String, @Nullable Object> plot = new LinkedHashMap<>();
    if (properties.get("plot") instanceof Map<?, ?> map) {
      map.forEach((key, value) -> plot.put(String.valueOf(key), value));
    }
    return plot;
  }

  private static Optional<String> text(Map<String, @Nullable Object> properties, String key) {
    return Optional.ofNullable(properties.get(key)).map(PythonText::str);
  }
}
