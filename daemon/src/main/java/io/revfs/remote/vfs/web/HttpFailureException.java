package io.revfs.remote.vfs.web;

import java.io.IOException;

/** An answer that is no success; VFS's own exceptions do not keep the status. */
final class HttpFailureException extends IOException {
  private static final long serialVersionUID = 1L;
  private final int status;

  HttpFailureException(int status, String reason) {
    super("HTTP " + status + " " + reason);
    this.status = status;
  }

  int status() {
    return status;
  }
}
