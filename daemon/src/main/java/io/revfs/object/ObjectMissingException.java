package io.revfs.object;

import java.io.IOException;

/** The object is not where it was looked for. */
public final class ObjectMissingException extends IOException {
  private static final long serialVersionUID = 1L;

  /** {@code where}: the sources that were asked, for people. */
  public ObjectMissingException(ObjectKey key, String where) {
    super(key + " is not on " + where);
  }

  /** For a store's key that is no digest. */
  public ObjectMissingException(String key, String where) {
    super(key + " is not on " + where);
  }

  /**
   * None: sources are asked in turn, so this is thrown all the time, and says all by its message.
   */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
