package io.revfs.object;

import java.util.List;

/**
 * Where an object may be fetched from, in the order to try. An immutable value that is shared by
 * the objects of one output (or repository), so that it costs nothing per object.
 */
public record Origins(List<ObjectSource> sources) {
  public Origins {
    sources = List.copyOf(sources);
  }

  /** Returns the origins' names for people. */
  public String names() {
    return sources.isEmpty()
        ? "no remote (none is configured)"
        : String.join(", ", sources.stream().map(ObjectSource::name).toList());
  }
}
