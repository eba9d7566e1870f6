package io.revfs.command.tracking;

import io.revfs.command.Invocation;
import io.revfs.project.Project;
import io.revfs.stage.Dep;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Stage;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Says how dependencies that are no files of this machine differ from what is recorded. */
public interface DepStatuses {
  /**
   * Returns what differs of a dependency on another repository or a URL: the name it is shown by,
   * and a word ({@code update available}).
   */
  Optional<Map.Entry<String, String>> of(Session session, Stage stage, Dep dep) throws IOException;

  /**
   * Returns what differs of parameters: by dotted key a word ({@code new}, {@code modified}, {@code
   * deleted}), or one word for the whole file.
   */
  Optional<Object> of(Invocation call, Project project, Stage stage, ParamsDep params)
      throws IOException;

  /** Returns whether an import's own checksum is not what it records. */
  boolean isChecksumChanged(Project project, Stage stage) throws IOException;

  /** Returns whether a dependency is shown although its stage is frozen. */
  boolean isShown(Stage stage);
}
