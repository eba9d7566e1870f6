package io.revfs.seal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.object.ObjectSource;
import io.revfs.object.Origins;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Where the objects of all commits that were ever sealed by this process may come from. It only
 * grows, since an overlay that was detached while files were open in it still asks. Thread-safe.
 */
final class KnownOrigins {
  @GuardedBy("this")
  private final Set<ObjectSource> sources = new LinkedHashSet<>();

  private volatile Origins all = new Origins(List.of());

  synchronized void add(Origins origins) {
    if (sources.addAll(origins.sources())) {
      all = new Origins(new ArrayList<>(sources));
    }
  }

  Origins all() {
    return all;
  }
}
