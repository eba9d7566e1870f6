package io.revfs.command.repro;

import io.revfs.command.tracking.DepStatuses;
import io.revfs.command.tracking.Session;
import io.revfs.stage.Dep;
import io.revfs.stage.Out;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Stage;
import io.revfs.workspace.OutStatus;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Says whether a stage must run again. */
record StageChanges(Session session, DepStatuses sources) {
  /**
   * Returns whether anything is other than it was recorded.
   *
   * @param allowMissing whether data that is only missing counts as unchanged
   * @param upstream the stages whose outputs it needs, as they are recorded now
   */
  boolean isChanged(Stage stage, boolean allowMissing, List<Stage> upstream) throws IOException {
    return isItselfChanged(stage)
        || (!stage.frozen() && areDepsChanged(stage, allowMissing, upstream))
        || areOutsChanged(stage, allowMissing);
  }

  private boolean isItselfChanged(Stage stage) throws IOException {
    return stage.isPipeline()
        ? stage.isCommandChanged()
        : sources.isChecksumChanged(session.project(), stage);
  }

  private boolean areDepsChanged(Stage stage, boolean allowMissing, List<Stage> upstream)
      throws IOException {
    if (stage.isCallback() || stage.alwaysChanged()) {
      return true;
    }
    for (Dep dep : stage.deps()) {
      if (dep.isFromRepository() || !dep.place().isLocal()) {
        if (sources.of(session, stage, dep).isPresent()) {
          return true;
        }
        continue;
      }
      Optional<OutStatus> status = session.files().status(dep);
      boolean forgiven =
          allowMissing
              && status.equals(Optional.of(OutStatus.DELETED))
              && upstream.stream()
                  .flatMap(one -> one.outs().stream())
                  .noneMatch(out -> out.path().equals(dep.path()) && !out.key().equals(dep.key()));
      if (status.isPresent() && !forgiven) {
        return true;
      }
    }
    for (ParamsDep params : stage.params()) {
      if (sources.of(session.call(), session.project(), stage, params).isPresent()) {
        return true;
      }
    }
    return false;
  }

  private boolean areOutsChanged(Stage stage, boolean allowMissing) throws IOException {
    for (Out out : stage.outs()) {
      Optional<OutStatus> status = session.files().status(out);
      boolean missing =
          status.equals(Optional.of(OutStatus.NOT_IN_CACHE))
              || status.equals(Optional.of(OutStatus.DELETED));
      if (status.isPresent() && !(allowMissing && missing)) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether what a stage depends on is as it was recorded. */
  boolean areInputsRecorded(Stage stage) throws IOException {
    return !isItselfChanged(stage) && !areDepsChanged(stage, false, List.of());
  }
}
