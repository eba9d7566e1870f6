package io.revfs.workingcopy.output;

import io.revfs.snapshot.Entry;
import io.revfs.snapshot.FixedDirectory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Outputs by the names of their paths. Immutable once it is built; then thread-safe. */
public final class OutputPlaces {
  private final TreeMap<String, OutputPlaces> children = new TreeMap<>(FixedDirectory.BY_BYTES);
  private @Nullable Entry output;

  /** Adds an output while this is built; what is there already stays. */
  public void put(String path, Entry entry) {
    OutputPlaces at = this;
    for (String name : path.split("/")) {
      at = at.children.computeIfAbsent(name, n -> new OutputPlaces());
    }
    if (at.output == null) {
      at.output = entry;
    }
  }

  public boolean isEmpty() {
    return children.isEmpty();
  }

  /** Returns the names in a directory on the way to outputs. */
  public List<String> names() {
    return List.copyOf(children.keySet());
  }

  /**
   * Returns what is at a path; may read a directory's listing.
   *
   * @throws IOException if that cannot be had
   */
  public Optional<Shown> find(List<String> path) throws IOException {
    OutputPlaces at = this;
    for (int i = 0; i < path.size(); i++) {
      at = at.children.get(path.get(i));
      if (at == null) {
        return Optional.empty();
      }
      if (at.output != null) {
        String output = String.join("/", path.subList(0, i + 1));
        return inside(at.output, path, i + 1, output);
      }
    }
    return Optional.of(new Shown(path, "", Optional.empty(), Optional.of(at)));
  }

  private static Optional<Shown> inside(Entry output, List<String> path, int from, String name)
      throws IOException {
    Entry at = output;
    for (int i = from; i < path.size(); i++) {
      if (at.directory().isEmpty()) {
        return Optional.empty();
      }
      Optional<Entry> next = at.directory().get().find(path.get(i));
      if (next.isEmpty()) {
        return Optional.empty();
      }
      at = next.get();
    }
    return Optional.of(new Shown(path, name, Optional.of(at), Optional.empty()));
  }

  /** Returns whether a path is an output or lies in one; asks nobody. */
  public boolean isInside(List<String> path) {
    OutputPlaces at = this;
    for (String name : path) {
      at = at.children.get(name);
      if (at == null) {
        return false;
      }
      if (at.output != null) {
        return true;
      }
    }
    return false;
  }

  /** Returns the output that a path is in; asks nobody. */
  public Optional<Entry> outputAround(List<String> path) {
    OutputPlaces at = this;
    for (String name : path) {
      at = at.children.get(name);
      if (at == null) {
        return Optional.empty();
      }
      if (at.output != null) {
        return Optional.of(at.output);
      }
    }
    return Optional.empty();
  }

  /**
   * Returns whether {@link #find} of a path, or listing what it finds, answers without waiting for
   * anything slow.
   */
  public boolean isReady(List<String> path) throws IOException {
    OutputPlaces at = this;
    for (String name : path) {
      at = at.children.get(name);
      if (at == null) {
        return true;
      }
      Entry found = at.output;
      if (found != null) {
        return found.directory().isEmpty() || found.directory().get().isReady();
      }
    }
    return true;
  }

  /** Returns the paths of all outputs below. */
  public List<String> outputs(String prefix) {
    List<String> all = new ArrayList<>();
    children.forEach(
        (name, child) -> {
          String path = prefix.isEmpty() ? name : prefix + "/" + name;
          if (child.output != null) {
            all.add(path);
          } else {
            all.addAll(child.outputs(path));
          }
        });
    return all;
  }
}
