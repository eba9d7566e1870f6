package io.revfs.fuse.local;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.local.NodeMemory.Place;
import io.revfs.posix.FileCalls;
import io.revfs.posix.FileDetails;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The files below a directory by their nodes: numbered, looked up, opened, and lost. A number comes
 * from the device, the inode and the time of birth, so it is the same for the next process, for all
 * names of a file, and another for what gets its inode later. Thread-safe; callers see to it that
 * no path changes meanwhile ({@link NameLock}).
 */
final class NodesBelow {
  private static final long LOWEST_NODE = 16;
  private static final int ENOENT = 2;
  private static final int EACCES = 13;

  private final int root;
  private final LocalNodes nodes;
  private final OpenDirectories directories;
  private final Nameless nameless;
  private final Maker maker;
  private final long rootNode;

  /** Directories that have the number of what was shown in their place before they were there. */
  private final ConcurrentHashMap<Long, Long> adopted = new ConcurrentHashMap<>();

  /**
   * The files below a directory.
   *
   * @param root open on the directory, of which {@code found} tells
   */
  NodesBelow(
      int root,
      FileDetails found,
      LocalNodes nodes,
      OpenDirectories directories,
      Nameless nameless,
      Maker maker) {
    this.root = root;
    this.nodes = nodes;
    this.directories = directories;
    this.nameless = nameless;
    this.maker = maker;
    this.rootNode = number(found);
  }

  private static long number(FileDetails of) {
    long x = of.inode() * 0x9E3779B97F4A7C15L ^ of.born() * 0xC2B2AE3D27D4EB4FL ^ of.device();
    x = (x ^ (x >>> 32)) * 0xD6E8FEB86659FD93L;
    x = (x ^ (x >>> 29)) & Long.MAX_VALUE;
    return Math.max(x, LOWEST_NODE);
  }

  long node(FileDetails of) {
    long number = number(of);
    if (number == rootNode) {
      return FileTree.ROOT;
    }
    return adopted.isEmpty() ? number : adopted.getOrDefault(number, number);
  }

  Attributes attributes(FileDetails of) {
    return Attributes.of(node(of), of);
  }

  static FuseException stale(long node) {
    return new FuseException(Errno.ESTALE, "node " + node);
  }

  /** As {@link LocalTree#nodeAt}. */
  Optional<Long> nodeAt(List<String> path) {
    if (path.isEmpty()) {
      return Optional.of(FileTree.ROOT);
    }
    byte[] bytes = FileNames.encode(String.join("/", path));
    int fd = NameCalls.openBelow(root, bytes, NameCalls.O_PATH | Posix.O_NOFOLLOW);
    if (fd < 0) {
      return Optional.empty();
    }
    try (Descriptor file = new Descriptor(fd)) {
      return NameCalls.stat(file.fd()) < 0
          ? Optional.empty()
          : Optional.of(node(NameCalls.details()));
    }
  }

  /** Looks a name up and counts that. */
  Attributes found(int directory, long parent, String name) throws FuseException {
    FuseException.check(NameCalls.stat(directory, FileNames.encode(name)), name);
    FileDetails details = NameCalls.details();
    Attributes found = attributes(details);
    if (found.node() != FileTree.ROOT) {
      nodes.found(
          found.node(), new Place(parent, name), details.isDirectory() ? 1 : details.links());
    }
    return found;
  }

  /**
   * Opens a node itself, for attributes only; the caller closes it.
   *
   * @throws FuseException ESTALE if something else is at its place
   */
  int openPath(long node) throws FuseException {
    if (node == FileTree.ROOT) {
      return (int) FuseException.check(FileCalls.duplicate(root), "root");
    }
    Optional<Place> place = nodes.place(node);
    if (place.isPresent()) {
      try (OpenDirectories.Lease directory = directories.open(place.get().parent())) {
        byte[] name = FileNames.encode(place.get().name());
        int fd = Posix.open(directory.fd, name, NameCalls.O_PATH | Posix.O_NOFOLLOW, 0);
        if (fd >= 0) {
          if (NameCalls.stat(fd) >= 0 && node(NameCalls.details()) == node) {
            return fd;
          }
          int unused = Posix.close(fd);
        } else if (fd != -ENOENT) {
          throw new FuseException(Errno.of(-fd), place.get().name());
        }
      }
    }
    return nameless.open(node, NameCalls.O_PATH);
  }

  FileDetails details(long node) throws FuseException {
    if (node == FileTree.ROOT) {
      FuseException.check(NameCalls.stat(root), "root");
      return NameCalls.details();
    }
    Optional<Place> place = nodes.place(node);
    if (place.isPresent()) {
      try (OpenDirectories.Lease directory = directories.open(place.get().parent())) {
        if (NameCalls.stat(directory.fd, FileNames.encode(place.get().name())) >= 0) {
          FileDetails details = NameCalls.details();
          if (node(details) == node) {
            return details;
          }
        }
      }
    }
    try (Descriptor open = new Descriptor(nameless.open(node, NameCalls.O_PATH))) {
      FuseException.check(NameCalls.stat(open.fd()), "node " + node);
      return NameCalls.details();
    }
  }

  int openNode(long node, int flags) throws FuseException {
    Optional<Place> place = nodes.place(node);
    if (place.isPresent()) {
      try (OpenDirectories.Lease directory = directories.open(place.get().parent())) {
        byte[] name = FileNames.encode(place.get().name());
        int fd = FileCalls.openPastLease(directory.fd, name, flags);
        if (fd == -EACCES) {
          fd = maker.openOwn(directory.fd, name, flags);
        }
        if (fd != -ENOENT) {
          return (int) FuseException.check(fd, place.get().name());
        }
      }
    }
    return nameless.open(node, flags);
  }

  /** Gives a directory the number that the kernel knows it by already. */
  void adopt(FileDetails directory, long node) {
    adopted.put(number(directory), node);
  }

  void lost(long node, Place place, Nameless.Last last) {
    if (nodes.lost(node, place)) {
      nameless.remember(node, last);
    }
  }

  /** A name is gone, with a directory below if it was one. */
  void lost(FileDetails details, Place place, Nameless.Last last) {
    long node = node(details);
    lost(node, place, last);
    if (details.isDirectory()) {
      directories.drop(node);
      adopted.remove(number(details));
    }
  }
}
