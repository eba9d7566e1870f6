package io.revfs.cli.terminal;

/** A command that failed: what to say, what to do, and the exit code. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Exit codes, DVC's. */
  public static final int OK = 0;

  public static final int FAILED = 1;
  public static final int CONFIGURATION = 251;
  public static final int INTERRUPTED = 252;
  static final int NOT_IN_REPOSITORY = 253;
  public static final int USAGE = 254;
  public static final int OTHER = 255;
  static final int BROKEN_PIPE = 141;

  private final String hint;
  private final int exit;

  public CommandException(String message, String hint, int exit) {
    super(message);
    this.hint = hint;
    this.exit = exit;
  }

  public String hint() {
    return hint;
  }

  public int exit() {
    return exit;
  }
}
