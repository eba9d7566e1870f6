package io.revfs.fuse.device;

import java.io.IOException;

/** This process may not speak with the kernel, or this kernel cannot; libfuse's way may work. */
public final class UnavailableException extends IOException {
  private static final long serialVersionUID = 1L;

  public UnavailableException(String message) {
    super(message);
  }
}
