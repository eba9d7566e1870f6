package io.revfs.fuse.local;

import io.revfs.fuse.AttributeChange;
import io.revfs.fuse.Attributes;
import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileSystemStatistics;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.WritableTree;
import io.revfs.fuse.local.NodeMemory.Place;
import io.revfs.posix.FileCalls;
import io.revfs.posix.FileDetails;
import io.revfs.posix.FileStat;
import io.revfs.posix.Identity;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import io.revfs.posix.SetIdBits;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongConsumer;
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

  private static final long LOWEST_NODE = 16;
  private static final int ENOENT = 2;
  private static final int EACCES = 13;
  private static final int EEXIST = 17;
  private static final int ACCESS_FLAGS = Posix.O_NOFOLLOW | NameCalls.O_NONBLOCK;
  private static final byte[] SELF = {'.'};
  private static final String CAPABILITY_NAME = "security.capability";
  private static final byte[] CAPABILITY = CAPABILITY_NAME.getBytes(StandardCharsets.US_ASCII);

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

  /** What directories were last that are gone and that somebody is still in. */
  private final ConcurrentHashMap<Long, Attributes> gone = new ConcurrentHashMap<>();

  private final ReadWriteLock names = new ReentrantReadWriteLock();

  /**
   * A tree over a directory.
   *
   * @param root a descriptor of the directory, this object's from here on
   * @param memory knows the nodes of a session that this process goes on with
   * @param tellsOfClose by name: of which files {@link #flushed} is told
   */
  public LocalTree(int root, NodeMemory memory, Predicate<String> tellsOfClose) throws IOException {
    this(root, memory, HeldFiles.NONE, tellsOfClose);
  }

  /**
   * As the other one.
   *
   * @param held holds what has no name for the next process
   */
  public LocalTree(int root, NodeMemory memory, HeldFiles held, Predicate<String> tellsOfClose)
      throws IOException {
    this.root = root;
    this.nodes = new LocalNodes(memory);
    this.directories = new OpenDirectories(root, nodes);
    this.nameless = new Nameless(root, files, memory, held);
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
    return Attributes.of(node(of), of);
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

  /**
   * Says who is told of nodes that were open for writing and are not any more; on a thread of the
   * session's, so it is to be quick.
   */
  public void onWritten(LongConsumer listener) {
    files.onWritten(listener);
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

  /**
   * Passes what was changed below by others than this tree, and the kernel may know as it was
   * before.
   *
   * @param since when the first change may have been made, nanoseconds since 1970
   */
  public void staleSince(long since, StaleNodes.Sink sink) {
    Map<Long, Map<String, Long>> all = nodes.byDirectory();
    all.putIfAbsent(ROOT, Map.of());
    StaleNodes stale = new StaleNodes(since, all.keySet(), this::node, directories::drop);
    all.forEach(
        (directory, known) -> {
          try (Held held = stableNames();
              OpenDirectories.Lease lease = directories.open(directory)) {
            stale.look(lease.fd, directory, known);
          } catch (FuseException e) {
            return; // it is gone, as is told of the directory above
          }
          stale.tell(sink);
        });
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
    if (!nodes.isHeld(node)) {
      nameless.forget(node);
      if (!gone.isEmpty()) {
        gone.remove(node);
      }
    }
  }

  @Override
  public void forgetAll() {
    gone.clear();
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
    Attributes last = gone.isEmpty() ? null : gone.get(node);
    if (last != null) {
      return last;
    }
    try (Held held = stableNames()) {
      return attributes(details(node));
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
        check(NameCalls.stat(fd), "open");
        FileDetails details = NameCalls.details();
        if (node(details) != node) {
          throw stale(node);
        }
        return opened(context, node, fd, details, flags, dropsRights);
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
        byte[] name = FileNames.encode(place.get().name());
        int fd = Posix.open(directory.fd, name, flags, 0);
        if (fd == -EACCES) {
          fd = maker.openOwn(directory.fd, name, flags);
        }
        if (fd != -ENOENT) {
          return (int) check(fd, place.get().name());
        }
      }
    }
    return nameless.open(node, flags);
  }

  private LocalFile opened(
      RequestContext context,
      long node,
      int fd,
      FileDetails details,
      int flags,
      boolean dropsRights)
      throws FuseException {
    boolean writable = (flags & ACCESS_MODE) != READ_ONLY;
    if (dropsRights) {
      SetIdBits.drop(fd, context::isInGroup);
    }
    if ((flags & TRUNCATE) != 0 && writable && details.size() != 0) {
      check(FileCalls.truncate(fd, 0), "open");
    }
    return add(node, fd, details, writable, writable && FileCalls.hasAttribute(fd, CAPABILITY));
  }

  private LocalFile add(
      long node, int fd, FileDetails details, boolean writable, boolean hasCapability) {
    Optional<Place> place = nodes.place(node);
    boolean tells = writable && place.isPresent() && tellsOfClose.test(place.get().name());
    boolean passthrough = !SetIdBits.has(details.mode()) && !hasCapability;
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
        FileDetails details = there ? details(fd, name) : settled(context, made, fd, mode);
        Attributes found = attributes(details);
        nodes.found(found.node(), new Place(parent, name), details.links());
        return new Created(
            found,
            there
                ? opened(context, found.node(), fd, details, flags, false)
                : add(found.node(), fd, details, (flags & ACCESS_MODE) != READ_ONLY, false));
      } catch (FuseException | RuntimeException e) {
        int unused = Posix.close(fd);
        throw e;
      }
    }
  }

  private static FileDetails details(int fd, String what) throws FuseException {
    check(NameCalls.stat(fd), what);
    return NameCalls.details();
  }

  /** Gives a new file what is its maker's; returns what it is then. */
  private FileDetails settled(RequestContext context, Maker.Made made, int fd, int mode)
      throws FuseException {
    FileDetails details = details(fd, "a new file");
    return maker.settle(context, made, fd, details, mode) ? details(fd, "a new file") : details;
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
        FileDetails details = settled(context, made, fd, mode);
        Attributes found = attributes(details);
        nodes.foundNameless(found.node());
        boolean writable = (flags & ACCESS_MODE) != READ_ONLY;
        LocalFile file = add(found.node(), fd, details, writable, false);
        nameless.remember(found.node());
        return new Created(found, file);
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
        FileDetails details = settled(context, made, open.fd(), mode);
        Attributes found = attributes(details);
        nodes.found(found.node(), new Place(parent, name), 1);
        return found;
      }
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
      nameless.forget(node); // it has one now
      return found(directory.fd, parent, name);
    }
  }

  /**
   * Removes a file if it is as it was and nobody has it open for writing, so that nothing that is
   * written gets lost.
   *
   * @param path from the root
   * @param seen how it was
   * @return whether it was removed
   */
  public boolean removeUnchanged(List<String> path, FileStat seen) throws FuseException {
    byte[] directory = FileNames.encode(String.join("/", path.subList(0, path.size() - 1)));
    byte[] name = FileNames.encode(path.getLast());
    int flags = NameCalls.O_PATH | Posix.O_DIRECTORY;
    try (Held held = changingNames();
        Descriptor at =
            new Descriptor(
                path.size() == 1
                    ? (int) check(FileCalls.duplicate(root), "root")
                    : (int) check(NameCalls.openBelow(root, directory, flags), "directory"))) {
      FileStat now = Posix.stat(at.fd(), name, false);
      if (now == null
          || !now.isUnchanged(seen)
          || NameCalls.stat(at.fd(), name) < 0
          || files.isWritten(node(NameCalls.details()))) {
        return false;
      }
      FileDetails details = NameCalls.details();
      check(NameCalls.stat(at.fd()), "directory");
      long parent = node(NameCalls.details());
      try (Nameless.Last last = nameless.last(at.fd(), name)) {
        check(Posix.unlink(at.fd(), name), path.getLast());
        lost(node(details), new Place(parent, path.getLast()), last);
      }
      return true;
    }
  }

  @Override
  public void unlink(RequestContext context, long parent, String name) throws FuseException {
    byte[] bytes = FileNames.encode(name);
    try (Held held = stableNames();
        OpenDirectories.Lease directory = directories.open(parent)) {
      check(NameCalls.stat(directory.fd, bytes), name);
      long node = node(NameCalls.details());
      try (Nameless.Last last = nameless.last(directory.fd, bytes)) {
        check(Posix.unlink(directory.fd, bytes), name);
        lost(node, new Place(parent, name), last);
      }
    }
  }

  private void lost(long node, Place place, Nameless.Last last) {
    if (nodes.lost(node, place)) {
      nameless.remember(node, last);
    }
  }

  @Override
  public void removeDirectory(RequestContext context, long parent, String name)
      throws FuseException {
    byte[] bytes = FileNames.encode(name);
    try (Held held = changingNames();
        OpenDirectories.Lease directory = directories.open(parent)) {
      int fd = Posix.open(directory.fd, bytes, NameCalls.O_PATH | Posix.O_NOFOLLOW, 0);
      try (Descriptor removed = new Descriptor((int) check(fd, name))) {
        FileDetails details = details(removed.fd(), name);
        check(Posix.removeDirectory(directory.fd, bytes), name);
        long node = node(details);
        lost(details, new Place(parent, name), Nameless.Last.NONE);
        if (nodes.isHeld(node)) {
          gone.put(node, Attributes.of(node, details(removed.fd(), name)));
        }
      }
    }
  }

  /** A name is gone, with a directory below if it was one. */
  private void lost(FileDetails details, Place place, Nameless.Last last) {
    long node = node(details);
    lost(node, place, last);
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
        OpenDirectories.Lease newDirectory = directories.open(newParent);
        Nameless.Last last = nameless.last(newDirectory.fd, newBytes)) {
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
        lost(replaced, to, last);
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
        attributes.change(context, file.descriptor(), change);
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
        attributes.change(context, open.fd(), change);
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
    if (name.equals(CAPABILITY_NAME) && files.isWithoutCapability(node)) {
      throw new FuseException(Errno.ENODATA, name); // asked before the first write of each file
    }
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
      if (name.equals(CAPABILITY_NAME)) {
        files.gotCapability(node);
      }
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
    nameless.close();
    directories.close();
    int unused = Posix.close(root);
  }
}
