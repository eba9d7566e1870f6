package io.revfs.fuse.kernel;

import io.revfs.fuse.AttributeChange;
import io.revfs.fuse.Attributes;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.WritableTree;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * What changes a {@link WritableTree}, and what is asked of its open files. Thread-safe.
 *
 * <p>A request that is sent again may have been done by the process before, which was killed before
 * it could say so. The kernel holds the directory's lock until it is answered, and asked before
 * whether the name is there: so "exists" and "does not exist" are the first try's work.
 */
final class WriteRequests {
  private final WritableTree tree;
  private final AttributeLifetimes lifetimes;
  private final FileRequests files;
  private final int uid;
  private final int gid;

  WriteRequests(
      WritableTree tree,
      Negotiation agreed,
      PassthroughFiles passthrough,
      AttributeLifetimes lifetimes,
      int uid,
      int gid) {
    this.tree = tree;
    this.lifetimes = lifetimes;
    this.files = new FileRequests(tree, agreed, passthrough, lifetimes);
    this.uid = uid;
    this.gid = gid;
  }

  void close() {
    files.close();
  }

  /** Returns whether a request is answered here. */
  static boolean answers(int opcode) {
    return switch (opcode) {
      case Opcode.OPEN,
          Opcode.READ,
          Opcode.WRITE,
          Opcode.RELEASE,
          Opcode.FLUSH,
          Opcode.FSYNC,
          Opcode.FALLOCATE,
          Opcode.LSEEK,
          Opcode.COPY_FILE_RANGE,
          Opcode.CREATE,
          Opcode.TMPFILE,
          Opcode.MKNOD,
          Opcode.MKDIR,
          Opcode.SYMLINK,
          Opcode.LINK,
          Opcode.UNLINK,
          Opcode.RMDIR,
          Opcode.RENAME,
          Opcode.RENAME2,
          Opcode.SETATTR,
          Opcode.SETXATTR,
          Opcode.REMOVEXATTR,
          Opcode.FSYNCDIR ->
          true;
      default -> false;
    };
  }

  /** As {@link Requests#answer}. */
  int answer(Exchange x) throws FuseException {
    return switch (x.opcode()) {
      case Opcode.OPEN -> files.open(x);
      case Opcode.READ -> files.read(x);
      case Opcode.WRITE -> files.write(x);
      case Opcode.RELEASE -> files.release(x);
      case Opcode.FLUSH -> files.flush(x);
      case Opcode.FSYNC -> files.synchronize(x);
      case Opcode.FALLOCATE -> files.allocate(x);
      case Opcode.LSEEK -> files.seek(x);
      case Opcode.COPY_FILE_RANGE -> files.copy(x);
      case Opcode.CREATE -> create(x);
      case Opcode.TMPFILE -> createNameless(x);
      case Opcode.MKNOD -> makeNode(x);
      case Opcode.MKDIR -> {
        x.need(WriteWire.MkdirIn.BYTES);
        String name = x.name(WriteWire.MkdirIn.BYTES);
        int mode = x.intAt(WriteWire.MkdirIn.MODE) & 07777;
        yield makeEntry(x, name, () -> tree.makeDirectory(x.context(), x.node(), name, mode));
      }
      case Opcode.SYMLINK -> symbolicLink(x);
      case Opcode.LINK -> {
        x.need(WriteWire.LinkIn.BYTES);
        String name = x.name(WriteWire.LinkIn.BYTES);
        long node = x.longAt(WriteWire.LinkIn.OLD_NODE);
        long since = lifetimes.now();
        Attributes linked = made(x, name, () -> tree.link(x.context(), node, x.node(), name));
        yield putEntry(x, linked, lifetimes.secondsOfLate(linked, since));
      }
      case Opcode.UNLINK -> {
        String name = x.name(0);
        yield gone(x, () -> tree.unlink(x.context(), x.node(), name));
      }
      case Opcode.RMDIR -> {
        String name = x.name(0);
        yield gone(x, () -> tree.removeDirectory(x.context(), x.node(), name));
      }
      case Opcode.RENAME -> {
        x.need(WriteWire.RenameIn.BYTES);
        yield rename(x, x.longAt(WriteWire.RenameIn.NEW_PARENT), 0, WriteWire.RenameIn.BYTES);
      }
      case Opcode.RENAME2 -> {
        x.need(WriteWire.Rename2In.BYTES);
        yield rename(
            x,
            x.longAt(WriteWire.Rename2In.NEW_PARENT),
            x.intAt(WriteWire.Rename2In.FLAGS),
            WriteWire.Rename2In.BYTES);
      }
      case Opcode.SETATTR -> setattr(x);
      case Opcode.SETXATTR -> setxattr(x);
      case Opcode.REMOVEXATTR -> {
        String name = FileNames.decode(x.nameBytes(0));
        tree.removeExtendedAttribute(x.context(), x.node(), name);
        yield 0;
      }
      case Opcode.FSYNCDIR -> {
        tree.synchronizeDirectory(x.context(), x.node());
        yield 0;
      }
      default -> throw new FuseException(Errno.ENOSYS, "request " + x.opcode());
    };
  }

  /** Makes something that then has a name. */
  @FunctionalInterface
  private interface Making {
    Attributes make() throws FuseException;
  }

  /** Takes a name away. */
  @FunctionalInterface
  private interface Removal {
    void run() throws FuseException;
  }

  private int makeEntry(Exchange x, String name, Making making) throws FuseException {
    long since = lifetimes.now();
    Attributes made = made(x, name, making);
    return putEntry(x, made, lifetimes.seconds(made, since));
  }

  private Attributes made(Exchange x, String name, Making making) throws FuseException {
    try {
      return making.make();
    } catch (FuseException e) {
      if (e.errno() != Errno.EEXIST || !x.isResent()) {
        throw e;
      }
      return tree.lookup(x.context(), x.node(), name); // the first try made it
    }
  }

  private static int gone(Exchange x, Removal removal) throws FuseException {
    try {
      removal.run();
    } catch (FuseException e) {
      if (e.errno() != Errno.ENOENT || !x.isResent()) {
        throw e;
      } // else the first try removed it
    }
    return 0;
  }

  private int putEntry(Exchange x, Attributes found, double seconds) {
    Wire.putEntry(
        x.body(Wire.EntryOut.BYTES),
        Wire.OutHeader.BYTES,
        found,
        tree.nameSeconds(x.node()),
        seconds,
        uid,
        gid);
    return Wire.EntryOut.BYTES;
  }

  private int create(Exchange x) throws FuseException {
    x.need(WriteWire.CreateIn.BYTES);
    String name = x.name(WriteWire.CreateIn.BYTES);
    int flags = x.intAt(WriteWire.CreateIn.FLAGS);
    int again = x.isResent() ? flags & ~WritableTree.EXCLUSIVE : flags;
    int mode = x.intAt(WriteWire.CreateIn.MODE) & 07777;
    return created(x, flags, () -> tree.create(x.context(), x.node(), name, again, mode));
  }

  private int createNameless(Exchange x) throws FuseException {
    x.need(WriteWire.CreateIn.BYTES);
    int mode = x.intAt(WriteWire.CreateIn.MODE) & 07777;
    int flags = x.intAt(WriteWire.CreateIn.FLAGS);
    return created(x, flags, () -> tree.createNameless(x.context(), x.node(), flags, mode));
  }

  /** Creates a file that is open then. */
  @FunctionalInterface
  private interface Creation {
    WritableTree.Created create() throws FuseException;
  }

  private int created(Exchange x, int flags, Creation creation) throws FuseException {
    long since = lifetimes.now();
    WritableTree.Created created = creation.create();
    if (lifetimes.allowsMapping(flags)) {
      lifetimes.created(created.attributes().node());
    }
    int length = Wire.EntryOut.BYTES + Wire.OpenOut.BYTES;
    x.body(length);
    Attributes attributes = created.attributes();
    int unused = putEntry(x, attributes, lifetimes.seconds(attributes, since));
    files.putOpen(
        x, Wire.OutHeader.BYTES + Wire.EntryOut.BYTES, created.attributes().node(), created.file());
    return length;
  }

  /** The kernel did not take the answer: who asked is gone. */
  void openAbandoned(Exchange x) {
    int at = Wire.OutHeader.BYTES;
    if (x.opcode() == Opcode.OPEN) {
      files.abandoned(x, at, x.node());
    } else if (x.opcode() == Opcode.CREATE || x.opcode() == Opcode.TMPFILE) {
      long node = Wire.getLong(x.body(0), at + Wire.EntryOut.NODE);
      files.abandoned(x, at + Wire.EntryOut.BYTES, node);
      tree.forget(node, 1);
    }
  }

  private int makeNode(Exchange x) throws FuseException {
    x.need(WriteWire.MknodIn.BYTES);
    String name = x.name(WriteWire.MknodIn.BYTES);
    int mode = x.intAt(WriteWire.MknodIn.MODE) & (FileKind.MODE_BITS | 07777);
    int device = x.intAt(WriteWire.MknodIn.RDEV);
    return makeEntry(x, name, () -> tree.makeNode(x.context(), x.node(), name, mode, device));
  }

  private int symbolicLink(Exchange x) throws FuseException {
    byte[] bytes = x.nameBytes(0);
    String name = x.name(0);
    String target = FileNames.decode(x.nameBytes(bytes.length + 1));
    return makeEntry(x, name, () -> tree.makeSymbolicLink(x.context(), x.node(), name, target));
  }

  private int rename(Exchange x, long newParent, int flags, int namesAt) throws FuseException {
    int length = x.nameBytes(namesAt).length;
    String name = x.name(namesAt);
    String newName = x.name(namesAt + length + 1);
    return gone(x, () -> tree.rename(x.context(), x.node(), name, newParent, newName, flags));
  }

  private int setattr(Exchange x) throws FuseException {
    x.need(WriteWire.SetattrIn.BYTES);
    long since = lifetimes.now();
    Attributes changed = tree.change(x.context(), x.node(), change(x));
    double lifetime = lifetimes.secondsOfLate(changed, since);
    MemorySegment out = x.body(Wire.AttrOut.BYTES);
    int at = Wire.OutHeader.BYTES;
    Wire.putLong(out, at + Wire.AttrOut.ATTR_VALID, (long) lifetime);
    Wire.putLong(out, at + Wire.AttrOut.ATTR_VALID_NSEC, Wire.nanoseconds(lifetime));
    Wire.putAttr(out, at + Wire.AttrOut.ATTR, changed, uid, gid);
    return Wire.AttrOut.BYTES;
  }

  private AttributeChange change(Exchange x) {
    int valid = x.intAt(WriteWire.SetattrIn.VALID);
    OpenFile.Local file =
        (valid & WriteWire.SetattrIn.HAS_HANDLE) == 0
            ? null
            : files.named(x, WriteWire.SetattrIn.HANDLE);
    return new AttributeChange(
        file,
        has(valid, WriteWire.SetattrIn.HAS_MODE)
            ? Integer.valueOf(x.intAt(WriteWire.SetattrIn.MODE) & 07777)
            : null,
        has(valid, WriteWire.SetattrIn.HAS_UID)
            ? Integer.valueOf(x.intAt(WriteWire.SetattrIn.UID))
            : null,
        has(valid, WriteWire.SetattrIn.HAS_GID)
            ? Integer.valueOf(x.intAt(WriteWire.SetattrIn.GID))
            : null,
        has(valid, WriteWire.SetattrIn.HAS_SIZE)
            ? Long.valueOf(x.longAt(WriteWire.SetattrIn.SIZE))
            : null,
        time(
            x,
            valid,
            WriteWire.SetattrIn.HAS_ATIME,
            WriteWire.SetattrIn.ATIME_NOW,
            WriteWire.SetattrIn.ATIME,
            WriteWire.SetattrIn.ATIMENSEC),
        time(
            x,
            valid,
            WriteWire.SetattrIn.HAS_MTIME,
            WriteWire.SetattrIn.MTIME_NOW,
            WriteWire.SetattrIn.MTIME,
            WriteWire.SetattrIn.MTIMENSEC),
        has(valid, WriteWire.SetattrIn.KILL_SUIDGID));
  }

  private static boolean has(int valid, int bit) {
    return (valid & bit) != 0;
  }

  private static @Nullable Long time(
      Exchange x, int valid, int bit, int now, int secondsAt, int restAt) {
    if (!has(valid, bit)) {
      return null;
    }
    return has(valid, now)
        ? AttributeChange.NOW
        : x.longAt(secondsAt) * Wire.NANOSECONDS_OF_SECOND + x.intAt(restAt);
  }

  private int setxattr(Exchange x) throws FuseException {
    x.need(WriteWire.SetxattrIn.BYTES);
    byte[] name = x.nameBytes(WriteWire.SetxattrIn.BYTES);
    int size = x.intAt(WriteWire.SetxattrIn.SIZE);
    int at = WriteWire.SetxattrIn.BYTES + name.length + 1;
    if (size < 0 || size > x.bodyBytes() - at) {
      throw new FuseException(Errno.EINVAL, "an attribute of " + size + " bytes");
    }
    byte[] value = new byte[size];
    MemorySegment.copy(
        x.request(), ValueLayout.JAVA_BYTE, Wire.InHeader.BYTES + (long) at, value, 0, size);
    int flags = x.intAt(WriteWire.SetxattrIn.FLAGS);
    tree.setExtendedAttribute(x.context(), x.node(), FileNames.decode(name), value, flags);
    return 0;
  }
}
