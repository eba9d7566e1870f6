package io.revfs.project;

import java.io.IOException;

/** There is no DVC project where one is needed. */
public final class NotInProjectException extends IOException {
  private static final long serialVersionUID = 1L;

  NotInProjectException(String message) {
    super(message);
  }
}
