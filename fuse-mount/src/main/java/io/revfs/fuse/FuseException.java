package io.revfs.fuse;

import org.jspecify.annotations.Nullable;

/** A failed request: the error number for the kernel, and a message for the log. */
public class FuseException extends Exception {
  private static final long serialVersionUID = 1L;
  private final Errno errno;

  /** An expected failure; carries no stack trace, since programs probe for files all the time. */
  public FuseException(Errno errno, String message) {
    this(errno, message, null, false);
  }

  /** A failure with a cause, which is logged with its stack. */
  public FuseException(Errno errno, String message, Throwable cause) {
    this(errno, message, cause, true);
  }

  FuseException(Errno errno, String message, @Nullable Throwable cause, boolean stackTrace) {
    super(errno + ": " + message, cause, false, stackTrace);
    this.errno = errno;
  }

  /** Returns what the kernel is told. */
  public Errno errno() {
    return errno;
  }
}
