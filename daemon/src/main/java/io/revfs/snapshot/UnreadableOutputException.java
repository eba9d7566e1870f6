package io.revfs.snapshot;

import java.io.IOException;

/** An output whose {@code .dvc}, {@code dvc.lock} or manifest cannot be parsed or is refused. */
public final class UnreadableOutputException extends IOException {
  private static final long serialVersionUID = 1L;

  /** {@code message} says why, with file and line. */
  public UnreadableOutputException(String message) {
    super(message);
  }
}
