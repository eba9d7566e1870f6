package io.revfs.command;

import java.io.IOException;

/**
 * One command as DVC has it. Stateless or thread-safe: several may run at once, each on a thread of
 * its own.
 */
public interface Command {
  /** Returns its name as it is typed, for instance {@code remote add}. */
  String name();

  /**
   * Does the work. When the caller goes away the thread is interrupted: what was begun must then be
   * left consistent, and an {@link java.io.InterruptedIOException} is the way out. Files that other
   * threads read through the same channel must be read on another thread, since an interrupt closes
   * channels.
   *
   * @throws CommandFailure for what a person can do something about
   */
  void run(Invocation call) throws IOException;
}
