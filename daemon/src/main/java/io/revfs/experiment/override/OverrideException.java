package io.revfs.experiment.override;

import java.io.IOException;

/** An override that cannot be understood or applied; the message says why in one line. */
public final class OverrideException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String whatToDo;

  OverrideException(String message, String whatToDo) {
    super(message);
    this.whatToDo = whatToDo;
  }

  /** Returns what to do about it. */
  public String whatToDo() {
    return whatToDo;
  }
}
