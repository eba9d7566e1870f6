package io.revfs.mount;

import java.io.IOException;

/** A mount that cannot be had; the message says why and what to do. */
public final class MountRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  MountRefusedException(String message) {
    super(message);
  }

  MountRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
