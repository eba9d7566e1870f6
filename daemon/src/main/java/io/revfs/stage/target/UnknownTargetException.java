package io.revfs.stage.target;

import java.io.IOException;

/** A target that names nothing; the message says so as DVC does. */
public final class UnknownTargetException extends IOException {
  private static final long serialVersionUID = 1L;

  UnknownTargetException(String message) {
    super(message);
  }
}
