package io.revfs.workingcopy.output;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.object.ObjectKey;
import io.revfs.object.Origins;
import io.revfs.repository.ShownOutput;
import io.revfs.snapshot.Entry;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The outputs that the files of a work tree name now, by the file that names them. A change swaps
 * the whole, so that readers see one state. Thread-safe.
 */
public final class Outputs {
  @GuardedBy("this")
  private final TreeMap<String, List<ShownOutput>> byFile = new TreeMap<>();

  private volatile OutputPlaces places = new OutputPlaces();
  private volatile Map<String, Entry> byPath = Map.of();

  /** Returns them by place. */
  public OutputPlaces places() {
    return places;
  }

  /** Returns an output. */
  public Optional<Entry> output(String path) {
    return Optional.ofNullable(byPath.get(path));
  }

  /** Returns what the output that a path is in holds, as a word; empty if it is in none. */
  public Optional<String> version(List<String> path) {
    return places.outputAround(path).map(Outputs::version);
  }

  /** Returns what an output holds, as a word. */
  public static String version(Entry output) {
    return output.key().map(ObjectKey::name).orElse("unknown");
  }

  /** Returns where outputs come from, each place once. */
  public Set<Origins> origins() {
    Set<Origins> origins = new LinkedHashSet<>();
    byPath.values().forEach(entry -> origins.add(entry.origins()));
    return origins;
  }

  /** Returns an output that has this recorded. */
  public Optional<Entry> withKey(ObjectKey key) {
    return byPath.values().stream()
        .filter(entry -> entry.key().filter(key::equals).isPresent())
        .findFirst();
  }

  /** What a change did: outputs before and after, by path, of those that are not the same. */
  public record Change(Map<String, Entry> before, Map<String, Entry> after) {
    public boolean isEmpty() {
      return before.isEmpty() && after.isEmpty();
    }
  }

  /** A file names these outputs now; none: it is gone, or names none. */
  public synchronized Change set(String file, List<ShownOutput> outputs) {
    if (outputs.isEmpty()) {
      byFile.remove(file);
    } else {
      byFile.put(file, List.copyOf(outputs));
    }
    return rebuild();
  }

  /** Replaces all. */
  public synchronized Change setAll(Map<String, List<ShownOutput>> all) {
    byFile.clear();
    byFile.putAll(all);
    return rebuild();
  }

  /** Returns whether files in a directory name outputs. */
  public synchronized boolean areNamedBelow(String directory) {
    String first = byFile.ceilingKey(directory + "/");
    return first != null && first.startsWith(directory + "/");
  }

  @GuardedBy("this")
  private Change rebuild() {
    OutputPlaces fresh = new OutputPlaces();
    Map<String, Entry> now = new LinkedHashMap<>();
    byFile
        .values()
        .forEach(
            outputs ->
                outputs.forEach(
                    output -> {
                      fresh.put(output.path(), output.entry());
                      now.putIfAbsent(output.path(), output.entry());
                    }));
    Map<String, Entry> before = new LinkedHashMap<>(byPath);
    Map<String, Entry> after = new LinkedHashMap<>(now);
    before
        .entrySet()
        .removeIf(
            old -> {
              Entry same = now.get(old.getKey());
              boolean unchanged = same != null && isSame(old.getValue(), same);
              if (unchanged) {
                after.remove(old.getKey());
              }
              return unchanged;
            });
    places = fresh;
    byPath = now;
    return new Change(before, after);
  }

  private static boolean isSame(Entry one, Entry other) {
    return one.key().isPresent()
        && one.key().equals(other.key())
        && one.executable() == other.executable()
        && one.problem().equals(other.problem());
  }
}
