package io.revfs.command.hooks;

import io.revfs.object.Digest;
import io.revfs.workspace.store.ManifestItem;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A directory that two made of a third: what one of them changed is taken from there, and what both
 * changed alike.
 *
 * @param items what it holds
 * @param conflicts paths that both changed, each in its own way; sorted
 */
record ManifestMerge(List<ManifestItem> items, Collection<String> conflicts) {
  static ManifestMerge of(
      List<ManifestItem> ancestor, List<ManifestItem> ours, List<ManifestItem> theirs) {
    Map<String, Digest> before = byPath(ancestor);
    Map<String, Digest> mine = byPath(ours);
    Map<String, Digest> other = byPath(theirs);
    TreeSet<String> paths = new TreeSet<>(before.keySet());
    paths.addAll(mine.keySet());
    paths.addAll(other.keySet());
    TreeSet<String> conflicts = new TreeSet<>();
    Map<String, Digest> merged = new LinkedHashMap<>();
    for (String path : paths) {
      @Nullable Digest was = before.get(path);
      @Nullable Digest our = mine.get(path);
      @Nullable Digest their = other.get(path);
      boolean both = !Objects.equals(our, was) && !Objects.equals(their, was);
      if (both && !Objects.equals(our, their)) {
        conflicts.add(path);
      }
      Digest now = Objects.equals(our, was) ? their : our;
      if (now != null) {
        merged.put(path, now);
      }
    }
    for (String path : merged.keySet()) {
      int slash = path.indexOf('/');
      for (; slash >= 0; slash = path.indexOf('/', slash + 1)) {
        if (merged.containsKey(path.substring(0, slash))) {
          conflicts.add(path); // one made a file where the other has a directory
        }
      }
    }
    return new ManifestMerge(
        merged.entrySet().stream().map(e -> new ManifestItem(e.getKey(), e.getValue())).toList(),
        conflicts);
  }

  private static Map<String, Digest> byPath(List<ManifestItem> items) {
    Map<String, Digest> byPath = new LinkedHashMap<>();
    items.forEach(item -> byPath.put(item.path(), item.digest()));
    return byPath;
  }
}
