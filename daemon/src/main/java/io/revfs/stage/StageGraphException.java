package io.revfs.stage;

import java.io.IOException;

/** Stages that cannot stand together: outputs that overlap, stages that need each other. */
public final class StageGraphException extends IOException {
  private static final long serialVersionUID = 1L;

  StageGraphException(String message) {
    super(message);
  }
}
