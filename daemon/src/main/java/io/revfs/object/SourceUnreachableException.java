package io.revfs.object;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A source did not answer, or refused: down, too slow, wrong credentials. Messages hold no
 * credentials.
 */
public final class SourceUnreachableException extends IOException {
  private static final long serialVersionUID = 1L;
  private final boolean isTransient;

  /**
   * @param isTransient whether trying again soon may help (time-out, 503, reset) or not (denied)
   */
  public SourceUnreachableException(
      String source, String why, boolean isTransient, @Nullable Throwable cause) {
    super(source + ": " + why, cause);
    this.isTransient = isTransient;
  }

  /** Returns whether trying again soon may help. */
  public boolean isTransient() {
    return isTransient;
  }
}
