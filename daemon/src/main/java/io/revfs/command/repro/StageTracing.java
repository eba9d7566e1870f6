package io.revfs.command.repro;

import io.revfs.command.tracking.Session;
import io.revfs.stage.Stage;
import io.revfs.trace.Trace;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Records what stages do. Thread-safe. */
@FunctionalInterface
public interface StageTracing {
  /** Of those who cannot. */
  StageTracing NONE =
      (session, stage, commands) -> {
        throw new IOException("stages cannot be recorded here");
      };

  /** Returns whether the caller's working copy is attached, where stages are always recorded. */
  default boolean isAttached(Session session) throws IOException {
    return false;
  }

  /**
   * Begins to record a stage.
   *
   * @param commands what is run
   */
  Recording begin(Session session, Stage stage, List<String> commands) throws IOException;

  /** One run; closing it before its end leaves no trace. */
  interface Recording extends Closeable {
    /** Returns the words that start the command. */
    List<String> launcher() throws IOException;

    /** Returns the root of what is recorded: the paths of the trace are from there. */
    Path root();

    /**
     * Ends it.
     *
     * @throws NotRecordedException if it could not be recorded, so that the command was not started
     */
    Trace end(int exit) throws IOException;
  }

  /** A stage could not be recorded, so its command was not started. */
  final class NotRecordedException extends IOException {
    private static final long serialVersionUID = 1L;
    private final String whatToDo;

    /** {@code message} and {@code whatToDo} are a line each. */
    public NotRecordedException(String message, String whatToDo, Throwable cause) {
      super(message, cause);
      this.whatToDo = whatToDo;
    }

    /** As the other one. */
    NotRecordedException(String message, String whatToDo) {
      super(message);
      this.whatToDo = whatToDo;
    }

    /** Returns what to do about it. */
    public String whatToDo() {
      return whatToDo;
    }
  }
}
