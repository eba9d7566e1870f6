package io.revfs.command.tracking;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What differs between two {@link DataTree}s. */
final class TreeDiff {
  /** How something differs. */
  enum Kind {
    ADDED,
    DELETED,
    MODIFIED,
    RENAMED,
    UNCHANGED,
    /** In a directory whose list the cache lacks, so that nothing can be said of it. */
    UNKNOWN
  }

  /** An output, or a file in one. */
  record Item(String path, boolean isDirectory, Optional<ObjectKey> key) {
    /** Returns the path, with a slash behind directories. */
    String shown() {
      return isDirectory ? path + "/" : path;
    }
  }

  /** One difference; a side that is not there is null. */
  record Change(Kind kind, @Nullable Item before, @Nullable Item after) {
    /** Returns the side that is there, the later first. */
    Item any() {
      return after != null ? after : java.util.Objects.requireNonNull(before);
    }
  }

  /**
   * How much is compared.
   *
   * @param granular also the files in directories
   * @param unchanged also what does not differ
   * @param byHash whether an output of which nothing is recorded counts as absent
   */
  record Options(boolean granular, boolean unchanged, boolean byHash) {}

  private final Options options;
  private final List<Change> changes = new ArrayList<>();

  private TreeDiff(Options options) {
    this.options = options;
  }

  /** Returns the differences, renames found. */
  static List<Change> between(DataTree before, DataTree after, Options options) throws IOException {
    TreeDiff diff = new TreeDiff(options);
    TreeSet<String> paths = new TreeSet<>(before.outs().keySet());
    paths.addAll(after.outs().keySet());
    for (String path : paths) {
      diff.output(path, before.outs().get(path), after.outs().get(path));
    }
    return withRenames(diff.changes);
  }

  private void output(String path, DataTree.@Nullable Node before, DataTree.@Nullable Node after)
      throws IOException {
    Item old = before == null ? null : new Item(path, before.isDirectory(), before.key());
    Item now = after == null ? null : new Item(path, after.isDirectory(), after.key());
    Kind kind = kind(old, now);
    add(kind, old, now);
    boolean skipped = kind == Kind.UNCHANGED && !options.unchanged();
    if (options.granular() && !skipped) {
      files(path, before, after);
    }
  }

  private Kind kind(@Nullable Item old, @Nullable Item now) {
    Optional<ObjectKey> before = old == null ? Optional.empty() : old.key();
    Optional<ObjectKey> after = now == null ? Optional.empty() : now.key();
    boolean had = options.byHash() ? before.isPresent() : old != null;
    boolean has = options.byHash() ? after.isPresent() : now != null;
    if (!had || !has) {
      return had ? Kind.DELETED : has ? Kind.ADDED : Kind.UNCHANGED;
    }
    return before.equals(after) ? Kind.UNCHANGED : Kind.MODIFIED;
  }

  private void files(String out, DataTree.@Nullable Node before, DataTree.@Nullable Node after)
      throws IOException {
    Optional<Map<String, Digest>> old = before == null ? none() : before.files().get();
    Optional<Map<String, Digest>> now = after == null ? none() : after.files().get();
    boolean unknown = old.isEmpty() || now.isEmpty();
    Map<String, Digest> had = new TreeMap<>(old.orElse(Map.of()));
    Map<String, Digest> has = new TreeMap<>(now.orElse(Map.of()));
    TreeSet<String> paths = new TreeSet<>(had.keySet());
    paths.addAll(has.keySet());
    for (String path : paths) {
      Item before1 = item(out + "/" + path, had.get(path));
      Item after1 = item(out + "/" + path, has.get(path));
      add(unknown ? Kind.UNKNOWN : kind(before1, after1), before1, after1);
    }
  }

  private static Optional<Map<String, Digest>> none() {
    return Optional.of(Map.of());
  }

  private static @Nullable Item item(String path, @Nullable Digest digest) {
    return digest == null ? null : new Item(path, false, Optional.of(ObjectKey.file(digest)));
  }

  private void add(Kind kind, @Nullable Item old, @Nullable Item now) {
    if (kind != Kind.UNCHANGED || options.unchanged()) {
      changes.add(new Change(kind, old, now));
    }
  }

  /** What was added with the object of something deleted was renamed. */
  private static List<Change> withRenames(List<Change> changes) {
    List<Change> result = new ArrayList<>();
    List<Change> added = new ArrayList<>();
    Map<ObjectKey, Deque<Change>> deleted = new HashMap<>();
    changes.stream()
        .filter(change -> change.kind() == Kind.DELETED)
        .sorted(Comparator.comparing(change -> change.any().path()))
        .forEach(
            change ->
                change
                    .any()
                    .key()
                    .ifPresent(
                        key -> deleted.computeIfAbsent(key, k -> new ArrayDeque<>()).add(change)));
    for (Change change : changes) {
      switch (change.kind()) {
        case ADDED -> added.add(change);
        case DELETED -> {
          if (change.any().key().isEmpty()) {
            result.add(change);
          }
        }
        case MODIFIED, RENAMED, UNCHANGED, UNKNOWN -> result.add(change);
      }
    }
    added.sort(Comparator.comparing(change -> change.any().path()));
    for (Change change : added) {
      Deque<Change> same = change.any().key().map(deleted::get).orElse(null);
      if (same == null || same.isEmpty()) {
        result.add(change);
      } else {
        result.add(new Change(Kind.RENAMED, same.removeFirst().before(), change.after()));
      }
    }
    deleted.values().forEach(result::addAll);
    return result;
  }
}
