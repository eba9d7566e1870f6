package io.revfs.repository;

import java.io.IOException;
import java.util.List;

/** No commit has this name. */
public final class UnknownRevisionException extends IOException {
  private static final long serialVersionUID = 1L;

  /** {@code near}: similar names to offer. */
  public UnknownRevisionException(String revision, List<String> near) {
    this(revision, near, false);
  }

  /** {@code shallow}: whether the repository is a shallow clone. */
  UnknownRevisionException(String revision, List<String> near, boolean shallow) {
    super(
        "unknown revision '%s'%s%s%s"
            .formatted(
                revision,
                revision.equals("HEAD") ? ": nothing is committed yet" : "",
                near.isEmpty() ? "" : "; did you mean " + String.join(", ", near) + "?",
                shallow
                    ? "; this is a shallow clone: git fetch --unshallow brings all commits"
                    : ""));
  }
}
