package io.revfs.transfer;

import io.revfs.object.ObjectKey;
import io.revfs.workspace.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Objects that belong together: manifests with what they name, and single files. Small, also where
 * a directory has a million files: names are read from the manifests when they are asked for. Not
 * thread-safe.
 */
public final class ObjectSet {
  private final Map<ObjectKey, ObjectKeys> directories = new LinkedHashMap<>();
  private final List<Part> parts = new ArrayList<>();
  private final Set<ObjectKey> files = new LinkedHashSet<>();
  private final Map<ObjectKey, String> names = new HashMap<>();

  /** A directory, or what of it is meant, and how people call it. */
  private record Part(ObjectKey manifest, String inside, String name) {}

  /** Adds a file; {@code name} is for people. */
  public void addFile(ObjectKey key, String name) {
    files.add(key);
    names.putIfAbsent(key, name);
  }

  /**
   * Adds a directory.
   *
   * @param inside the part that is meant, by its path in the directory; empty: all
   * @param name for people
   * @param contents what the manifest names in that part
   */
  public void addDirectory(ObjectKey manifest, String inside, String name, ObjectKeys contents) {
    ObjectKeys before = directories.get(manifest);
    directories.put(
        manifest,
        before == null
            ? contents
            : new ObjectKeys.Builder().addAll(before).addAll(contents).build());
    names.putIfAbsent(manifest, name);
    parts.add(new Part(manifest, inside, name));
  }

  /** Returns all objects. */
  public Set<ObjectKey> all() {
    ObjectKeys.Builder all = new ObjectKeys.Builder().addAll(files);
    directories.values().forEach(all::addAll);
    return all.addAll(directories.keySet()).build();
  }

  /** Returns the manifests. */
  public Set<ObjectKey> manifests() {
    return directories.keySet();
  }

  /** Returns what a manifest of this set names here. */
  public Set<ObjectKey> contents(ObjectKey manifest) {
    return directories.getOrDefault(manifest, ObjectKeys.NONE);
  }

  /** Returns objects that are no manifests, once each, without what these manifests name. */
  ObjectKeys filesBut(Collection<ObjectKey> complete) {
    ObjectKeys.Builder left = new ObjectKeys.Builder().addAll(files);
    directories.forEach(
        (manifest, contents) -> {
          if (!complete.contains(manifest)) {
            left.addAll(contents);
          }
        });
    ObjectKeys all = left.build();
    for (ObjectKey manifest : complete) {
      all = all.without(contents(manifest));
    }
    return all;
  }

  /** Returns how people call objects of this set, those of directories by their paths in them. */
  public Map<ObjectKey, String> names(ObjectStore store, Collection<ObjectKey> keys)
      throws IOException {
    Map<ObjectKey, String> found = new HashMap<>();
    for (ObjectKey key : keys) {
      String name = names.get(key);
      if (name != null) {
        found.put(key, name);
      }
    }
    for (Part part : parts) {
      if (found.size() == keys.size()) {
        break;
      }
      Manifests.read(
          store,
          part.manifest(),
          part.inside(),
          (path, key) -> {
            if (keys.contains(key)) {
              found.putIfAbsent(key, part.name() + "/" + path);
            }
          });
    }
    return found;
  }

  /** Returns whether there is nothing in it. */
  public boolean isEmpty() {
    return directories.isEmpty() && files.isEmpty();
  }
}
