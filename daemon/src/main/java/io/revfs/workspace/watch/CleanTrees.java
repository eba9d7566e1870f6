package io.revfs.workspace.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.object.ObjectKey;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Directories of work trees that were as recorded when they were last looked at, and are watched
 * since. Those that were asked for longest ago are given up when more than half of the user's
 * watches would be used. Thread-safe.
 */
public final class CleanTrees implements Closeable {
  private static final Path LIMIT = Path.of("/proc/sys/fs/inotify/max_user_watches");
  private static final int USUAL_LIMIT = 8192;
  private static final int MOST_DIGITS = 32;

  private final DirectoryWatcher watcher = new DirectoryWatcher();
  private final int most;

  @GuardedBy("this")
  private final LinkedHashMap<Path, Clean> trees = new LinkedHashMap<>(16, 0.75f, true);

  @GuardedBy("this")
  private final Map<Path, WatchedObjects> caches = new HashMap<>();

  /** {@code most}: how many directories are watched at most. */
  public CleanTrees(int most) {
    this.most = most;
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
      objects = caches.get(base);
      if (objects == null || objects.isLost()) {
        if (objects != null) {
          objects.close();
        }
        objects = new WatchedObjects(watcher, base);
        caches.put(base, objects);
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
  }

  /** Those that no directory needs any more; who is just looking at one sees that it is lost. */
  @GuardedBy("this")
  private void dropCaches() {
    List<WatchedObjects> needed = new ArrayList<>();
    trees.values().forEach(clean -> clean.objects().ifPresent(needed::add));
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
