package io.revfs.plot;

import java.io.IOException;

/**
 * A plot that cannot be made of what is there.
 *
 * <p>{@link #type} is the name that DVC's own error has: programs that read its JSON know that.
 */
public final class PlotException extends IOException {
  private static final long serialVersionUID = 1L;
  private final String type;

  /** {@code message} is one line. */
  public PlotException(String type, String message) {
    super(message);
    this.type = type;
  }

  /** Returns DVC's name of the error. */
  public String type() {
    return type;
  }
}
