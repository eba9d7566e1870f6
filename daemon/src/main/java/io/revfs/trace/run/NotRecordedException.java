package io.revfs.trace.run;

import java.io.IOException;

/** A run could not be recorded, so its command was not started. */
public final class NotRecordedException extends IOException {
  private static final long serialVersionUID = 1L;
  private final String whatToDo;

  NotRecordedException(String message, String whatToDo) {
    super(message);
    this.whatToDo = whatToDo;
  }

  /** Returns what to do about it. */
  public String whatToDo() {
    return whatToDo;
  }
}
