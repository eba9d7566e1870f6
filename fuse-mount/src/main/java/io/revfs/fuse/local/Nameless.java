package io.revfs.fuse.local;

import io.revfs.fuse.Errno;
import io.revfs.fuse.FuseException;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Files that were unlinked while they are open: this process reaches them by what it has open, and
 * the next one by the file system's own handle, which root may use. Thread-safe.
 */
final class Nameless {
  /** Stands for the directory of what has no name. */
  static final long NOWHERE = 0;

  private final int root;
  private final OpenLocals files;
  private final NodeMemory memory;

  Nameless(int root, OpenLocals files, NodeMemory memory) {
    this.root = root;
    this.files = files;
    this.memory = memory;
  }

  /** A node lost its last name. */
  void remember(long node) {
    files
        .any(node)
        .map(file -> NameCalls.handle(file.descriptor()))
        .ifPresent(handle -> memory.found(node, NOWHERE, HexFormat.of().formatHex(handle)));
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
}
