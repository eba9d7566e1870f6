package io.revfs.dvc.pickle;

import java.io.IOException;

/** Bytes that are no pickle of plain values; the message says why. */
public final class PickleException extends IOException {
  private static final long serialVersionUID = 1L;

  PickleException(String message) {
    super(message);
  }
}
