package io.revfs.trace.journal;

import io.revfs.fuse.heard.Access;
import io.revfs.trace.TracedProcess;
import io.revfs.trace.outside.Seen;

/**
 * What is heard of one run, in the order in which it happened. Thread-safe; never fails.
 *
 * <p>Keys are paths as a trace has them: from the root, or absolute outside of it.
 */
public interface RunEvents {
  /** Hears nothing. */
  RunEvents NONE =
      new RunEvents() {
        @Override
        public void started(int process) {}

        @Override
        public void process(TracedProcess process) {}

        @Override
        public void accessed(long millis, int process, Access access, String key, String other) {}

        @Override
        public void hashed(String key, String digest) {}

        @Override
        public void seen(long millis, Seen seen) {}
      };

  /** In place of a digest: the file had become another one before it was hashed. */
  String CHANGED = "!";

  /** A process is the run's first. */
  void started(int process);

  /** Something is known of a process; in place of what was known of it before. */
  void process(TracedProcess process);

  /**
   * Something was done in a session.
   *
   * @param millis since the run began
   * @param process who did it
   * @param other the second path of a rename or link, else empty
   */
  void accessed(long millis, int process, Access access, String key, String other);

  /**
   * What was read, as it was before the run changed it, has a digest.
   *
   * @param digest as text; empty if there is none; {@link #CHANGED}
   */
  void hashed(String key, String digest);

  /** A file was opened or closed outside of the sessions. */
  void seen(long millis, Seen seen);
}
