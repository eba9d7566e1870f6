package io.revfs.tree;

import io.revfs.cache.Cache;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectSource;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.FixedAttributes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The extended attributes that say where a file or directory comes from. Thread-safe. */
public final class Provenance {
  private static final String DIGEST = FixedAttributes.DIGEST;
  private static final String COMMIT = "user.revfs.commit";
  private static final String CACHED = "user.revfs.cached";
  private static final String REMOTE = "user.revfs.remote";

  private final Cache cache;

  Provenance(Cache cache) {
    this.cache = cache;
  }

  /** Returns the names of a node's attributes. */
  List<String> names(Node node) {
    return switch (node) {
      case Node.File file -> List.of(DIGEST, COMMIT, CACHED, REMOTE);
      case Node.Tree tree ->
          tree.entry().key().isPresent() ? List.of(COMMIT, DIGEST, REMOTE) : List.of(COMMIT);
      default -> List.of();
    };
  }

  /**
   * Returns an attribute's value. A file's node is the same in every revision, so its commit is the
   * one in which it was met first; a directory's is the one it belongs to.
   */
  Optional<String> value(Node node, String name) {
    return switch (node) {
      case Node.File file -> value(file.commit(), file.entry(), name);
      case Node.Tree tree -> value(tree.commit(), tree.entry(), name);
      default -> Optional.empty();
    };
  }

  /**
   * Returns the attributes of an entry that never change, those that many entries have alike last:
   * the digest, the commit, the remotes.
   */
  public static Map<String, String> fixed(String commit, Entry entry) {
    Map<String, String> all = new LinkedHashMap<>();
    entry.key().ifPresent(key -> all.put(DIGEST, key.toString()));
    all.put(COMMIT, commit);
    remotes(entry).ifPresent(names -> all.put(REMOTE, names));
    return all;
  }

  private static Optional<String> remotes(Entry entry) {
    List<ObjectSource> sources = entry.origins().sources();
    return sources.isEmpty()
        ? Optional.empty()
        : Optional.of(String.join(",", sources.stream().map(ObjectSource::name).toList()));
  }

  private Optional<String> value(String commit, Entry entry, String name) {
    Optional<ObjectKey> key = entry.key();
    return switch (name) {
      case COMMIT -> Optional.of(commit);
      case DIGEST -> key.map(ObjectKey::toString);
      case REMOTE -> remotes(entry);
      case CACHED ->
          entry.directory().isPresent() || key.isEmpty()
              ? Optional.empty()
              : Optional.of(Integer.toString(cachedPercent(entry, key.get())));
      default -> Optional.empty();
    };
  }

  private int cachedPercent(Entry entry, ObjectKey key) {
    return entry.tracking() == Entry.Tracking.GIT ? 100 : cache.presence(key).percent();
  }
}
