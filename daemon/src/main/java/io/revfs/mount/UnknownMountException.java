package io.revfs.mount;

import java.io.IOException;

/** Nothing is mounted where the caller says. */
public final class UnknownMountException extends IOException {
  private static final long serialVersionUID = 1L;

  UnknownMountException(String message) {
    super(message);
  }
}
