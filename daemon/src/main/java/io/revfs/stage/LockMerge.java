package io.revfs.stage;

import io.revfs.dvc.Output;
import io.revfs.dvc.lock.LockedStage;
import io.revfs.dvc.pipeline.DeclaredOutput;
import io.revfs.dvc.pipeline.PipelineStage;
import io.revfs.dvc.pipeline.StageCommand;
import io.revfs.text.RelativePaths;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Puts together what {@code dvc.yaml} says of a stage and what {@code dvc.lock} remembers. */
record LockMerge(Path root, String file, PipelineStage declared, Optional<LockedStage> locked) {

  Stage stage() {
    StageId id = new StageId(file, declared.name());
    String directory = RelativePaths.join(RelativePaths.parent(file), declared.workingDirectory());
    return new Stage(
        id,
        directory,
        Optional.of(declared.command()),
        locked.map(LockedStage::command).map(StageCommand::of),
        deps(id, directory),
        params(id, directory),
        outs(id, directory),
        declared.frozen(),
        declared.alwaysChanged(),
        new Stage.Details(
            declared.description(),
            declared.meta(),
            Optional.empty(),
            declared.group(),
            declared.templated(),
            declared.used()));
  }

  private List<Dep> deps(StageId id, String directory) {
    Map<String, Output> known = byPath(locked.map(LockedStage::dependencies).orElse(List.of()));
    List<Dep> deps = new ArrayList<>();
    for (String path : declared.dependencies()) {
      deps.add(
          new Dep(
              id,
              Place.of(path, directory, root),
              Optional.ofNullable(known.get(path)),
              Optional.empty()));
    }
    return deps;
  }

  private List<ParamsDep> params(StageId id, String directory) {
    List<ParamsDep> params = new ArrayList<>();
    declared
        .parameters()
        .forEach(
            (path, keys) ->
                params.add(
                    new ParamsDep(
                        id,
                        Place.of(path, directory, root),
                        List.copyOf(keys),
                        locked
                            .map(LockedStage::parameters)
                            .flatMap(all -> values(all, path, keys)))));
    return params;
  }

  /** Returns the locked values of those keys that are asked for now. */
  private static Optional<Map<String, @Nullable Object>> values(
      Map<String, Map<String, @Nullable Object>> all, String path, List<String> keys) {
    Map<String, @Nullable Object> values = all.get(path);
    if (values == null) {
      return Optional.empty();
    }
    Map<String, @Nullable Object> asked = new LinkedHashMap<>(values);
    if (!keys.isEmpty()) {
      asked.keySet().retainAll(keys);
    }
    return Optional.of(asked);
  }

  private List<Out> outs(StageId id, String directory) {
    Map<String, Output> known = byPath(locked.map(LockedStage::outputs).orElse(List.of()));
    List<Out> outs = new ArrayList<>();
    for (DeclaredOutput output : declared.outputs()) {
      Output recorded =
          known.getOrDefault(output.path(), Output.unknown(output.path(), declared.line()));
      outs.add(
          new Out(
              id,
              Place.of(output.path(), directory, root),
              recorded.with(output.cached(), output.remote(), output.push()),
              output.kind(),
              output.persist(),
              output.annotations(),
              output.plot()));
    }
    return outs;
  }

  private static Map<String, Output> byPath(List<Output> outputs) {
    Map<String, Output> byPath = new HashMap<>();
    outputs.forEach(output -> byPath.put(output.path(), output));
    return byPath;
  }
}
