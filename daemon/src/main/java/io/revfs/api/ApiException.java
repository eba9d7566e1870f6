package io.revfs.api;

import java.io.IOException;

/** An answer that is an error: what happened, what to do, and the command's exit code. */
final class ApiException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final String hint;
  private final int exit;

  ApiException(int status, String code, String message, String hint, int exit) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.exit = exit;
  }

  static ApiException badRequest(String message) {
    return new ApiException(400, "bad-request", message, "see revfs --help", 254);
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  String hint() {
    return hint;
  }

  int exit() {
    return exit;
  }
}
