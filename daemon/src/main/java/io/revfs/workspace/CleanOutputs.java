package io.revfs.workspace;

import io.revfs.dvc.manifest.ManifestReader;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.posix.FileStat;
import io.revfs.posix.Posix;
import io.revfs.text.RelativePaths;
import io.revfs.workspace.store.Linker;
import io.revfs.workspace.store.ManifestItem;
import io.revfs.workspace.store.Names;
import io.revfs.workspace.store.ObjectStore;
import io.revfs.workspace.store.Parallel;
import io.revfs.workspace.watch.CleanTrees;
import io.revfs.workspace.watch.WatchedObjects;
import io.revfs.workspace.watch.WatchedTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Directories that hold what is recorded, remembered as long as they are watched: then nothing of
 * them is looked at, or only the directories in which something happened. Thread-safe.
 */
final class CleanOutputs {
  private static final int FILES_AT_ONCE = 4096;

  private final CleanTrees trees;
  private final ObjectStore store;
  private final Path root;
  private final TreeReader reader;

  /** {@code root}: of the project. */
  CleanOutputs(CleanTrees trees, ObjectStore store, Path root, TreeReader reader) {
    this.trees = trees;
    this.store = store;
    this.root = root;
    this.reader = reader;
  }

  /** What is known without reading a directory. */
  enum Known {
    /** It is as recorded, and if that was asked, the cache has all of it. */
    CLEAN,
    /** It differs from what is recorded. */
    MODIFIED,
    /** It must be read. */
    NOTHING
  }

  /**
   * Returns what is known of a directory.
   *
   * @param key its recorded manifest
   * @param cached whether the cache must have all that is recorded
   */
  Known known(Path place, ObjectKey key, boolean cached) throws IOException {
    Optional<CleanTrees.Clean> found = trees.find(root, place, key);
    if (found.isEmpty()) {
      return Known.NOTHING;
    }
    CleanTrees.Clean clean = found.get();
    Map<String, Long> dirty = clean.tree().dirty();
    if ((cached || clean.linked()) && !isCached(clean)) {
      return Known.NOTHING;
    }
    if (clean.linked() && !dirty.isEmpty()) {
      trees.forget(place, clean); // what was written may have been objects
      return Known.NOTHING;
    }
    return dirty.isEmpty() ? Known.CLEAN : look(place, clean, dirty);
  }

  /** Returns whether the cache has still all that it had. */
  private boolean isCached(CleanTrees.Clean clean) throws IOException {
    Path base = store.directory(clean.key().digest().algorithm());
    if (clean.objects().isEmpty() || !clean.objects().get().isIn(base)) {
      return false;
    }
    WatchedObjects objects = clean.objects().get();
    Map<String, Long> touched = objects.touched();
    if (clean.linked() && objects.changes() != clean.objectChanges()) {
      return false;
    }
    Digest.Algorithm algorithm = clean.key().digest().algorithm();
    for (String name : touched.keySet()) {
      Optional<ObjectKey> key = ObjectStore.key(algorithm, name);
      if (key.isPresent() && !store.check(key.get())) {
        objects.lost(); // whose it was is not known
        return false;
      }
    }
    objects.settle(touched);
    return true;
  }

  /** Reads the directories in which something happened. */
  private Known look(Path place, CleanTrees.Clean clean, Map<String, Long> dirty)
      throws IOException {
    ObjectKey key = clean.key();
    Digest.Algorithm algorithm = key.digest().algorithm();
    List<FileEntry> now;
    try {
      now = reader.by(algorithm).readFolders(place, dirty.keySet());
    } catch (NoSuchFileException e) {
      return Known.NOTHING;
    }
    Map<String, Digest> left = new HashMap<>();
    for (FileEntry entry : now) {
      if (entry.place() != FileEntry.Place.OWN) {
        trees.forget(place, clean);
        return Known.NOTHING;
      }
      left.put(entry.path(), entry.digest());
    }
    Optional<InputStream> manifest = store.open(key);
    if (manifest.isEmpty()) {
      return Known.NOTHING;
    }
    AtomicBoolean same = new AtomicBoolean(true);
    List<ManifestItem> absent = new ArrayList<>();
    try (InputStream in = manifest.get()) {
      ManifestReader.read(
          in,
          key.name(),
          (path, hex, size, executable) -> {
            if (dirty.containsKey(RelativePaths.parent(path))) {
              Digest recorded = new Digest(algorithm, hex);
              Digest there = left.remove(path);
              if (there == null) {
                absent.add(new ManifestItem(path, recorded));
              } else if (!there.equals(recorded)) {
                same.set(false);
              }
            }
          });
    }
    for (ManifestItem item : absent) {
      if (!PartlyShown.isOnlyShown(place.resolve(item.path()), item.digest())) {
        same.set(false);
      }
    }
    if (!same.get() || !left.isEmpty()) {
      return Known.MODIFIED;
    }
    if (absent.isEmpty()) {
      clean.tree().settle(dirty);
    } // else what is shown may be deleted, which nobody tells of who watches what is below
    return Known.CLEAN;
  }

  /** What reading a directory showed. */
  enum Found {
    ABSENT,
    MODIFIED,
    NOT_IN_CACHE,
    CLEAN
  }

  /** Reads a directory, and watches it from then on if it is as recorded. */
  Found find(Path place, ObjectKey key, boolean cached) throws IOException {
    Digest.Algorithm algorithm = key.digest().algorithm();
    WatchedTree tree = trees.begin(root, place).orElse(null);
    boolean kept = false;
    try {
      WatchedObjects objects =
          tree == null || !cached || store.verifies()
              ? null
              : trees.objects(store.directory(algorithm));
      long changes = objects == null ? 0 : objects.changes();
      Optional<Contents> now = reader.by(algorithm).read(place, tree);
      if (now.isEmpty()) {
        return Found.ABSENT;
      }
      if (!now.get().key().equals(key)) {
        return Found.MODIFIED;
      }
      if (!(now.get() instanceof Contents.Directory directory)) {
        return Found.CLEAN;
      }
      Look look = new Look(place);
      if (!cached) {
        if (tree != null && look.areOwn(directory.entries())) {
          kept = true;
          trees.keep(place, new CleanTrees.Clean(tree, key, Optional.empty(), false, 0));
        }
        return Found.CLEAN;
      }
      if (!store.check(key) || !look.haveObjects(directory.entries())) {
        return Found.NOT_IN_CACHE;
      }
      boolean linked = look.linked.get();
      if (tree != null && objects != null && (!linked || look.isAlone(directory.entries()))) {
        kept = true;
        trees.keep(place, new CleanTrees.Clean(tree, key, Optional.of(objects), linked, changes));
      }
      return Found.CLEAN;
    } finally {
      if (!kept && tree != null) {
        tree.close();
      }
    }
  }

  /** A look at files and their objects. */
  private final class Look {
    private final Path place;
    private final AtomicBoolean linked = new AtomicBoolean();

    Look(Path place) {
      this.place = place;
    }

    boolean areOwn(List<FileEntry> entries) {
      return entries.stream().allMatch(entry -> entry.place() == FileEntry.Place.OWN);
    }

    boolean haveObjects(List<FileEntry> entries) throws IOException {
      AtomicBoolean all = new AtomicBoolean(true);
      List<List<FileEntry>> pieces = new ArrayList<>();
      for (int at = 0; at < entries.size(); at += FILES_AT_ONCE) {
        pieces.add(entries.subList(at, Math.min(entries.size(), at + FILES_AT_ONCE)));
      }
      Parallel.run(
          pieces,
          () ->
              (piece, more) -> {
                for (FileEntry entry : piece) {
                  FileStat object = store.find(ObjectKey.file(entry.digest()));
                  if (object == null) {
                    all.set(false);
                  } else if (object.links() > 1 || entry.place() != FileEntry.Place.OWN) {
                    linked.set(true);
                  }
                }
              });
      return all.get();
    }

    /**
     * Returns whether files and objects have no names but those that are watched: somebody who
     * writes by another one would not be seen.
     */
    boolean isAlone(List<FileEntry> entries) throws IOException {
      List<FileEntry> sorted = new ArrayList<>(entries);
      sorted.sort(Comparator.comparing(FileEntry::digest, Digest.BY_HASH));
      for (int from = 0; from < sorted.size(); ) {
        int to = from;
        while (to < sorted.size() && sorted.get(to).digest().equals(sorted.get(from).digest())) {
          to++;
        }
        if (!isAlone(ObjectKey.file(sorted.get(from).digest()), sorted.subList(from, to))) {
          return false;
        }
        from = to;
      }
      return true;
    }

    private boolean isAlone(ObjectKey key, List<FileEntry> files) throws IOException {
      FileStat object = store.find(key);
      if (object == null) {
        return false;
      }
      int names = 1;
      for (FileEntry file : files) {
        byte[] path = Names.bytes(place.resolve(file.path()));
        switch (file.place()) {
          case OWN, SHOWN -> {}
          case SYMBOLIC_LINK -> {
            if (!Arrays.equals(Posix.readLink(Posix.AT_FDCWD, path), Linker.linked(store, key))) {
              return false;
            }
          }
          case HARD_LINK -> {
            FileStat stat = Posix.stat(Posix.AT_FDCWD, path, false);
            if (stat == null
                || stat.inode() != object.inode()
                || stat.device() != object.device()) {
              return false;
            }
            names++;
          }
        }
      }
      return object.links() == names;
    }
  }
}
