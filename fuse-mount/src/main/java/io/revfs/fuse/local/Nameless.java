package io.revfs.fuse.local;

import io.revfs.fuse.Errno;
import io.revfs.fuse.FuseException;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import java.io.Closeable;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Files that were unlinked while they are open: this process reaches them by what it has open, and
 * the next one by the file system's own handle, which root may use, or by what holds them.
 * Thread-safe.
 *
 * <p>What a process before this one opened this one opens when it is first used. So what loses its
 * name before is opened then, and kept until the kernel forgets it, which is at once if nobody has
 * it open.
 */
final class Nameless implements Closeable {
  /** Stands for the directory of what has no name. */
  static final long NOWHERE = 0;

  private final int root;
  private final OpenLocals files;
  private final NodeMemory memory;
  private final HeldFiles held;
  private final ConcurrentHashMap<Long, Integer> kept = new ConcurrentHashMap<>();

  Nameless(int root, OpenLocals files, NodeMemory memory, HeldFiles held) {
    this.root = root;
    this.files = files;
    this.memory = memory;
    this.held = held;
  }

  /** What is about to lose a name, for the length of a {@code try}. */
  static final class Last implements AutoCloseable {
    /** Nothing that could be used without a name. */
    static final Last NONE = new Last(-1);

    private int fd;

    private Last(int fd) {
      this.fd = fd;
    }

    @Override
    public void close() {
      if (fd >= 0) {
        int unused = Posix.close(fd);
      }
    }
  }

  /** Opens what is about to lose a name, if a process before this one may have it open. */
  Last last(int directory, byte[] name) {
    return new Last(
        memory.isInherited()
            ? Posix.open(directory, name, NameCalls.O_PATH | Posix.O_NOFOLLOW, 0)
            : -1);
  }

  /** A node lost its last name, or never had one. */
  void remember(long node, Last last) {
    int fd = files.any(node).map(LocalFile::descriptor).orElse(last.fd);
    if (fd < 0) {
      return;
    }
    byte[] handle = NameCalls.handle(fd);
    if (handle != null) {
      memory.found(node, NOWHERE, HexFormat.of().formatHex(handle));
    }
    boolean unused = held.hold(node, fd);
    if (fd == last.fd) {
      Integer before = kept.putIfAbsent(node, fd);
      last.fd = before == null ? -1 : fd;
    }
  }

  /** A node that has a descriptor here never had a name. */
  void remember(long node) {
    remember(node, Last.NONE);
  }

  /** The kernel does not know a node any more. */
  void forget(long node) {
    Integer fd = kept.remove(node);
    if (fd != null) {
      int unused = Posix.close(fd);
    }
    held.letGo(node);
  }

  /**
   * Opens a node that has no name; the caller closes it.
   *
   * @throws FuseException ESTALE if nobody has it open
   */
  int open(long node, int flags) throws FuseException {
    Optional<LocalFile> file = files.any(node);
    if (file.isPresent()) {
      return opened(NameCalls.openAgain(file.get().descriptor(), flags), node);
    }
    Integer fd = kept.get(node);
    if (fd != null) {
      return opened(NameCalls.openAgain(fd, flags), node);
    }
    OptionalInt inherited = held.find(node);
    if (inherited.isPresent()) {
      return opened(NameCalls.openAgain(inherited.getAsInt(), flags), node);
    }
    Optional<NodeMemory.Place> place = memory.find(node).filter(known -> known.parent() == NOWHERE);
    if (place.isEmpty()) {
      throw new FuseException(Errno.ESTALE, "node " + node);
    }
    // The root itself is open for its path only, which this call does not take.
    int on = NameCalls.openAgain(root, Posix.O_RDONLY | Posix.O_DIRECTORY);
    try {
      byte[] handle = HexFormat.of().parseHex(place.get().name());
      return opened(NameCalls.openHandle(on, handle, flags), node);
    } finally {
      int unused = Posix.close(on);
    }
  }

  private static int opened(int fd, long node) throws FuseException {
    if (fd < 0) {
      throw new FuseException(Errno.of(-fd), "node " + node);
    }
    return fd;
  }

  @Override
  public void close() {
    kept.values()
        .forEach(
            fd -> {
              int unused = Posix.close(fd);
            });
    kept.clear();
  }
}
