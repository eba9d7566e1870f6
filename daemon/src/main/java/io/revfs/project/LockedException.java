package io.revfs.project;

import java.io.IOException;

/** Somebody else works on what is wanted. */
public final class LockedException extends IOException {
  private static final long serialVersionUID = 1L;
  private final String whatToDo;

  LockedException(String message, String whatToDo) {
    super(message);
    this.whatToDo = whatToDo;
  }

  /** Returns what to do about it, one line. */
  public String whatToDo() {
    return whatToDo;
  }
}
