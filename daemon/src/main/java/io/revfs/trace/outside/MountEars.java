package io.revfs.trace.outside;

import io.revfs.fuse.FileNames;
import io.revfs.fuse.MountTable;
import io.revfs.posix.Fanotify;
import io.revfs.posix.FileDetails;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears which files and directories are opened by way of the mounts of one mount name space.
 * Thread-safe.
 *
 * <p>Mounts of another name space are other mounts, so nobody else is heard. Our own mounts are
 * left out, as sessions tell of those; so are file systems that hold no files of anybody's.
 */
final class MountEars implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(MountEars.class);
  private static final int WAIT_MILLISECONDS = 500;

  /** The kernel makes one event of a file's open and close that nobody has asked for meanwhile. */
  private static final long GATHER_NANOSECONDS = 5_000_000;

  private static final String DELETED = " (deleted)";
  private static final byte[] NO_HANDLE = new byte[0];

  private static final Set<String> OF_THE_SYSTEM =
      Set.of(
          "proc",
          "sysfs",
          "devtmpfs",
          "devpts",
          "cgroup",
          "cgroup2",
          "securityfs",
          "debugfs",
          "tracefs",
          "configfs",
          "fusectl",
          "mqueue",
          "hugetlbfs",
          "pstore",
          "bpf",
          "binfmt_misc",
          "efivarfs",
          "autofs",
          "nsfs",
          "rpc_pipefs");

  private final Fanotify fanotify;
  private final long bornAfter;
  private final IntUnaryOperator callers;
  private final Consumer<Seen> listener;
  private final Runnable lost;
  private boolean closed; // guarded by this

  /**
   * Begins to hear.
   *
   * @param process lives in the name space
   * @param bornAfter nanoseconds since 1970: files that are younger are the run's
   * @param callers is told who did something, and returns what it is to be called
   * @param listener hears of one event at a time
   * @param lost is told that something was not heard
   * @throws IOException if this process may not
   */
  MountEars(
      int process, long bornAfter, IntUnaryOperator callers, Consumer<Seen> listener, Runnable lost)
      throws IOException {
    this.bornAfter = bornAfter;
    this.callers = callers;
    this.listener = listener;
    this.lost = lost;
    this.fanotify = Fanotify.open();
    try {
      mark(process);
    } catch (IOException | RuntimeException e) {
      fanotify.close();
      throw e;
    }
    Thread.ofPlatform().daemon().name("outside " + process).start(this::listen);
  }

  private void mark(int process) throws IOException {
    MountTable table = MountTable.of(process);
    int marked = 0;
    for (MountTable.Mount mount : table.mounts()) {
      if (!isHeard(mount, table.mounts())) {
        continue;
      }
      String place = "/proc/" + process + "/root" + mount.mountPoint();
      int n = fanotify.markMount(FileNames.encode(place));
      if (n < 0) {
        log.debug("what is opened below {} is not heard (error {})", mount.mountPoint(), -n);
      } else {
        marked++;
      }
    }
    if (marked == 0) {
      throw new IOException("no mount can be listened to");
    }
  }

  /**
   * What lies on one of ours, or below it, is hidden or asked of us: its path is not to be used.
   */
  private static boolean isHeard(MountTable.Mount mount, List<MountTable.Mount> all) {
    if (OF_THE_SYSTEM.contains(mount.type())) {
      return false;
    }
    for (MountTable.Mount other : all) {
      if (other.isOurs() && mount.mountPoint().startsWith(other.mountPoint())) {
        return false;
      }
    }
    return true;
  }

  private void listen() {
    try {
      while (true) {
        fanotify.await(WAIT_MILLISECONDS);
        LockSupport.parkNanos(GATHER_NANOSECONDS);
        synchronized (this) {
          if (closed) {
            return;
          }
          fanotify.read(this::happened);
        }
      }
    } catch (IOException | RuntimeException e) {
      log.warn("what is opened outside is not heard any more: {}", e.toString());
      lost.run();
    }
  }

  private void happened(int process, int events, int file) {
    if (events == 0) {
      lost.run();
      return;
    }
    if (NameCalls.stat(file) < 0) {
      return;
    }
    FileDetails details = NameCalls.details();
    boolean directory = details.isDirectory() && (events & Fanotify.OPEN) != 0;
    if (!directory && !details.isFile()) {
      return;
    }
    byte[] name =
        Posix.readLink(
            Posix.AT_FDCWD, ("/proc/self/fd/" + file).getBytes(StandardCharsets.US_ASCII));
    String path = name == null ? "" : FileNames.decode(name);
    if (details.links() == 0 && path.endsWith(DELETED)) {
      path = path.substring(0, path.length() - DELETED.length());
    }
    if (!path.startsWith("/")) {
      return; // of no name space that there is
    }
    boolean born = details.born() >= bornAfter;
    boolean wrote = !directory && (events & Fanotify.CLOSE_WRITE) != 0;
    byte[] handle = born && wrote ? NameCalls.handle(file) : null;
    listener.accept(
        new Seen(
            callers.applyAsInt(process),
            directory ? Fanotify.DIRECTORY : events,
            path,
            born,
            details.modified(),
            handle == null ? NO_HANDLE : handle));
  }

  /**
   * Returns the path that a file has now; empty if it has none, or cannot be found.
   *
   * @param before a path that it had
   */
  static String find(String before, byte[] handle) {
    Path at = Path.of(before).getParent();
    int on = -1;
    while (at != null && on < 0) {
      on = Posix.open(Posix.AT_FDCWD, FileNames.encode(at.toString()), Posix.O_DIRECTORY, 0);
      at = at.getParent();
    }
    if (on < 0) {
      return "";
    }
    int file = NameCalls.openHandle(on, handle, NameCalls.O_PATH);
    Posix.close(on);
    if (file < 0) {
      return "";
    }
    try {
      boolean named = NameCalls.stat(file) >= 0 && NameCalls.details().links() > 0;
      byte[] name =
          named
              ? Posix.readLink(
                  Posix.AT_FDCWD, ("/proc/self/fd/" + file).getBytes(StandardCharsets.US_ASCII))
              : null;
      return name == null ? "" : FileNames.decode(name);
    } finally {
      Posix.close(file);
    }
  }

  /** Hears what happened until now, and no more. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      fanotify.read(this::happened);
    } catch (IOException e) {
      lost.run();
    } finally {
      fanotify.close();
    }
  }
}
