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
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A local directory as a writable tree, reached by a descriptor: also where a mount of this tree
 * lies over it. Thread-safe.
 *
 * <p>By contract nobody else changes what is below, so the kernel may keep names and attributes for
 * long. A node is a file below, numbered by {@link NodesBelow}. Memory holds where the nodes are
 * that the kernel knows. Whoever finds something else at a node's place answers ESTALE, and the
 * kernel looks again. Renames exclude all else ({@link NameLock}).
 *
 * <p>Long, as it has a method for each request of the kernel's, most of them one call to what is
 * below.
 */
public final class LocalTree implements WritableTree, Closeable {
  /** How long the kernel may keep what it was told, in seconds: nothing changes behind its back. */
  private static final double LONG_SECONDS = 86_400;

  private static final int ENOENT = 2;
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
  private final NodesBelow below;

  /** What directories were last that are gone and that somebody is still in. */
  private final ConcurrentHashMap<Long, Attributes> gone = new ConcurrentHashMap<>();

  private final NameLock names = new NameLock();

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
    this.below = new NodesBelow(root, NameCalls.details(), nodes, directories, nameless, maker);
  }

  @Override
  public List<String> path(long node) throws FuseException {
    try (NameLock.Held held = names.stable()) {
      return List.copyOf(nodes.names(node));
    }
  }

  /** Returns whether the kernel knows a node by a lookup of this process's. */
  public boolean isHeld(long node) {
    return nodes.isHeld(node);
  }

  /** Returns the node that is at a path from the root now; empty if nothing is. */
  public Optional<Long> nodeAt(List<String> path) {
    return below.nodeAt(path);
  }

  /** Returns whether a directory has a name. */
  public boolean has(long parent, String name) throws FuseException {
    try (NameLock.Held held = names.stable();
        OpenDirectories.Lease directory = directories.open(parent)) {
      int answer = NameCalls.stat(directory.fd, FileNames.encode(name));
      return answer != -ENOENT && FuseException.check(answer, name) >= 0;
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
    try (NameLock.Held held = names.stable();
        OpenDirectories.Lease directory = directories.open(parent)) {
      FuseException.check(NameCalls.stat(directory.fd, FileNames.encode(name)), name);
      below.adopt(NameCalls.details(), node);
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
    StaleNodes stale = new StaleNodes(since, all.keySet(), below::node, directories::drop);
    all.forEach(
        (directory, known) -> {
          try (NameLock.Held held = names.stable();
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
    try (NameLock.Held held = names.stable();
        OpenDirectories.Lease directory = directories.open(parent)) {
      return below.found(directory.fd, parent, name);
    }
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
  public boolean isReferenced(long node) {
    return nodes.isReferenced(node);
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

  @Override
  public Attributes attributes(RequestContext context, long node) throws FuseException {
    Attributes last = gone.isEmpty() ? null : gone.get(node);
    if (last != null) {
      return last;
    }
    try (NameLock.Held held = names.stable()) {
      return below.attributes(below.details(node));
    }
  }

  @Override
  public String readLink(RequestContext context, long node) throws FuseException {
    try (NameLock.Held held = names.stable();
        Descriptor link = new Descriptor(below.openPath(node))) {
      byte[] target = NameCalls.readLink(link.fd());
      if (target == null) {
        throw new FuseException(Errno.EINVAL, "no link");
      }
      return FileNames.decode(target);
    }
  }

  @Override
  public DirectoryListing openDirectory(RequestContext context, long node) throws FuseException {
    try (NameLock.Held held = names.stable();
        OpenDirectories.Lease directory = directories.open(node)) {
      int fd = Posix.open(directory.fd, SELF, Posix.O_RDONLY | Posix.O_DIRECTORY, 0);
      FuseException.check(fd, "directory of node " + node);
      return new LocalListing(fd);
    }
  }

  @Override
  public void synchronizeDirectory(RequestContext context, long node) throws FuseException {
    try (NameLock.Held held = names.stable();
        OpenDirectories.Lease directory = directories.open(node)) {
      int fd = Posix.open(directory.fd, SELF, Posix.O_RDONLY | Posix.O_DIRECTORY, 0);
      FuseException.check(fd, "directory of node " + node);
      try (Descriptor open = new Descriptor(fd)) {
        FuseException.check(FileCalls.synchronize(open.fd(), false), "fsync of a directory");
      }
    }
  }

  // Files.

  @Override
  public OpenFile open(RequestContext context, long node, int flags, boolean dropsRights)
      throws FuseException {
    try (NameLock.Held held = names.stable()) {
      int fd = below.openNode(node, (flags & ACCESS_MODE) | ACCESS_FLAGS);
      try {
        FuseException.check(NameCalls.stat(fd), "open");
        FileDetails details = NameCalls.details();
        if (below.node(details) != node) {
          throw NodesBelow.stale(node);
        }
        return opened(context, node, fd, details, flags, dropsRights);
      } catch (FuseException | RuntimeException e) {
        int unused = Posix.close(fd);
        throw e;
      }
    }
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
      FuseException.check(FileCalls.truncate(fd, 0), "open");
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
    try (NameLock.Held held = names.stable();
        OpenDirectories.Lease directory = directories.open(parent)) {
      int create = access | Posix.O_CREAT | Posix.O_EXCL;
      Maker.Made made = maker.make(context, () -> Posix.open(directory.fd, bytes, create, mode));
      boolean there = made.result() == -EEXIST && (flags & EXCLUSIVE) == 0;
      int fd = there ? FileCalls.openPastLease(directory.fd, bytes, access) : made.result();
      FuseException.check(fd, name);
      try {
        FileDetails details = there ? details(fd, name) : settled(context, made, fd, mode);
        Attributes found = below.attributes(details);
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
    FuseException.check(NameCalls.stat(fd), what);
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
    try (NameLock.Held held = names.stable();
        OpenDirectories.Lease directory = directories.open(parent)) {
      int open = (flags & (ACCESS_MODE | EXCLUSIVE)) | Posix.O_TMPFILE;
      Maker.Made made = maker.make(context, () -> Posix.open(directory.fd, SELF, open, mode));
      int fd = (int) FuseException.check(made.result(), "a file without a name");
      try {
        FileDetails details = settled(context, made, fd, mode);
        Attributes found = below.attributes(details);
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
    try (NameLock.Held held = names.stable();
        OpenDirectories.Lease directory = directories.open(parent)) {
      Maker.Made made = maker.make(context, () -> making.in(directory.fd));
      FuseException.check(made.result(), name);
      int fd = Posix.open(directory.fd, bytes, NameCalls.O_PATH | Posix.O_NOFOLLOW, 0);
      try (Descriptor open = new Descriptor((int) FuseException.check(fd, name))) {
        FileDetails details = settled(context, made, open.fd(), mode);
        Attributes found = below.attributes(details);
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
    try (NameLock.Held held = names.stable();
        OpenDirectories.Lease directory = directories.open(parent)) {
      Maker.Made made = maker.make(context, () -> Posix.symbolicLink(to, directory.fd, bytes));
      FuseException.check(made.result(), name);
      maker.settleLink(context, made, directory.fd, bytes);
      return below.found(directory.fd, parent, name);
    }
  }

  @Override
  public Attributes link(RequestContext context, long node, long parent, String name)
      throws FuseException {
    byte[] bytes = FileNames.encode(name);
    try (NameLock.Held held = names.stable();
        OpenDirectories.Lease directory = directories.open(parent);
        Descriptor file = new Descriptor(below.openPath(node))) {
      FuseException.check(Posix.linkOpen(file.fd(), directory.fd, bytes), name);
      nameless.forget(node); // it has one now
      return below.found(directory.fd, parent, name);
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
    try (NameLock.Held held = names.changing();
        Descriptor at =
            new Descriptor(
                path.size() == 1
                    ? (int) FuseException.check(FileCalls.duplicate(root), "root")
                    : (int)
                        FuseException.check(
                            NameCalls.openBelow(root, directory, flags), "directory"))) {
      FileStat now = Posix.stat(at.fd(), name, false);
      if (now == null
          || !now.isUnchanged(seen)
          || NameCalls.stat(at.fd(), name) < 0
          || files.isWritten(below.node(NameCalls.details()))) {
        return false;
      }
      FileDetails details = NameCalls.details();
      FuseException.check(NameCalls.stat(at.fd()), "directory");
      long parent = below.node(NameCalls.details());
      try (Nameless.Last last = nameless.last(at.fd(), name)) {
        FuseException.check(Posix.unlink(at.fd(), name), path.getLast());
        below.lost(below.node(details), new Place(parent, path.getLast()), last);
      }
      return true;
    }
  }

  @Override
  public void unlink(RequestContext context, long parent, String name) throws FuseException {
    byte[] bytes = FileNames.encode(name);
    try (NameLock.Held held = names.stable();
        OpenDirectories.Lease directory = directories.open(parent)) {
      FuseException.check(NameCalls.stat(directory.fd, bytes), name);
      long node = below.node(NameCalls.details());
      try (Nameless.Last last = nameless.last(directory.fd, bytes)) {
        FuseException.check(Posix.unlink(directory.fd, bytes), name);
        below.lost(node, new Place(parent, name), last);
      }
    }
  }

  @Override
  public void removeDirectory(RequestContext context, long parent, String name)
      throws FuseException {
    byte[] bytes = FileNames.encode(name);
    try (NameLock.Held held = names.changing();
        OpenDirectories.Lease directory = directories.open(parent)) {
      int fd = Posix.open(directory.fd, bytes, NameCalls.O_PATH | Posix.O_NOFOLLOW, 0);
      try (Descriptor removed = new Descriptor((int) FuseException.check(fd, name))) {
        FileDetails details = details(removed.fd(), name);
        FuseException.check(Posix.removeDirectory(directory.fd, bytes), name);
        long node = below.node(details);
        below.lost(details, new Place(parent, name), Nameless.Last.NONE);
        if (nodes.isHeld(node)) {
          gone.put(node, Attributes.of(node, details(removed.fd(), name)));
        }
      }
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
    try (NameLock.Held held = names.changing();
        OpenDirectories.Lease directory = directories.open(parent);
        OpenDirectories.Lease newDirectory = directories.open(newParent);
        Nameless.Last last = nameless.last(newDirectory.fd, newBytes)) {
      FuseException.check(NameCalls.stat(directory.fd, bytes), name);
      FileDetails moved = NameCalls.details();
      FileDetails replaced = detailsIfThere(newDirectory.fd, newBytes);
      FuseException.check(
          NameCalls.rename(directory.fd, bytes, newDirectory.fd, newBytes, flags), newName);
      if (replaced != null && replaced.inode() == moved.inode()) {
        return; // two names of one file: both stay
      }
      if (replaced != null && (flags & NameCalls.RENAME_EXCHANGE) != 0) {
        nodes.moved(below.node(replaced), to, from);
      } else if (replaced != null) {
        below.lost(replaced, to, last);
      }
      nodes.moved(below.node(moved), from, to);
    }
  }

  private static @Nullable FileDetails detailsIfThere(int directory, byte[] name) {
    return NameCalls.stat(directory, name) < 0 ? null : NameCalls.details();
  }

  // Attributes.

  @Override
  public Attributes change(RequestContext context, long node, AttributeChange change)
      throws FuseException {
    try (NameLock.Held held = names.stable()) {
      OpenFile.Local file = change.file();
      if (file != null && change.size() != null) {
        attributes.change(context, file.descriptor(), change);
        FuseException.check(NameCalls.stat(file.descriptor()), "node " + node);
        return below.attributes(NameCalls.details());
      }
      int fd =
          change.size() == null
              ? below.openPath(node)
              : below.openNode(node, Posix.O_WRONLY | ACCESS_FLAGS);
      try (Descriptor open = new Descriptor(fd)) {
        FuseException.check(NameCalls.stat(fd), "node " + node);
        FileDetails details = NameCalls.details();
        if (below.node(details) != node) {
          throw NodesBelow.stale(node);
        }
        if (change.isEmpty() && !files.isWritten(node)) {
          LocalAttributes.checkOwner(context, details); // else it may come before a write
        }
        attributes.change(context, open.fd(), change);
        FuseException.check(NameCalls.stat(open.fd()), "node " + node);
        return below.attributes(NameCalls.details());
      }
    }
  }

  @Override
  public List<String> extendedAttributeNames(RequestContext context, long node)
      throws FuseException {
    try (NameLock.Held held = names.stable();
        Descriptor file = new Descriptor(below.openPath(node))) {
      return attributes.names(file.fd(), context.uid() == 0);
    }
  }

  @Override
  public byte[] extendedAttribute(RequestContext context, long node, String name)
      throws FuseException {
    if (name.equals(CAPABILITY_NAME) && files.isWithoutCapability(node)) {
      throw new FuseException(Errno.ENODATA, name); // asked before the first write of each file
    }
    try (NameLock.Held held = names.stable();
        Descriptor file = new Descriptor(below.openPath(node))) {
      return attributes.value(file.fd(), FileNames.encode(name));
    }
  }

  @Override
  public void setExtendedAttribute(
      RequestContext context, long node, String name, byte[] value, int flags)
      throws FuseException {
    try (NameLock.Held held = names.stable();
        Descriptor file = new Descriptor(below.openPath(node))) {
      if (name.equals(CAPABILITY_NAME)) {
        files.gotCapability(node);
      }
      attributes.set(file.fd(), FileNames.encode(name), value, flags);
    }
  }

  @Override
  public void removeExtendedAttribute(RequestContext context, long node, String name)
      throws FuseException {
    try (NameLock.Held held = names.stable();
        Descriptor file = new Descriptor(below.openPath(node))) {
      FuseException.check(FileCalls.removeAttribute(file.fd(), FileNames.encode(name)), name);
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
