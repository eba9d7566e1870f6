package io.revfs.metric;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a file of values holds, or why that cannot be said.
 *
 * @param value plain, null where there is an error
 */
public record FileValues(@Nullable Object value, Optional<IOException> error) {
  static FileValues of(@Nullable Object value) {
    return new FileValues(value, Optional.empty());
  }

  static FileValues failed(IOException error) {
    return new FileValues(null, Optional.of(error));
  }
}
