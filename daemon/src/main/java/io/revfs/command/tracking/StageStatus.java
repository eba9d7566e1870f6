package io.revfs.command.tracking;

import io.revfs.command.Invocation;
import io.revfs.stage.Dep;
import io.revfs.stage.Out;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Stage;
import io.revfs.stage.target.Target;
import io.revfs.workspace.OutStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How one stage differs from what is recorded, in the form of {@code status --json}. */
final class StageStatus {
  private final Session session;
  private final DepStatuses dependencies;

  StageStatus(Session session, DepStatuses dependencies) {
    this.session = session;
    this.dependencies = dependencies;
  }

  /**
   * Returns what differs; nothing if all is as recorded.
   *
   * @param updates whether sources of imports are asked
   */
  List<Object> of(Target target, boolean updates) throws IOException {
    Stage stage = target.stage();
    List<Object> entries = new ArrayList<>();
    boolean asked = dependencies.isShown(stage);
    if (stage.frozen() && !asked) {
      session
          .call()
          .warn(
              "WARNING: %s is frozen. Its dependencies are not going to be shown in the status output."
                  .formatted(described(stage)));
    }
    if (!stage.frozen() || (asked && updates)) {
      Map<String, Object> deps = deps(stage);
      if (!deps.isEmpty()) {
        entries.add(Map.of("changed deps", deps));
      }
    }
    Map<String, Object> outs = outs(target);
    if (!outs.isEmpty()) {
      entries.add(Map.of("changed outs", outs));
    }
    if (stage.isCallback() || stage.alwaysChanged()) {
      entries.add("always changed");
    }
    if (stage.isCommandChanged()) {
      entries.add("changed command");
    }
    if (!stage.isPipeline() && dependencies.isChecksumChanged(session.project(), stage)) {
      entries.add("changed checksum");
    }
    return entries;
  }

  private String described(Stage stage) {
    return "stage: '" + stage.id().addressing(session.from()) + "'";
  }

  private Map<String, Object> deps(Stage stage) throws IOException {
    Map<String, Object> changed = new LinkedHashMap<>();
    Invocation call = session.call();
    for (Dep dep : stage.deps()) {
      if (dep.isFromRepository() || !dep.place().isLocal()) {
        dependencies
            .of(session, stage, dep)
            .ifPresent(entry -> changed.put(entry.getKey(), entry.getValue()));
        continue;
      }
      Optional<OutStatus> status = session.files().status(dep);
      status.ifPresent(s -> changed.put(dep.place().shown(session.from()), s.word()));
    }
    for (ParamsDep params : stage.params()) {
      dependencies
          .of(call, session.project(), stage, params)
          .ifPresent(value -> changed.put(params.place().shown(session.from()), value));
    }
    return changed;
  }

  private Map<String, Object> outs(Target target) throws IOException {
    Map<String, Object> changed = new LinkedHashMap<>();
    for (Out out : outsOf(target)) {
      Optional<OutStatus> status = session.files().status(out);
      status.ifPresent(s -> changed.put(session.shown(out), s.word()));
    }
    return changed;
  }

  /** Returns the outputs that a target means. */
  static List<Out> outsOf(Target target) {
    if (target.path().isEmpty()) {
      return target.stage().outs();
    }
    String path = target.path().get();
    return target.stage().outs().stream()
        .filter(out -> path.equals(out.path()) || path.startsWith(out.path() + "/"))
        .toList();
  }
}
