package io.revfs.repository;

import java.io.IOException;
import java.util.List;

/** No commit has this name. */
public final class UnknownRevisionException extends IOException {
  private static final long serialVersionUID = 1L;

  /** {@code near}: similar names to offer. */
  public UnknownRevisionException(String revision, List<String> near) {
    super(
        "unknown revision '%s'%s%s"
            .formatted(
                revision,
                revision.equals("HEAD") ? ": nothing is committed yet" : "",
                near.isEmpty() ? "" : "; did you mean " + String.join(", ", near) + "?"));
  }
}
