package io.revfs.command.repro;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The stages that a stage needs and that still run when it is handed over. */
interface Upstream {
  /** There are none: all that the stage needs is there. */
  Upstream NONE =
      new Upstream() {
        @Override
        public List<String> names() {
          return List.of();
        }

        @Override
        public List<Path> writes() {
          return List.of();
        }

        @Override
        public void await() {
          // nobody is waited for
        }
      };

  /** Returns their names. */
  List<String> names();

  /** Returns what they write. */
  List<Path> writes();

  /**
   * Waits until they have ended and are recorded.
   *
   * @throws FailedException if one failed
   */
  void await() throws IOException;

  /** Returns whether there are any. */
  default boolean isAny() {
    return !names().isEmpty();
  }

  /** What a stage needs failed, so it cannot have run. */
  final class FailedException extends IOException {
    private static final long serialVersionUID = 1L;

    FailedException(String stage) {
      super("what it needs failed: '" + stage + "'");
    }
  }
}
