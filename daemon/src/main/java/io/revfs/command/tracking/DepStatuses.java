package io.revfs.command.tracking;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.project.Project;
import io.revfs.stage.Dep;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Stage;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Says of dependencies that are no files of this machine how they differ from what is recorded. */
public interface DepStatuses {
  /** Knows none of them, and says so rather than to call them unchanged. */
  DepStatuses FILES_ONLY =
      new DepStatuses() {
        @Override
        public Optional<Map.Entry<String, String>> of(
            Invocation call, Project project, Stage stage, Dep dep) throws IOException {
          throw unknown("dependency '" + dep.place().written() + "'", stage);
        }

        @Override
        public Optional<Object> of(Invocation call, Project project, Stage stage, ParamsDep params)
            throws IOException {
          throw unknown("parameters of '" + params.place().written() + "'", stage);
        }

        private static IOException unknown(String what, Stage stage) {
          return new CommandFailure(
              "cannot compare the %s of '%s'".formatted(what, stage.id()),
              "name outputs or other stages as targets",
              CommandFailure.OTHER);
        }

        @Override
        public boolean isChecksumChanged(Project project, Stage stage) {
          return stage.isImport() && stage.details().checksum().isEmpty();
        }

        @Override
        public boolean isShown(Stage stage) {
          return stage.isRepositoryImport();
        }
      };

  /**
   * Returns what differs of a dependency on another repository or a URL: the name it is shown by,
   * and a word ({@code update available}).
   */
  Optional<Map.Entry<String, String>> of(Invocation call, Project project, Stage stage, Dep dep)
      throws IOException;

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
