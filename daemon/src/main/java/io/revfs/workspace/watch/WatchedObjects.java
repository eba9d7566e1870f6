package io.revfs.workspace.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.FileNames;
import io.revfs.posix.FileCalls;
import io.revfs.posix.Inotify;
import io.revfs.posix.Posix;
import java.io.Closeable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The objects of one kind in a cache, whose 256 directories are watched: those that were there are
 * there still, but for the few that something happened to. Thread-safe.
 */
public final class WatchedObjects implements DirectoryWatcher.Subscriber, Closeable {
  private static final int MOST_TOUCHED = 65_536;
  private static final int GONE = Inotify.DELETE_SELF | Inotify.MOVE_SELF;
  private static final int OF_BASE =
      GONE | Inotify.CREATE | Inotify.DELETE | Inotify.MOVED_FROM | Inotify.MOVED_TO;

  /** Not that an object comes: nobody has counted on it. */
  private static final int OF_SHARD = Inotify.CHANGES & ~Inotify.CREATE;

  private final DirectoryWatcher watcher;
  private final Path base;

  @GuardedBy("this")
  private final Map<Integer, String> shards = new HashMap<>();

  @GuardedBy("this")
  private final Map<String, Long> touched = new HashMap<>();

  @GuardedBy("this")
  private long changes;

  @GuardedBy("this")
  private boolean incomplete;

  @GuardedBy("this")
  private boolean lost;

  WatchedObjects(DirectoryWatcher watcher, Path base) {
    this.watcher = watcher;
    this.base = base;
  }

  /** Returns the directory that the objects are in. */
  public Path base() {
    return base;
  }

  /** Watches all directories of objects that there are; before objects are looked at. */
  public void enter() {
    synchronized (this) {
      incomplete = false;
    }
    int fd =
        Posix.open(
            Posix.AT_FDCWD,
            FileNames.encode(base.toString()),
            Posix.O_RDONLY | Posix.O_DIRECTORY,
            0);
    if (fd < 0 || !FileSystems.isWatchable(fd)) {
      lost();
    }
    if (fd < 0) {
      return;
    }
    watch(fd, "", OF_BASE);
    List<byte[]> names = new ArrayList<>();
    int listed =
        FileCalls.list(
            fd,
            (name, type) -> {
              if (isShard(name)) {
                names.add(name);
              }
            });
    for (byte[] name : names) {
      int shard = Posix.open(fd, name, Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_NOFOLLOW, 0);
      if (shard >= 0) {
        watch(shard, new String(name, StandardCharsets.US_ASCII), OF_SHARD);
        Posix.close(shard);
      } else {
        lost(); // a link to elsewhere, or gone
      }
    }
    Posix.close(fd);
    if (listed < 0) {
      lost();
    }
  }

  private static boolean isShard(byte[] name) {
    return name.length == 2 && isDigit(name[0]) && isDigit(name[1]);
  }

  private static boolean isDigit(byte b) {
    return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'f');
  }

  private void watch(int fd, String shard, int events) {
    if (isLost()) {
      return;
    }
    int watch = watcher.watch(fd, events, this);
    synchronized (this) {
      if (watch < 0) {
        lost = true;
      } else {
        shards.put(watch, shard);
      }
    }
  }

  @Override
  public synchronized void changed(int watch, int events, byte[] name) {
    String shard = shards.get(watch);
    boolean isDirectory = (events & Inotify.DIRECTORY) != 0;
    if (shard == null || (events & (GONE | Inotify.IGNORED | Inotify.UNMOUNT)) != 0) {
      lost = true;
    } else if (shard.isEmpty()) {
      inBase(events, name, isDirectory);
    } else if (!isDirectory && name.length > 0 && name[0] != '.') {
      touched.put(shard + new String(name, StandardCharsets.UTF_8), ++changes);
      lost |= touched.size() > MOST_TOUCHED;
    }
  }

  @GuardedBy("this")
  private void inBase(int events, byte[] name, boolean isDirectory) {
    if (!isDirectory || !isShard(name)) {
      return;
    }
    if ((events & (Inotify.DELETE | Inotify.MOVED_FROM)) != 0) {
      lost = true;
    } else {
      incomplete = true; // its objects are not watched before the next enter()
    }
  }

  @Override
  public synchronized void lost() {
    lost = true;
  }

  /** Returns whether it has been given up. */
  public synchronized boolean isLost() {
    return lost;
  }

  /** Returns whether all directories were watched since {@link #enter}. */
  public synchronized boolean isWhole() {
    return !lost && !incomplete;
  }

  /** Returns a number that grows whenever something happens to an object that was there. */
  public synchronized long changes() {
    return changes;
  }

  /** Returns the names of objects that something happened to, with numbers that grow. */
  public synchronized Map<String, Long> touched() {
    return Map.copyOf(touched);
  }

  /** Forgets objects that were looked at and are right, unless more happened to them. */
  public synchronized void settle(Map<String, Long> looked) {
    looked.forEach(touched::remove);
  }

  @Override
  public void close() {
    List<Integer> watches;
    synchronized (this) {
      lost = true;
      watches = List.copyOf(shards.keySet());
    }
    watcher.unwatch(this, watches);
  }
}
