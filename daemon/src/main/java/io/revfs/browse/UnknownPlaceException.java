package io.revfs.browse;

import java.io.IOException;

/** What a caller named is not there: the message says what, {@link #hint} what to do. */
public final class UnknownPlaceException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;
  private final String hint;

  /** What is not there. */
  public enum Kind {
    /** The location is neither absolute nor a URL. */
    NO_LOCATION,
    /** The location is in no repository. */
    NO_REPOSITORY,
    /** The path is not in the revision. */
    NO_PATH
  }

  /**
   * @param message what is not there
   * @param hint what the caller can do
   */
  public UnknownPlaceException(Kind kind, String message, String hint) {
    super(message);
    this.kind = kind;
    this.hint = hint;
  }

  /** Returns what is not there. */
  public Kind kind() {
    return kind;
  }

  /** Returns what the caller can do. */
  public String hint() {
    return hint;
  }
}
