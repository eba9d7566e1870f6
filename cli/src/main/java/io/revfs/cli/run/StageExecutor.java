package io.revfs.cli.run;

import java.io.Closeable;
import java.io.IOException;

/**
 * A way to run the commands of stages. Thread-safe: stages that do not need each other are run at
 * once.
 */
public interface StageExecutor extends Closeable {
  /**
   * A variable that all processes of a stage inherit, and that nothing should have that is to
   * outlive them, as a daemon.
   */
  String MARK = MarkedProcesses.MARK;

  /**
   * Runs the commands of a stage one after another, until one fails.
   *
   * @return how it ended; a command that cannot be started ended badly too
   * @throws IOException if what runs them cannot be reached
   */
  StageResult run(StageJob job) throws IOException;

  /**
   * Ends all that runs, and waits until it has ended. What {@link #run} returns afterwards is no
   * result. May be called several times, also while the Java machine shuts down.
   */
  @Override
  void close();
}
