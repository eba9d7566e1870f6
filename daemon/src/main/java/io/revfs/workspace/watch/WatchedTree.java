package io.revfs.workspace.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.FileNames;
import io.revfs.posix.FileStat;
import io.revfs.posix.Inotify;
import io.revfs.posix.Posix;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A directory of a work tree and all below, watched from before it was read on. Whoever reads it
 * says which directories he enters, before he lists them. Thread-safe.
 *
 * <p>What is not seen: stores to a mapped file until it is unmapped (the kernel tells then), and
 * writes to a file by another name that it got outside of the tree while it was watched.
 */
public final class WatchedTree implements DirectoryWatcher.Subscriber, Closeable {
  /** More are not looked at one by one. */
  public static final int MOST_DIRTY = 64;

  private static final byte[] PROJECT =
      "/.dvc".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  private final DirectoryWatcher watcher;
  private final Surroundings around;

  @GuardedBy("this")
  private final Map<Integer, String> folders = new HashMap<>();

  @GuardedBy("this")
  private final Map<String, Long> dirty = new HashMap<>();

  @GuardedBy("this")
  private long changes;

  @GuardedBy("this")
  private boolean lost;

  @GuardedBy("this")
  private WatchMemory.Slot slot = WatchMemory.Slot.NONE;

  WatchedTree(DirectoryWatcher watcher, Surroundings around) {
    this.watcher = watcher;
    this.around = around;
  }

  /** Goes on with what a process before this one watched, and wrote by {@link #write}. */
  static WatchedTree read(DirectoryWatcher watcher, WatchMemory.Slot slot, DataInputStream in)
      throws IOException {
    WatchedTree tree = new WatchedTree(watcher, Surroundings.read(in));
    synchronized (tree) {
      for (int left = in.readInt(); left > 0; left--) {
        tree.folders.put(in.readInt(), FileNames.decode(in.readNBytes(in.readInt())));
      }
      tree.slot = slot;
    }
    return tree;
  }

  /** Lets the watcher tell it, as it did the process before. */
  void adopt() {
    watches().forEach(watch -> watcher.adopt(watch, this));
  }

  synchronized Set<Integer> watches() {
    return Set.copyOf(folders.keySet());
  }

  /** Lets the next process know what is watched. */
  synchronized void remember(WatchMemory.Slot place, WatchMemory.Writer before) {
    if (lost) {
      place.end();
      return;
    }
    slot = place;
    slot.write(
        out -> {
          before.write(out);
          write(out);
        });
    slot.holds(dirty.isEmpty());
  }

  private synchronized void write(DataOutputStream out) throws IOException {
    around.write(out);
    out.writeInt(folders.size());
    for (Map.Entry<Integer, String> folder : folders.entrySet()) {
      byte[] path = FileNames.encode(folder.getValue());
      out.writeInt(folder.getKey());
      out.writeInt(path.length);
      out.write(path);
    }
  }

  @GuardedBy("this")
  private void tell() {
    slot.holds(!lost && dirty.isEmpty());
  }

  Surroundings around() {
    return around;
  }

  /** Watches a directory, which is open, and is going to be listed. */
  public void enter(String folder, int fd) {
    FileStat stat = Posix.stat(fd);
    boolean watchable =
        stat != null
            && (folder.isEmpty()
                ? around.isRoot(stat) && FileSystems.isWatchable(fd)
                : stat.device() == around.device() || FileSystems.isWatchable(fd));
    if (!watchable || isLost()) {
      lost();
      return;
    }
    int watch = watcher.watch(fd, Inotify.CHANGES, this);
    synchronized (this) {
      if (watch < 0 || folders.put(watch, folder) != null) { // or the same directory twice
        lost = true;
        tell();
      }
    }
  }

  /**
   * Takes note of a directory that is not looked at, since it is ignored. One that is a project of
   * its own could become none without anybody telling.
   *
   * @param fd the directory that it is in
   */
  public void pass(int fd, byte[] name) {
    byte[] project = java.util.Arrays.copyOf(name, name.length + PROJECT.length);
    System.arraycopy(PROJECT, 0, project, name.length, PROJECT.length);
    if (Posix.stat(fd, project, false) != null) {
      lost();
    }
  }

  @Override
  public synchronized void changed(int watch, int events, byte[] name) {
    String folder = folders.get(watch);
    int itself = Inotify.IGNORED | Inotify.UNMOUNT | Inotify.DELETE_SELF | Inotify.MOVE_SELF;
    int names = Inotify.CREATE | Inotify.DELETE | Inotify.MOVED_FROM | Inotify.MOVED_TO;
    boolean isDirectory = (events & Inotify.DIRECTORY) != 0;
    if (folder == null || (events & itself) != 0 || (isDirectory && (events & names) != 0)) {
      lost = true; // which directories there are is no longer what is known
    } else if (dirty.size() < MOST_DIRTY) {
      dirty.put(folder, ++changes);
    } else {
      lost = true;
    }
    tell();
  }

  /** Gives up: what the tree holds can only be learned by reading it. */
  @Override
  public synchronized void lost() {
    lost = true;
    tell();
  }

  /** Returns whether it has been given up. */
  public synchronized boolean isLost() {
    return lost;
  }

  /** Returns the directories in which something changed, with numbers that grow. */
  public synchronized Map<String, Long> dirty() {
    return Map.copyOf(dirty);
  }

  /** Forgets changes that were looked at, unless there were further ones. */
  public synchronized void settle(Map<String, Long> looked) {
    looked.forEach(dirty::remove);
    tell();
  }

  synchronized int size() {
    return folders.size();
  }

  /** Ends watching. */
  @Override
  public void close() {
    Set<Integer> watches;
    synchronized (this) {
      lost = true;
      slot.end();
      slot = WatchMemory.Slot.NONE;
      watches = Set.copyOf(folders.keySet());
    }
    watcher.unwatch(this, List.copyOf(watches));
  }
}
