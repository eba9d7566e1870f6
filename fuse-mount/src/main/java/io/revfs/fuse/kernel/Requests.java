package io.revfs.fuse.kernel;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileSystemStatistics;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.SlowAnswerException;
import io.revfs.fuse.WritableTree;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Answers one request from a {@link FileTree}. Thread-safe. Reads of open files allocate nothing.
 * Whatever the kernel sends is checked for its length here, before anything else looks at it.
 */
final class Requests {
  /** In place of an answer's length: this request has none. */
  static final int NO_ANSWER = -1;

  private static final int W_OK = 2;

  private final FileTree tree;
  private final Negotiation agreed;
  private final NodeFiles files;
  private final PassthroughFiles passthrough;
  private final AttributeLifetimes lifetimes;
  private final Directories directories;
  private final @Nullable WriteRequests writing;
  private final int uid;
  private final int gid;

  /** {@code uid} and {@code gid}: who the files seem to belong to. */
  Requests(
      FileTree tree,
      Negotiation agreed,
      NodeFiles files,
      PassthroughFiles passthrough,
      AttributeLifetimes lifetimes,
      int uid,
      int gid) {
    this.tree = tree;
    this.agreed = agreed;
    this.files = files;
    this.passthrough = passthrough;
    this.lifetimes = lifetimes;
    this.directories = new Directories(tree, lifetimes, uid, gid);
    this.writing =
        tree instanceof WritableTree writable
            ? new WriteRequests(writable, agreed, passthrough, lifetimes, uid, gid)
            : null;
    this.uid = uid;
    this.gid = gid;
  }

  /**
   * Answers.
   *
   * @return how long the answer's body is, or {@link #NO_ANSWER}
   * @throws SlowAnswerException if the thread would have to wait and may not
   */
  int answer(Exchange x) throws FuseException {
    if (writing != null && WriteRequests.answers(x.opcode())) {
      return writing.answer(x);
    }
    return switch (x.opcode()) {
      case Opcode.LOOKUP -> lookup(x);
      case Opcode.FORGET -> {
        x.need(Wire.ForgetIn.BYTES);
        forget(x.node(), x.longAt(Wire.ForgetIn.NLOOKUP));
        yield NO_ANSWER;
      }
      case Opcode.BATCH_FORGET -> batchForget(x);
      case Opcode.GETATTR -> getattr(x);
      case Opcode.STATX -> statx(x);
      case Opcode.READLINK -> give(x, FileNames.encode(tree.readLink(x.context(), x.node())));
      case Opcode.OPEN -> open(x);
      case Opcode.READ -> read(x);
      case Opcode.RELEASE -> {
        if (!x.isResent()) {
          passthrough.release(x.node());
        } // else it may be counted already; rather one backing file too many than one too few
        yield 0;
      }
      case Opcode.READDIR -> {
        x.need(Wire.ReadIn.BYTES);
        yield directories.list(x, false);
      }
      case Opcode.READDIRPLUS -> {
        x.need(Wire.ReadIn.BYTES);
        yield directories.list(x, true);
      }
      case Opcode.STATFS -> statfs(x);
      case Opcode.ACCESS -> {
        x.need(Integer.BYTES);
        tree.attributes(x.context(), x.node());
        if ((x.intAt(0) & W_OK) != 0 && writing == null) {
          throw new FuseException(Errno.EROFS, "access for writing");
        }
        yield 0;
      }
      case Opcode.GETXATTR -> getxattr(x);
      case Opcode.LISTXATTR -> listxattr(x);
      case Opcode.OPENDIR -> {
        if (agreed.has(Negotiation.NO_OPENDIR_SUPPORT)) {
          throw Unsupported.INSTANCE; // the kernel does not ask again, and caches listings
        }
        MemorySegment out = open(x, Wire.OpenOut.KEEP_CACHE | Wire.OpenOut.CACHE_DIR, 0);
        yield out == null ? 0 : Wire.OpenOut.BYTES;
      }
      case Opcode.RELEASEDIR, Opcode.DESTROY -> 0;
      case Opcode.SETATTR,
          Opcode.SYMLINK,
          Opcode.MKNOD,
          Opcode.MKDIR,
          Opcode.UNLINK,
          Opcode.RMDIR,
          Opcode.RENAME,
          Opcode.RENAME2,
          Opcode.LINK,
          Opcode.WRITE,
          Opcode.SETXATTR,
          Opcode.REMOVEXATTR,
          Opcode.CREATE,
          Opcode.TMPFILE,
          Opcode.FALLOCATE,
          Opcode.COPY_FILE_RANGE ->
          throw new FuseException(Errno.EROFS, "a read-only tree");
      default -> throw Unsupported.INSTANCE; // FLUSH and FSYNC too: the kernel stops asking
    };
  }

  /** ENOSYS: without a message made for each. */
  private static final class Unsupported extends FuseException {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("StaticAssignmentOfThrowable") // has no stack trace
    static final Unsupported INSTANCE = new Unsupported();

    private Unsupported() {
      super(Errno.ENOSYS, "not supported");
    }
  }

  private int lookup(Exchange x) throws FuseException {
    String name = x.name(0);
    long since = lifetimes.now();
    Attributes found;
    try {
      found = tree.lookup(x.context(), x.node(), name);
    } catch (FuseException e) {
      double absence = e.errno() == Errno.ENOENT ? tree.absenceSeconds(x.node()) : 0;
      if (absence <= 0) {
        throw e;
      }
      MemorySegment out = x.body(Wire.EntryOut.BYTES);
      out.asSlice(Wire.OutHeader.BYTES, Wire.EntryOut.BYTES).fill((byte) 0);
      Wire.putLong(out, Wire.OutHeader.BYTES + Wire.EntryOut.ENTRY_VALID, (long) absence);
      return Wire.EntryOut.BYTES;
    }
    Wire.putEntry(
        x.body(Wire.EntryOut.BYTES),
        Wire.OutHeader.BYTES,
        found,
        tree.nameSeconds(x.node()),
        lifetimes.seconds(found, since),
        uid,
        gid);
    return Wire.EntryOut.BYTES;
  }

  private int batchForget(Exchange x) throws FuseException {
    x.need(Wire.BatchForgetIn.BYTES);
    long count = Integer.toUnsignedLong(x.intAt(Wire.BatchForgetIn.COUNT));
    int room = (x.bodyBytes() - Wire.BatchForgetIn.BYTES) / Wire.BatchForgetIn.ONE_BYTES;
    int n = (int) Math.min(count, room);
    for (int i = 0; i < n; i++) {
      int at = Wire.BatchForgetIn.BYTES + i * Wire.BatchForgetIn.ONE_BYTES;
      forget(
          x.longAt(at + Wire.BatchForgetIn.ONE_NODE),
          x.longAt(at + Wire.BatchForgetIn.ONE_NLOOKUP));
    }
    return NO_ANSWER;
  }

  private void forget(long node, long references) {
    tree.forget(node, references);
    lifetimes.forgot(node);
  }

  private int getattr(Exchange x) throws FuseException {
    long since = lifetimes.now();
    Attributes found = tree.attributes(x.context(), x.node());
    double lifetime = lifetimes.seconds(found, since);
    MemorySegment out = x.body(Wire.AttrOut.BYTES);
    int at = Wire.OutHeader.BYTES;
    Wire.putLong(out, at + Wire.AttrOut.ATTR_VALID, (long) lifetime);
    Wire.putLong(out, at + Wire.AttrOut.ATTR_VALID_NSEC, Wire.nanoseconds(lifetime));
    Wire.putAttr(out, at + Wire.AttrOut.ATTR, found, uid, gid);
    return Wire.AttrOut.BYTES;
  }

  private int statx(Exchange x) throws FuseException {
    x.need(Wire.StatxIn.BYTES);
    long since = lifetimes.now();
    Attributes found = tree.attributes(x.context(), x.node());
    double lifetime = lifetimes.seconds(found, since);
    Wire.putStatx(x.body(Wire.StatxOut.BYTES), Wire.OutHeader.BYTES, found, lifetime, uid, gid);
    return Wire.StatxOut.BYTES;
  }

  /** Writes an OPEN answer. */
  private static MemorySegment open(Exchange x, int flags, int backingId) {
    MemorySegment out = x.body(Wire.OpenOut.BYTES);
    int at = Wire.OutHeader.BYTES;
    // No handle: what is open is known by its node, so another process can serve it too.
    Wire.putLong(out, at + Wire.OpenOut.HANDLE, 0);
    Wire.putInt(out, at + Wire.OpenOut.OPEN_FLAGS, flags);
    Wire.putInt(out, at + Wire.OpenOut.BACKING_ID, backingId);
    return out;
  }

  private int open(Exchange x) throws FuseException {
    if (agreed.pageCache()) {
      throw Unsupported.INSTANCE;
    }
    x.need(Wire.OpenIn.BYTES);
    NodeFiles.Lease lease = acquireWhole(x);
    try {
      OpenFile file = lease.file;
      int flags = Wire.OpenOut.NOFLUSH;
      if (file.sizeMayDiffer()) {
        open(x, flags | Wire.OpenOut.DIRECT_IO, 0);
        return Wire.OpenOut.BYTES;
      }
      int backingId = passthrough.open(x.node(), file);
      if (backingId == PassthroughFiles.SERVED) {
        open(x, flags | Wire.OpenOut.KEEP_CACHE, 0);
      } else {
        open(x, flags | Wire.OpenOut.PASSTHROUGH, backingId);
      }
      return Wire.OpenOut.BYTES;
    } finally {
      files.release(lease);
    }
  }

  /**
   * Opens a file. Where the kernel reads complete ones by itself, one that comes whole is waited
   * for: the reader would wait for its bytes next, and so no byte of it passes through here.
   */
  private NodeFiles.Lease acquireWhole(Exchange x) throws FuseException {
    if (passthrough.isAllowed()) {
      files.dropServed(x.node());
    }
    NodeFiles.Lease lease = files.acquire(x.context(), x.node());
    if (!passthrough.isAllowed()
        || !(lease.file instanceof OpenFile.Served file)
        || !file.comesWhole()) {
      return lease;
    }
    try {
      RequestContext context = x.context();
      context.beforeSlowAnswer();
      x.await(() -> file.await(context, 0, Math.toIntExact(file.size())));
    } finally {
      files.release(lease);
      files.drop(x.node()); // the next one to open it finds it complete, or begins anew
    }
    return files.acquire(x.context(), x.node());
  }

  /** Does what may be asked for next, once the answer is out. */
  void prepareNext(Exchange x) {
    if (x.listingNext() > 0) {
      directories.prepare(x);
    }
  }

  /** The kernel did not take the answer to an OPEN: who asked is gone, and nothing is open. */
  void openAbandoned(Exchange x) {
    if (writing != null) {
      writing.openAbandoned(x);
    } else if (x.opcode() == Opcode.OPEN) {
      passthrough.release(x.node());
    }
  }

  /** Closes what is open: the session is over. */
  void close() {
    if (writing != null) {
      writing.close();
    }
  }

  private int read(Exchange x) throws FuseException {
    x.need(Wire.ReadIn.BYTES);
    long offset = x.longAt(Wire.ReadIn.OFFSET);
    int size = x.intAt(Wire.ReadIn.SIZE);
    if (offset < 0 || size < 0 || size > agreed.mostReadBytes()) {
      throw new FuseException(Errno.EINVAL, "read of " + size + " bytes at " + offset);
    }
    NodeFiles.Lease lease = files.acquire(x.context(), x.node());
    boolean good = false;
    try {
      RequestContext context = x.context();
      if (context.mayBlock()) {
        // Before memory for the bytes is taken.
        x.await(() -> lease.file.await(context, offset, size));
      }
      x.body(size);
      ByteBuffer target = x.target(size);
      int n = lease.file.read(context, target, offset);
      good = true;
      return n;
    } catch (SlowAnswerException e) {
      good = true;
      throw e;
    } finally {
      files.release(lease);
      if (!good) {
        files.drop(x.node()); // the next try begins anew
      }
    }
  }

  private int statfs(Exchange x) throws FuseException {
    FileSystemStatistics figures = tree.statistics(x.context());
    MemorySegment out = x.body(Wire.StatfsOut.BYTES);
    int at = Wire.OutHeader.BYTES;
    out.asSlice(at, Wire.StatfsOut.BYTES).fill((byte) 0);
    Wire.putLong(
        out, at + Wire.StatfsOut.BLOCKS, Math.ceilDiv(figures.totalBytes(), Wire.PAGE_BYTES));
    Wire.putLong(out, at + Wire.StatfsOut.BFREE, figures.freeBytes() / Wire.PAGE_BYTES);
    Wire.putLong(out, at + Wire.StatfsOut.BAVAIL, figures.availableBytes() / Wire.PAGE_BYTES);
    Wire.putLong(out, at + Wire.StatfsOut.FILES, figures.files());
    Wire.putLong(out, at + Wire.StatfsOut.FFREE, figures.freeFiles());
    Wire.putInt(out, at + Wire.StatfsOut.BSIZE, Wire.PAGE_BYTES);
    Wire.putInt(out, at + Wire.StatfsOut.NAMELEN, FileNames.MAX_BYTES);
    Wire.putInt(out, at + Wire.StatfsOut.FRSIZE, Wire.PAGE_BYTES);
    return Wire.StatfsOut.BYTES;
  }

  private int getxattr(Exchange x) throws FuseException {
    x.need(Wire.GetxattrIn.BYTES);
    String name = FileNames.decode(x.nameBytes(Wire.GetxattrIn.BYTES));
    return giveSized(x, tree.extendedAttribute(x.context(), x.node(), name));
  }

  private int listxattr(Exchange x) throws FuseException {
    x.need(Wire.GetxattrIn.BYTES);
    var all = new java.io.ByteArrayOutputStream();
    for (String name : tree.extendedAttributeNames(x.context(), x.node())) {
      all.writeBytes(FileNames.encode(name));
      all.write(0);
    }
    return giveSized(x, all.toByteArray());
  }

  /** A size of 0 asks how much there is. */
  private static int giveSized(Exchange x, byte[] value) throws FuseException {
    long size = Integer.toUnsignedLong(x.intAt(Wire.GetxattrIn.SIZE));
    if (size == 0) {
      MemorySegment out = x.body(Wire.GetxattrOut.BYTES);
      Wire.putLong(out, Wire.OutHeader.BYTES + Wire.GetxattrOut.SIZE, value.length);
      return Wire.GetxattrOut.BYTES;
    }
    if (value.length > size) {
      throw new FuseException(Errno.ERANGE, "attribute of " + value.length + " bytes");
    }
    return give(x, value);
  }

  private static int give(Exchange x, byte[] value) {
    MemorySegment out = x.body(value.length);
    MemorySegment.copy(value, 0, out, ValueLayout.JAVA_BYTE, Wire.OutHeader.BYTES, value.length);
    return value.length;
  }
}
