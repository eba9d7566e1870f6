package io.revfs.workspace.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.FileNames;
import io.revfs.posix.FileCalls;
import io.revfs.posix.Inotify;
import io.revfs.posix.Posix;
import io.revfs.reach.Passages;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

  @GuardedBy("this")
  private WatchMemory.Slot slot = WatchMemory.Slot.NONE;

  /** Whether the slot says all that is watched. */
  @GuardedBy("this")
  private boolean remembered;

  /** {@code base}: the directory that the objects are in, as people have it. */
  WatchedObjects(DirectoryWatcher watcher, Path base) {
    this.watcher = watcher;
    this.base = base;
  }

  /** Goes on with what a process before this one watched, and wrote by {@link #remember}. */
  static WatchedObjects read(DirectoryWatcher watcher, WatchMemory.Slot slot, DataInputStream in)
      throws IOException {
    Path base = Path.of(FileNames.decode(in.readNBytes(in.readInt())));
    WatchedObjects objects = new WatchedObjects(watcher, base);
    synchronized (objects) {
      for (int left = in.readInt(); left > 0; left--) {
        objects.shards.put(in.readInt(), in.readUTF());
      }
      objects.slot = slot;
      objects.remembered = true;
    }
    return objects;
  }

  /** Lets the watcher tell it, as it did the process before. */
  void adopt() {
    watches().forEach(watch -> watcher.adopt(watch, this));
  }

  synchronized Set<Integer> watches() {
    return Set.copyOf(shards.keySet());
  }

  /** Lets the next process know what is watched; returns under which number, -1 if it will not. */
  synchronized int remember(WatchMemory memory) {
    if (lost) {
      return -1;
    }
    if (!remembered) {
      if (slot == WatchMemory.Slot.NONE) {
        slot = memory.take();
      }
      slot.write(this::write);
      remembered = true;
    }
    tell();
    return slot.number();
  }

  private synchronized void write(DataOutputStream out) throws IOException {
    out.writeBoolean(false); // not a tree
    byte[] path = FileNames.encode(base.toString());
    out.writeInt(path.length);
    out.write(path);
    out.writeInt(shards.size());
    for (Map.Entry<Integer, String> shard : shards.entrySet()) {
      out.writeInt(shard.getKey());
      out.writeUTF(shard.getValue());
    }
  }

  @GuardedBy("this")
  private void tell() {
    slot.holds(remembered && !lost && !incomplete && touched.isEmpty());
  }

  /** Returns the directory that the objects are in, as people have it. */
  Path base() {
    return base;
  }

  /** Returns whether the objects are in this directory. */
  public boolean isIn(Path directory) {
    return Passages.shown(directory).equals(base);
  }

  /** Watches all directories of objects that there are; before objects are looked at. */
  public void enter() {
    synchronized (this) {
      incomplete = false;
    }
    int fd =
        Posix.open(
            Posix.AT_FDCWD,
            FileNames.encode(Passages.below(base).toString()),
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
      } else if (!shard.equals(shards.put(watch, shard))) {
        remembered = false;
      }
      tell();
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
    tell();
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
    tell();
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
    tell();
  }

  @Override
  public void close() {
    List<Integer> watches;
    synchronized (this) {
      lost = true;
      slot.end();
      slot = WatchMemory.Slot.NONE;
      watches = List.copyOf(shards.keySet());
    }
    watcher.unwatch(this, watches);
  }
}
