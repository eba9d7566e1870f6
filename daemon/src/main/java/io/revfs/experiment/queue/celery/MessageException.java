package io.revfs.experiment.queue.celery;

import java.io.IOException;

/** A message that cannot be understood; what it says is why. */
public final class MessageException extends IOException {
  private static final long serialVersionUID = 1L;

  MessageException(String message) {
    super(message);
  }
}
