package io.revfs.fuse.local;

import io.revfs.fuse.AttributeChange;
import io.revfs.fuse.Attributes;
import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileSystemStatistics;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.WritableTree;
import io.revfs.fuse.local.NodeMemory.Place;
import io.revfs.posix.FileCalls;
import io.revfs.posix.FileDetails;
import io.revfs.posix.Identity;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import io.revfs.posix.SetIdBits;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A local directory as a writable tree, reached by a descriptor: also where a mount of this tree
 * lies over it. Thread-safe.
 *
 * <p>By contract nobody else changes what is below, so the kernel may keep names and attributes for
 * long. A node is a file below: its number comes from the device, the inode and the time of birth,
 * so it is the same for the next process, for all names of a file, and another for what gets its
 * inode later. Memory holds where the nodes are that the kernel knows. Whoever finds something else
 * at a node's place answers ESTALE, and the kernel looks again.
 *
 * <p>Renames exclude all else (one lock for the tree): then no path changes while it is walked.
 *
 * <p>Long, as it has a method for each request of the kernel's, most of them one call to what is
 * below.
 */
public final class LocalTree implements WritableTree, Closeable {
  /** How long the kernel may keep what it was told, in seconds: nothing changes behind its back. */
  private static final double LONG_SECONDS = 86_400;

  private static final long NANOSECONDS_OF_SECOND = 1_000_000_000;
  private static final long LOWEST_NODE = 16;
  private static final int ENOENT = 2;
  private static final int EEXIST = 17;
  private static final int ACCESS_FLAGS = Posix.O_NOFOLLOW | NameCalls.O_NONBLOCK;
  private static final byte[] SELF = {'.'};
  private static final byte[] CAPABILITY =
      "security.capability".getBytes(StandardCharsets.US_ASCII);

  private final int root;
  private final LocalNodes nodes;
  private final OpenDirectories directories;
  private final OpenLocals files = new OpenLocals();
  private final Nameless nameless;
  private final LocalAttributes attributes = new LocalAttributes();
  private final Maker maker;
  private final Predicate<String> tellsOfClose;
  private final long rootNode;

  /** Directories that have the number of what was shown in their place before they were there. */
  private final ConcurrentHashMap<Long, Long> adopted = new ConcurrentHashMap<>();

  private final ReadWriteLock names = new ReentrantReadWriteLock();

  /**
   * A tree over a directory.
   *
   * @param root a descriptor of the directory, this object's from here on
   * @param memory knows the nodes of a session that this process goes on with
   * @param tellsOfClose by name: of which files {@link #flushed} is told
   */
  public LocalTree(int root, NodeMemory memory, Predicate<String> tellsOfClose) throws IOException {
    this.root = root;
    this.nodes = new LocalNodes(memory);
    this.directories = new OpenDirectories(root, nodes);
    this.nameless = new Nameless(root, files, memory);
    this.maker = new Maker(Identity.ofProcess());
    this.tellsOfClose = tellsOfClose;
    if (NameCalls.stat(root) < 0) {
      throw new IOException("the directory below cannot be looked at");
    }
    this.rootNode = number(NameCalls.details());
  }

  /** Returns a result of a system call, or throws for a negated error number. */
  @com.google.errorprone.annotations.CanIgnoreReturnValue
  static long check(long result, String what) throws FuseException {
    if (result < 0) {
      throw new FuseException(Errno.of((int) -result), what);
    }
    return result;
  }

  private static long number(FileDetails of) {
    long x = of.inode() * 0x9E3779B97F4A7C15L ^ of.born() * 0xC2B2AE3D27D4EB4FL ^ of.device();
    x = (x ^ (x >>> 32)) * 0xD6E8FEB86659FD93L;
    x = (x ^ (x >>> 29)) & Long.MAX_VALUE;
    return Math.max(x, LOWEST_NODE);
  }

  private long node(FileDetails of) {
    long number = number(of);
    if (number == rootNode) {
      return ROOT;
    }
    return adopted.isEmpty() ? number : adopted.getOrDefault(number, number);
  }

  private Attributes attributes(FileDetails of) {
    return new Attributes(
        node(of),
        FileKind.of(of.mode()),
        of.permissions(),
        of.size(),
        Math.floorDiv(of.modified(), NANOSECONDS_OF_SECOND),
        of.links(),
        new Attributes.Details(
            of.inode(),
            of.uid(),
            of.gid(),
            of.special(),
            of.blocks(),
            of.accessed(),
            of.modified(),
            of.changed()));
  }

  /** Takes a lock for the length of a {@code try}. */
  private static Held hold(Lock lock) {
    lock.lock();
    return lock::unlock;
  }

  private interface Held extends AutoCloseable {
    @Override
    void close();
  }

  private Held stableNames() {
    return hold(names.readLock());
  }

  private Held changingNames() {
    return hold(names.writeLock());
  }

  @Override
  public List<String> path(long node) throws FuseException {
    try (Held held = stableNames()) {
      return List.copyOf(nodes.names(node));
    }
  }

  /** Returns whether the kernel knows a node by a lookup of this process's. */
  public boolean isHeld(long node) {
    return nodes.isHeld(node);
  }

  /** Returns whether a directory has a name. */
  public boolean has(long parent, String name) throws FuseException {
    try (Held held = stableNames();
        OpenDirectories.Lease directory = directories.open(parent)) {
      int answer = NameCalls.stat(directory.fd, FileNames.encode(name));
      return answer != -ENOENT && check(answer, name) >= 0;
    }
  }

  /** Returns the node that is at a path from the root now; empty if nothing is. */
  public Optional<Long> nodeAt(List<String> path) {
    if (path.isEmpty()) {
      return Optional.of(ROOT);
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

  /** Returns whether somebody has a node open for writing. */
  public boolean isWritten(long node) {
    return files.isWritten(node);
  }

  /**
   * Gives a directory that was just made below the number of what was shown in its place, which the
   * kernel knows it by and has looked up so often.
   */
  public void adopt(long node, long parent, String name, long references) throws FuseException {
    try (Held held = stableNames();
        OpenDirectories.Lease directory = directories.open(parent)) {
      check(NameCalls.stat(directory.fd, FileNames.encode(name)), name);
      adopted.put(number(NameCalls.details()), node);
      nodes.adopt(node, new Place(parent, name), references);
    }
  }

  // Names.

  @Override
  public Attributes lookup(RequestContext context, long parent, String name) throws FuseException {
    try (Held held = stableNames();
        OpenDirectories.Lease directory = directories.open(parent)) {
      return found(directory.fd, parent, name);
    }
  }

  /** Looks a name up and counts that. */
  private Attributes found(int directory, long parent, String name) throws FuseException {
    check(NameCalls.stat(directory, FileNames.encode(name)), name);
    FileDetails details = NameCalls.details();
    Attributes found = attributes(details);
    if (found.node() != ROOT) {
      nodes.found(
          found.node(), new Place(parent, name), details.isDirectory() ? 1 : details.links());
    }
    return found;
  }

  @Override
  public void forget(long node, long references) {
    nodes.forget(node, references);
  }

  @Override
  public void forgetAll() {
    nodes.forgetAll();
  }

  @Override
  public double nameSeconds(long parent) {
    return LONG_SECONDS;
  }

  @Override
  public double attributeSeconds(long node) {
    return LONG_SECONDS;
  }

  @Override
  public double absenceSeconds(long parent) {
    return LONG_SECONDS;
  }

  /**
   * Opens a node itself, for attributes only; the caller closes it.
   *
   * @throws FuseException ESTALE if something else is at its place
   */
  private int openPath(long node) throws FuseException {
    if (node == ROOT) {
      return (int) check(FileCalls.duplicate(root), "root");
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

  private static FuseException stale(long node) {
    return new FuseException(Errno.ESTALE, "node " + node);
  }

  @Override
  public Attributes attributes(RequestContext context, long node) throws FuseException {
    try (Held held = stableNames()) {
      FileDetails details = details(node);
      return attributes(details);
    }
  }

  private FileDetails details(long node) throws FuseException {
    if (node == ROOT) {
      check(NameCalls.stat(root), "root");
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
      check(NameCalls.stat(open.fd()), "node " + node);
      return NameCalls.details();
    }
  }

  @Override
  public String readLink(RequestContext context, long node) throws FuseException {
    try (Held held = stableNames();
        Descriptor link = new Descriptor(openPath(node))) {
      byte[] target = NameCalls.readLink(link.fd());
      if (target == null) {
        throw new FuseException(Errno.EINVAL, "no link");
      }
      return FileNames.decode(target);
    }
  }

  /** A descriptor for the length of a {@code try}. */
  private record Descriptor(int fd) implements AutoCloseable {
    @Override
    public void close() {
      int unused = Posix.close(fd);
    }
  }

  @Override
  public DirectoryListing openDirectory(RequestContext context, long node) throws FuseException {
    try (Held held = stableNames();
        OpenDirectories.Lease directory = directories.open(node)) {
      int fd = Posix.open(directory.fd, SELF, Posix.O_RDONLY | Posix.O_DIRECTORY, 0);
      check(fd, "directory of node " + node);
      return new LocalListing(fd);
    }
  }

  @Override
  public void synchronizeDirectory(RequestContext context, long node) throws FuseException {
    try (Held held = stableNames();
        OpenDirectories.Lease directory = directories.open(node)) {
      int fd = Posix.open(directory.fd, SELF, Posix.O_RDONLY | Posix.O_DIRECTORY, 0);
      check(fd, "directory of node " + node);
      try (Descriptor open = new Descriptor(fd)) {
        check(FileCalls.synchronize(open.fd(), false), "fsync of a directory");
      }
    }
  }

  // Files.

  @Override
  public OpenFile open(RequestContext context, long node, int flags, boolean dropsRights)
      throws FuseException {
    try (Held held = stableNames()) {
      int fd = openNode(node, (flags & ACCESS_MODE) | ACCESS_FLAGS);
      try {
        return opened(node, fd, flags, dropsRights);
      } catch (FuseException | RuntimeException e) {
        int unused = Posix.close(fd);
        throw e;
      }
    }
  }

  private int openNode(long node, int flags) throws FuseException {
    Optional<Place> place = nodes.place(node);
    if (place.isPresent()) {
      try (OpenDirectories.Lease directory = directories.open(place.get().parent())) {
        int fd = Posix.open(directory.fd, FileNames.encode(place.get().name()), flags, 0);
        if (fd != -ENOENT) {
          return (int) check(fd, place.get().name());
        }
      }
    }
    return nameless.open(node, flags);
  }

  private LocalFile opened(long node, int fd, int flags, boolean dropsRights) throws FuseException {
    check(NameCalls.stat(fd), "open");
    FileDetails details = NameCalls.details();
    if (node(details) != node) {
      throw stale(node);
    }
    boolean writable = (flags & ACCESS_MODE) != READ_ONLY;
    if (dropsRights) {
      SetIdBits.drop(fd);
    }
    if ((flags & TRUNCATE) != 0 && writable && details.size() != 0) {
      check(FileCalls.truncate(fd, 0), "open");
    }
    Optional<Place> place = nodes.place(node);
    boolean tells = writable && place.isPresent() && tellsOfClose.test(place.get().name());
    boolean passthrough =
        !SetIdBits.has(details.mode()) && !(writable && attributes.has(fd, CAPABILITY));
    return files.add(new LocalFile(files, node, fd, writable, tells, passthrough));
  }

  @Override
  public Created create(RequestContext context, long parent, String name, int flags, int mode)
      throws FuseException {
    byte[] bytes = FileNames.encode(name);
    int access = (flags & ACCESS_MODE) | ACCESS_FLAGS;
    try (Held held = stableNames();
        OpenDirectories.Lease directory = directories.open(parent)) {
      int create = access | Posix.O_CREAT | Posix.O_EXCL;
      Maker.Made made = maker.make(context, () -> Posix.open(directory.fd, bytes, create, mode));
      boolean there = made.result() == -EEXIST && (flags & EXCLUSIVE) == 0;
      int fd = there ? Posix.open(directory.fd, bytes, access, 0) : made.result();
      check(fd, name);
      try {
        check(NameCalls.stat(fd), name);
        if (!there) {
          maker.settle(context, made, fd, NameCalls.details(), mode);
        }
        Attributes found = found(directory.fd, parent, name);
        return new Created(
            found, opened(found.node(), fd, there ? flags : flags & ~TRUNCATE, false));
      } catch (FuseException | RuntimeException e) {
        int unused = Posix.close(fd);
        throw e;
      }
    }
  }

  @Override
  public Created createNameless(RequestContext context, long parent, int flags, int mode)
      throws FuseException {
    try (Held held = stableNames();
        OpenDirectories.Lease directory = directories.open(parent)) {
      int open = (flags & (ACCESS_MODE | EXCLUSIVE)) | Posix.O_TMPFILE;
      Maker.Made made = maker.make(context, () -> Posix.open(directory.fd, SELF, open, mode));
      int fd = (int) check(made.result(), "a file without a name");
      try {
        check(NameCalls.stat(fd), "a file without a name");
        maker.settle(context, made, fd, NameCalls.details(), mode);
        check(NameCalls.stat(fd), "a file without a name");
        Attributes found = attributes(NameCalls.details());
        nodes.foundNameless(found.node());
        return new Created(found, opened(found.node(), fd, flags, false));
      } catch (FuseException | RuntimeException e) {
        int unused = Posix.close(fd);
        throw e;
      }
    }
  }

  @Override
  public void flushed(RequestContext context, long node, OpenFile.Local file) {}

  // Changes of names.

  @Override
  public Attributes makeNode(RequestContext context, long parent, String name, int mode, int device)
      throws FuseException {
    byte[] bytes = FileNames.encode(name);
    return make(context, parent, name, mode, fd -> NameCalls.makeNode(fd, bytes, mode, device));
  }

  @Override
  public Attributes makeDirectory(RequestContext context, long parent, String name, int mode)
      throws FuseException {
    byte[] bytes = FileNames.encode(name);
    return make(context, parent, name, mode, fd -> Posix.makeDirectory(fd, bytes, mode));
  }

  /** A system call in an open directory. */
  @FunctionalInterface
  private interface Making {
    int in(int directory);
  }

  private Attributes make(RequestContext context, long parent, String name, int mode, Making making)
      throws FuseException {
    byte[] bytes = FileNames.encode(name);
    try (Held held = stableNames();
        OpenDirectories.Lease directory = directories.open(parent)) {
      Maker.Made made = maker.make(context, () -> making.in(directory.fd));
      check(made.result(), name);
      int fd = Posix.open(directory.fd, bytes, NameCalls.O_PATH | Posix.O_NOFOLLOW, 0);
      try (Descriptor open = new Descriptor((int) check(fd, name))) {
        check(NameCalls.stat(open.fd()), name);
        maker.settle(context, made, open.fd(), NameCalls.details(), mode);
      }
      return found(directory.fd, parent, name);
    }
  }

  @Override
  public Attributes makeSymbolicLink(
      RequestContext context, long parent, String name, String target) throws FuseException {
    byte[] bytes = FileNames.encode(name);
    byte[] to = FileNames.encode(target);
    try (Held held = stableNames();
        OpenDirectories.Lease directory = directories.open(parent)) {
      Maker.Made made = maker.make(context, () -> Posix.symbolicLink(to, directory.fd, bytes));
      check(made.result(), name);
      maker.settleLink(context, made, directory.fd, bytes);
      return found(directory.fd, parent, name);
    }
  }

  @Override
  public Attributes link(RequestContext context, long node, long parent, String name)
      throws FuseException {
    byte[] bytes = FileNames.encode(name);
    try (Held held = stableNames();
        OpenDirectories.Lease directory = directories.open(parent);
        Descriptor file = new Descriptor(openPath(node))) {
      check(Posix.linkOpen(file.fd(), directory.fd, bytes), name);
      return found(directory.fd, parent, name);
    }
  }

  @Override
  public void unlink(RequestContext context, long parent, String name) throws FuseException {
    byte[] bytes = FileNames.encode(name);
    try (Held held = stableNames();
        OpenDirectories.Lease directory = directories.open(parent)) {
      check(NameCalls.stat(directory.fd, bytes), name);
      long node = node(NameCalls.details());
      check(Posix.unlink(directory.fd, bytes), name);
      lost(node, new Place(parent, name));
    }
  }

  private void lost(long node, Place place) {
    if (nodes.lost(node, place)) {
      nameless.remember(node);
    }
  }

  @Override
  public void removeDirectory(RequestContext context, long parent, String name)
      throws FuseException {
    byte[] bytes = FileNames.encode(name);
    try (Held held = changingNames();
        OpenDirectories.Lease directory = directories.open(parent)) {
      check(NameCalls.stat(directory.fd, bytes), name);
      FileDetails details = NameCalls.details();
      check(Posix.removeDirectory(directory.fd, bytes), name);
      lost(details, new Place(parent, name));
    }
  }

  /** A name is gone, with a directory below if it was one. */
  private void lost(FileDetails details, Place place) {
    long node = node(details);
    lost(node, place);
    if (details.isDirectory()) {
      directories.drop(node);
      adopted.remove(number(details));
    }
  }

  @Override
  public void rename(
      RequestContext context, long parent, String name, long newParent, String newName, int flags)
      throws FuseException {
    byte[] bytes = FileNames.encode(name);
    byte[] newBytes = FileNames.encode(newName);
    Place from = new Place(parent, name);
    Place to = new Place(newParent, newName);
    try (Held held = changingNames();
        OpenDirectories.Lease directory = directories.open(parent);
        OpenDirectories.Lease newDirectory = directories.open(newParent)) {
      check(NameCalls.stat(directory.fd, bytes), name);
      FileDetails moved = NameCalls.details();
      FileDetails replaced = detailsIfThere(newDirectory.fd, newBytes);
      check(NameCalls.rename(directory.fd, bytes, newDirectory.fd, newBytes, flags), newName);
      if (replaced != null && replaced.inode() == moved.inode()) {
        return; // two names of one file: both stay
      }
      if (replaced != null && (flags & NameCalls.RENAME_EXCHANGE) != 0) {
        nodes.moved(node(replaced), to, from);
      } else if (replaced != null) {
        lost(replaced, to);
      }
      nodes.moved(node(moved), from, to);
    }
  }

  private static @Nullable FileDetails detailsIfThere(int directory, byte[] name) {
    return NameCalls.stat(directory, name) < 0 ? null : NameCalls.details();
  }

  // Attributes.

  @Override
  public Attributes change(RequestContext context, long node, AttributeChange change)
      throws FuseException {
    try (Held held = stableNames()) {
      OpenFile.Local file = change.file();
      if (file != null && change.size() != null) {
        attributes.change(file.descriptor(), change);
        check(NameCalls.stat(file.descriptor()), "node " + node);
        return attributes(NameCalls.details());
      }
      int fd =
          change.size() == null ? openPath(node) : openNode(node, Posix.O_WRONLY | ACCESS_FLAGS);
      try (Descriptor open = new Descriptor(fd)) {
        check(NameCalls.stat(fd), "node " + node);
        if (node(NameCalls.details()) != node) {
          throw stale(node);
        }
        attributes.change(open.fd(), change);
        check(NameCalls.stat(open.fd()), "node " + node);
        return attributes(NameCalls.details());
      }
    }
  }

  @Override
  public List<String> extendedAttributeNames(RequestContext context, long node)
      throws FuseException {
    try (Held held = stableNames();
        Descriptor file = new Descriptor(openPath(node))) {
      return attributes.names(file.fd(), context.uid() == 0);
    }
  }

  @Override
  public byte[] extendedAttribute(RequestContext context, long node, String name)
      throws FuseException {
    try (Held held = stableNames();
        Descriptor file = new Descriptor(openPath(node))) {
      return attributes.value(file.fd(), FileNames.encode(name));
    }
  }

  @Override
  public void setExtendedAttribute(
      RequestContext context, long node, String name, byte[] value, int flags)
      throws FuseException {
    try (Held held = stableNames();
        Descriptor file = new Descriptor(openPath(node))) {
      attributes.set(file.fd(), FileNames.encode(name), value, flags);
    }
  }

  @Override
  public void removeExtendedAttribute(RequestContext context, long node, String name)
      throws FuseException {
    try (Held held = stableNames();
        Descriptor file = new Descriptor(openPath(node))) {
      check(FileCalls.removeAttribute(file.fd(), FileNames.encode(name)), name);
    }
  }

  @Override
  public FileSystemStatistics statistics(RequestContext context) throws FuseException {
    FileCalls.Room room = FileCalls.room(root);
    if (room == null) {
      throw new FuseException(Errno.EIO, "statfs");
    }
    return new FileSystemStatistics(
        room.blocks() * room.blockBytes(),
        room.free() * room.blockBytes(),
        room.available() * room.blockBytes(),
        room.files(),
        room.freeFiles());
  }

  /** Returns how many nodes are held. */
  int heldNodes() {
    return nodes.size();
  }

  /** Closes the directories; no more calls come. */
  @Override
  public void close() {
    directories.close();
    int unused = Posix.close(root);
  }
}
