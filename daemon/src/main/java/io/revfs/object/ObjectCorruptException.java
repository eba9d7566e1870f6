package io.revfs.object;

import java.io.IOException;

/** The bytes found are not those that the digest names. */
public final class ObjectCorruptException extends IOException {
  private static final long serialVersionUID = 1L;

  /** {@code found} says what was seen instead: a digest, a length. */
  public ObjectCorruptException(ObjectKey key, String where, String found) {
    super(key + " from " + where + " is damaged: " + found);
  }
}
