package io.revfs.experiment;

import java.io.IOException;
import java.util.List;

/** A name that several experiments have; none of them began with {@code HEAD}. */
public final class AmbiguousExperimentException extends IOException {
  private static final long serialVersionUID = 1L;

  AmbiguousExperimentException(String name, List<ExperimentRef> found) {
    super(
        "'%s' names %d experiments: %s"
            .formatted(
                name,
                found.size(),
                String.join(", ", found.stream().map(ExperimentRef::ref).toList())));
  }
}
