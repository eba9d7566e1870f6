package io.revfs.workspace.store;

import java.io.IOException;

/** A file or directory that cannot be tracked, for a reason that its owner can mend. */
public final class RefusedException extends IOException {
  private static final long serialVersionUID = 1L;
  private final String whatToDo;

  /** One line each. */
  public RefusedException(String message, String whatToDo) {
    super(message);
    this.whatToDo = whatToDo;
  }

  /** Returns what its owner can do. */
  public String whatToDo() {
    return whatToDo;
  }
}
