package io.revfs.command;

import java.io.IOException;

/** A command that cannot do what it was asked: what happened, what to do, and the exit code. */
public final class CommandFailure extends IOException {
  private static final long serialVersionUID = 1L;

  /** The command did its work and some of it failed, or a check's answer is no. */
  public static final int FAILED = 1;

  /** The configuration or the credentials are wrong. */
  public static final int CONFIGURATION = 251;

  /** The caller does not wait any more. */
  public static final int INTERRUPTED = 252;

  /** The command needs a DVC project. */
  public static final int NOT_IN_PROJECT = 253;

  /** The command line is wrong. */
  public static final int USAGE = 254;

  /** Anything else. */
  public static final int OTHER = 255;

  private final String whatToDo;
  private final int exit;

  /**
   * @param message one line
   * @param whatToDo one line; empty if nothing helps
   */
  public CommandFailure(String message, String whatToDo, int exit) {
    super(message);
    this.whatToDo = whatToDo;
    this.exit = exit;
  }

  /** As the other one, with what it came from, for the log. */
  public CommandFailure(String message, String whatToDo, int exit, Throwable cause) {
    super(message, cause);
    this.whatToDo = whatToDo;
    this.exit = exit;
  }

  /** Returns what to do about it; empty if nothing helps. */
  public String whatToDo() {
    return whatToDo;
  }

  /** Returns the exit code. */
  public int exit() {
    return exit;
  }
}
