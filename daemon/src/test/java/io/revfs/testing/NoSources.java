package io.revfs.testing;

import io.revfs.command.Invocation;
import io.revfs.command.tracking.DepStatuses;
import io.revfs.command.tracking.Session;
import io.revfs.project.Project;
import io.revfs.stage.Dep;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Stage;
import java.util.Map;
import java.util.Optional;

/** For tests that have no imports. */
public final class NoSources implements DepStatuses {
  @Override
  public Optional<Map.Entry<String, String>> of(Session session, Stage stage, Dep dep) {
    throw new AssertionError("asked for " + dep);
  }

  @Override
  public Optional<Object> of(Invocation call, Project project, Stage stage, ParamsDep params) {
    throw new AssertionError("asked for " + params);
  }

  @Override
  public boolean isChecksumChanged(Project project, Stage stage) {
    return false;
  }

  @Override
  public boolean isShown(Stage stage) {
    return false;
  }
}
