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

  /**
   * Begins to record a stage.
   *
   * @param commands what is run
   * @throws io.revfs.command.CommandFailure if it cannot be recorded
   */
  Recording begin(Session session, Stage stage, List<String> commands) throws IOException;

  /** One run; closing it before its end leaves no trace. */
  interface Recording extends Closeable {
    /** Returns the words that start the command. */
    List<String> launcher() throws IOException;

    /** Returns the root of what is recorded: the paths of the trace are from there. */
    Path root();

    /** Ends it. */
    Trace end(int exit) throws IOException;
  }
}
