package io.revfs.fuse;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.io.InterruptedIOException;
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

  /** Something that reads what a tree shows. */
  @FunctionalInterface
  public interface Work<T> {
    T run() throws IOException, FuseException;
  }

  /**
   * Runs work, and translates what goes wrong; I/O failures keep their cause, so they are logged.
   */
  public static <T> T translating(Work<T> work) throws FuseException {
    try {
      return work.run();
    } catch (IOException e) {
      throw of(e);
    }
  }

  /** Returns the result of a system call, or throws for a negated error number. */
  @CanIgnoreReturnValue
  public static long check(long result, String call) throws FuseException {
    if (result < 0) {
      throw new FuseException(Errno.of((int) -result), call);
    }
    return result;
  }

  /** Returns what the kernel is told of an I/O failure, which is the cause. */
  public static FuseException of(IOException e) {
    return e instanceof InterruptedIOException
        ? new FuseException(Errno.EINTR, "interrupted")
        : new FuseException(Errno.EIO, String.valueOf(e.getMessage()), e);
  }

  /** Returns what the kernel is told. */
  public Errno errno() {
    return errno;
  }
}
