package io.revfs.workspace.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.FileNames;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.posix.Inotify;
import io.revfs.reach.Passages;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Directories of work trees that were as recorded when they were last looked at, and are watched
 * since. Those that were asked for longest ago are given up when more than half of the user's
 * watches would be used. Thread-safe.
 */
public final class CleanTrees implements Closeable {
  private static final Path LIMIT = Path.of("/proc/sys/fs/inotify/max_user_watches");
  private static final int USUAL_LIMIT = 8192;
  private static final int MOST_DIGITS = 32;

  /**
   * How descriptors are called with who keeps them, and their journals: the number is another one
   * when what the journals say is.
   */
  private static final String NAME = "w1x";

  private static final String OF_ANY_VERSION = "w*";

  private final DirectoryWatcher watcher;
  private final WatchMemory memory;
  private final int most;

  @GuardedBy("this")
  private final LinkedHashMap<Path, Clean> trees = new LinkedHashMap<>(16, 0.75f, true);

  @GuardedBy("this")
  private final Map<Path, WatchedObjects> caches = new HashMap<>();

  /** What a process before this one left, by the places as people have them. */
  @GuardedBy("this")
  private final Map<Path, Clean> inherited = new HashMap<>();

  /** {@code most}: how many directories are watched at most. */
  public CleanTrees(int most) {
    this.most = most;
    this.memory = WatchMemory.NONE;
    this.watcher = new DirectoryWatcher();
  }

  /** As the other one; knows what the process before it knew, and nothing happened to since. */
  public CleanTrees(int most, KeptWatches kept) throws IOException {
    this.most = most;
    Path own = kept.directory();
    Optional<Map.Entry<String, Integer>> before =
        kept.inherited().entrySet().stream()
            .filter(each -> each.getKey().startsWith(NAME))
            .filter(each -> Files.isDirectory(own.resolve(each.getKey())))
            .findFirst();
    for (String other : kept.inherited().keySet()) {
      if (before.isEmpty() || !before.get().getKey().equals(other)) {
        kept.keep().accept(other, KeptWatches.NO_MORE);
      }
    }
    if (before.isPresent()) {
      WatchJournal journal = WatchJournal.restored(own.resolve(before.get().getKey()));
      this.memory = journal;
      this.watcher = new DirectoryWatcher(journal, Inotify.of(before.get().getValue()), fd -> {});
      inherit(journal);
      return;
    }
    String name = NAME + Long.toString(System.nanoTime(), Character.MAX_RADIX).replace('-', '_');
    deleteOthers(own);
    this.memory = WatchJournal.fresh(own.resolve(name));
    this.watcher = new DirectoryWatcher(memory, null, fd -> kept.keep().accept(name, fd));
  }

  private static void deleteOthers(Path directory) throws IOException {
    Files.createDirectories(directory);
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, OF_ANY_VERSION)) {
      for (Path journal : all) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(journal)) {
          for (Path file : files) {
            Files.delete(file);
          }
        }
        Files.delete(journal);
      }
    }
  }

  /** What a process before this one left, while that is read. */
  private record Left(WatchMemory.Slot slot, boolean holds, byte[] bytes) {}

  /** All are told of events before any is read. */
  private synchronized void inherit(WatchJournal journal) {
    Map<Integer, WatchedObjects> objects = new HashMap<>();
    List<Left> left = new ArrayList<>();
    Set<Integer> others = new HashSet<>();
    journal.inherit(
        (slot, holds, in) -> {
          if (in.readBoolean()) {
            left.add(new Left(slot, holds, in.readAllBytes()));
            return;
          }
          WatchedObjects read = WatchedObjects.read(watcher, slot, in);
          if (holds) {
            read.adopt();
            objects.put(slot.number(), read);
          } else {
            others.addAll(read.watches());
            slot.end();
          }
        });
    for (Left tree : left) {
      try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(tree.bytes()))) {
        inherit(tree, in, objects, others);
      } catch (IOException | RuntimeException e) {
        tree.slot().end();
      }
    }
    objects.values().forEach(each -> caches.put(each.base(), each));
    dropCaches();
    watcher.begin(others);
  }

  @GuardedBy("this")
  private void inherit(
      Left left, DataInputStream in, Map<Integer, WatchedObjects> objects, Set<Integer> others)
      throws IOException {
    int cache = in.readInt();
    Path place = Path.of(FileNames.decode(in.readNBytes(in.readInt())));
    Digest digest = new Digest(Digest.Algorithm.valueOf(in.readUTF()), in.readUTF());
    WatchedTree tree = WatchedTree.read(watcher, left.slot(), in);
    WatchedObjects of = objects.get(cache);
    if (!left.holds() || (cache >= 0 && of == null)) {
      others.addAll(tree.watches());
      left.slot().end();
      return;
    }
    tree.adopt();
    ObjectKey key = new ObjectKey(digest, true);
    inherited.put(place, new Clean(tree, key, Optional.ofNullable(of), false, 0));
  }

  /** Lets the next process know it, unless files and objects are the same: that it has to see. */
  private void remember(Path place, Clean clean) {
    if (clean.linked()) {
      return;
    }
    int cache = clean.objects().map(objects -> objects.remember(memory)).orElse(-1);
    if (clean.objects().isPresent() && cache < 0) {
      return;
    }
    byte[] path = FileNames.encode(Passages.shown(place).toString());
    Digest digest = clean.key().digest();
    clean
        .tree()
        .remember(
            memory.take(),
            out -> {
              out.writeBoolean(true);
              out.writeInt(cache);
              out.writeInt(path.length);
              out.write(path);
              out.writeUTF(digest.algorithm().name());
              out.writeUTF(digest.hex());
            });
  }

  /** Returns half of the directories that a user may watch on this machine. */
  public static int usualMost() {
    try (InputStream in = Files.newInputStream(LIMIT)) {
      byte[] digits = new byte[MOST_DIGITS];
      int n = in.read(digits); // at once: the kernel gives the number to the first read only
      String number = new String(digits, 0, Math.max(0, n), StandardCharsets.US_ASCII);
      return Integer.parseInt(number.strip()) / 2;
    } catch (IOException | NumberFormatException e) {
      return USUAL_LIMIT / 2;
    }
  }

  /**
   * A directory that was as recorded.
   *
   * @param key the manifest that it has
   * @param objects the cache, which had the manifest and all that it names; empty: nobody asked
   * @param linked whether files of the directory are objects of the cache by another name
   * @param objectChanges {@link WatchedObjects#changes} when it was looked at
   */
  public record Clean(
      WatchedTree tree,
      ObjectKey key,
      Optional<WatchedObjects> objects,
      boolean linked,
      long objectChanges) {}

  /**
   * Begins to watch a directory that is about to be read; the caller closes it, or gives it to
   * {@link #keep}.
   *
   * @param root of the project
   * @return empty if it cannot be watched
   */
  public Optional<WatchedTree> begin(Path root, Path place) throws IOException {
    return most == 0
        ? Optional.empty()
        : Surroundings.of(root, place).map(around -> new WatchedTree(watcher, around));
  }

  /** Returns the objects in a directory of a cache, watched from now on. */
  public WatchedObjects objects(Path base) {
    WatchedObjects objects;
    synchronized (this) {
      Path shown = Passages.shown(base);
      objects = caches.get(shown);
      if (objects == null || objects.isLost()) {
        if (objects != null) {
          objects.close();
        }
        objects = new WatchedObjects(watcher, shown);
        caches.put(shown, objects);
      }
    }
    objects.enter();
    return objects;
  }

  /** Keeps what was found to be as recorded while it was watched. */
  public void keep(Path place, Clean clean) {
    watcher.drain();
    boolean whole = clean.objects().map(WatchedObjects::isWhole).orElse(true);
    if (!whole || clean.tree().isLost()) {
      clean.tree().close();
      return;
    }
    List<Clean> ended = new ArrayList<>();
    synchronized (this) {
      Clean before = trees.put(place, clean);
      if (before != null) {
        ended.add(before);
      }
      var oldest = trees.entrySet().iterator();
      int watched = trees.values().stream().mapToInt(each -> each.tree().size()).sum();
      while (watched > most && oldest.hasNext()) {
        Clean old = oldest.next().getValue();
        watched -= old.tree().size();
        ended.add(old);
        oldest.remove();
      }
      dropCaches();
    }
    ended.forEach(old -> old.tree().close());
    remember(place, clean);
  }

  /** Those that no directory needs any more; who is just looking at one sees that it is lost. */
  @GuardedBy("this")
  private void dropCaches() {
    List<WatchedObjects> needed = new ArrayList<>();
    trees.values().forEach(clean -> clean.objects().ifPresent(needed::add));
    inherited.values().forEach(clean -> clean.objects().ifPresent(needed::add));
    List<WatchedObjects> dropped = new ArrayList<>(caches.values());
    dropped.removeAll(needed);
    caches.values().removeAll(dropped);
    dropped.forEach(WatchedObjects::close);
  }

  /**
   * Returns what is known of a directory, if that holds still but for what the tree and the cache
   * say that changed: everything that happened before this call is among that.
   */
  public Optional<Clean> find(Path root, Path place, ObjectKey key) throws IOException {
    Clean clean;
    synchronized (this) {
      clean = trees.get(place);
      if (clean == null && !inherited.isEmpty()) {
        clean = inherited.remove(Passages.shown(place));
        if (clean != null) {
          trees.put(place, clean);
        }
      }
    }
    if (clean == null) {
      return Optional.empty();
    }
    watcher.drain();
    boolean holds =
        !clean.tree().isLost()
            && clean.objects().map(objects -> !objects.isLost()).orElse(true)
            && Surroundings.of(root, place).equals(Optional.of(clean.tree().around()));
    if (!holds) {
      forget(place, clean);
      return Optional.empty();
    }
    return clean.key().equals(key) ? Optional.of(clean) : Optional.empty();
  }

  /** Gives a directory up. */
  public void forget(Path place, Clean clean) {
    synchronized (this) {
      trees.remove(place, clean);
    }
    clean.tree().close();
  }

  /** Returns how many directories are watched. */
  public int size() {
    return watcher.size();
  }

  /** Ends all watching. */
  @Override
  public void close() {
    watcher.close();
  }
}
