package io.revfs.transfer;

import io.revfs.object.ObjectKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Objects that belong together: manifests with what they name, and single files. Not thread-safe.
 */
public final class ObjectSet {
  private final Map<ObjectKey, Set<ObjectKey>> directories = new LinkedHashMap<>();
  private final Set<ObjectKey> files = new LinkedHashSet<>();
  private final Map<ObjectKey, String> names = new LinkedHashMap<>();

  /** Adds a file; {@code name} is for people. */
  public void addFile(ObjectKey key, String name) {
    files.add(key);
    names.putIfAbsent(key, name);
  }

  /** Adds a directory, or a part of it, with the files named by their paths in it. */
  public void addDirectory(ObjectKey manifest, String name, List<Manifests.Entry> entries) {
    Set<ObjectKey> contents = directories.computeIfAbsent(manifest, m -> new LinkedHashSet<>());
    names.putIfAbsent(manifest, name);
    for (Manifests.Entry entry : entries) {
      contents.add(entry.key());
      names.putIfAbsent(entry.key(), name + "/" + entry.path());
    }
  }

  /** Returns all objects. */
  public Set<ObjectKey> all() {
    Set<ObjectKey> all = new LinkedHashSet<>(files);
    directories.values().forEach(all::addAll);
    all.addAll(directories.keySet());
    return all;
  }

  /** Returns the manifests. */
  public Set<ObjectKey> manifests() {
    return directories.keySet();
  }

  /** Returns what a manifest of this set names here. */
  public Set<ObjectKey> contents(ObjectKey manifest) {
    return directories.getOrDefault(manifest, Set.of());
  }

  /** Returns objects that are no manifests, once each, without what these manifests name. */
  Set<ObjectKey> filesBut(Collection<ObjectKey> complete) {
    Set<ObjectKey> left = new LinkedHashSet<>(files);
    for (Map.Entry<ObjectKey, Set<ObjectKey>> directory : directories.entrySet()) {
      if (!complete.contains(directory.getKey())) {
        left.addAll(directory.getValue());
      }
    }
    List<ObjectKey> known = new ArrayList<>();
    complete.forEach(manifest -> known.addAll(contents(manifest)));
    known.forEach(left::remove);
    return left;
  }

  /** Returns how people know an object. */
  public Optional<String> name(ObjectKey key) {
    return Optional.ofNullable(names.get(key));
  }

  /** Returns whether there is nothing in it. */
  public boolean isEmpty() {
    return directories.isEmpty() && files.isEmpty();
  }
}
