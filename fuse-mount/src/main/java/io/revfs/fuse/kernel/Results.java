package io.revfs.fuse.kernel;

import io.revfs.fuse.Errno;
import io.revfs.fuse.FuseException;

/** What system calls gave, as the kernel is to be told. */
final class Results {
  private Results() {}

  /** Returns a result, or throws for a negated error number. */
  @com.google.errorprone.annotations.CanIgnoreReturnValue
  static long check(long result, String call) throws FuseException {
    if (result < 0) {
      throw new FuseException(Errno.of((int) -result), call);
    }
    return result;
  }
}
