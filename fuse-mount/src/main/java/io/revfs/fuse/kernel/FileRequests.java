package io.revfs.fuse.kernel;

import io.revfs.fuse.Errno;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.WritableTree;
import io.revfs.posix.FileCalls;
import io.revfs.posix.SetIdBits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What is asked of the open files of a writable tree. Where the kernel reads and writes a file by
 * itself, neither READ nor WRITE arrives. Thread-safe.
 */
final class FileRequests {
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  private final WritableTree tree;
  private final Negotiation agreed;
  private final PassthroughFiles passthrough;
  private final AttributeLifetimes lifetimes;
  private final Handles handles;

  FileRequests(
      WritableTree tree,
      Negotiation agreed,
      PassthroughFiles passthrough,
      AttributeLifetimes lifetimes) {
    this.tree = tree;
    this.agreed = agreed;
    this.passthrough = passthrough;
    this.lifetimes = lifetimes;
    this.handles = new Handles(tree);
  }

  void close() {
    handles.close();
  }

  /** OPEN. */
  int open(Exchange x) throws FuseException {
    x.need(Wire.OpenIn.BYTES);
    int flags = x.intAt(Wire.OpenIn.FLAGS);
    boolean dropsRights = (x.intAt(Wire.OpenIn.OPEN_FLAGS) & Wire.OpenIn.KILL_SUIDGID) != 0;
    boolean mappable = lifetimes.allowsMapping(flags);
    if (mappable) {
      lifetimes.opening(x.context(), x.node(), flags);
    }
    OpenFile file;
    try {
      file = whole(x, flags, tree.open(x.context(), x.node(), flags, dropsRights));
    } catch (FuseException | RuntimeException e) {
      if (mappable) {
        lifetimes.closed(x.node(), false);
      }
      throw e;
    }
    putOpen(x, Wire.OutHeader.BYTES, x.node(), file);
    return Wire.OpenOut.BYTES;
  }

  /** As {@link Requests}: what comes whole is waited for, so that the kernel reads it by itself. */
  private OpenFile whole(Exchange x, int flags, OpenFile file) throws FuseException {
    if (!passthrough.isAllowed()
        || !(file instanceof OpenFile.Served served)
        || !served.comesWhole()) {
      return file;
    }
    try {
      RequestContext context = x.context();
      context.beforeSlowAnswer();
      x.await(() -> served.await(context, 0, Math.toIntExact(served.size())));
    } finally {
      served.close();
    }
    return tree.open(x.context(), x.node(), flags, false);
  }

  /** Writes a {@code struct fuse_open_out} of a file that was just opened. */
  void putOpen(Exchange x, int at, long node, OpenFile file) {
    int backingId = passthrough.open(node, file);
    boolean tells = file instanceof OpenFile.Local local && local.tellsOfClose();
    int flags = tells ? 0 : Wire.OpenOut.NOFLUSH;
    flags |=
        backingId == PassthroughFiles.SERVED ? Wire.OpenOut.KEEP_CACHE : Wire.OpenOut.PASSTHROUGH;
    MemorySegment out = x.body(at + Wire.OpenOut.BYTES - Wire.OutHeader.BYTES);
    Wire.putLong(out, at + Wire.OpenOut.HANDLE, handles.add(file));
    Wire.putInt(out, at + Wire.OpenOut.OPEN_FLAGS, flags);
    Wire.putInt(out, at + Wire.OpenOut.BACKING_ID, backingId);
  }

  /** The answer with an open at {@code at} was not taken: who asked is gone. */
  void abandoned(Exchange x, int at, long node) {
    boolean mappable = lifetimes.allowsMapping(x.intAt(Wire.OpenIn.FLAGS)); // as of CREATE
    close(Wire.getLong(x.body(0), at + Wire.OpenOut.HANDLE), node, mappable);
  }

  private void close(long handle, long node, boolean mappable) {
    boolean passedThrough = passthrough.release(node);
    OpenFile file = handles.remove(handle);
    if (file != null) {
      file.close();
    }
    if (mappable) {
      lifetimes.closed(node, passedThrough); // last: then nobody but a mapping has it open
    }
  }

  private OpenFile file(Exchange x, int handleAt, boolean writing) throws FuseException {
    return handles.get(x.context(), x.longAt(handleAt), x.node(), writing);
  }

  private OpenFile.Local local(Exchange x, int handleAt) throws FuseException {
    if (file(x, handleAt, true) instanceof OpenFile.Local local) {
      return local;
    }
    throw new FuseException(Errno.EBADF, "a file that is only shown");
  }

  /** RELEASE: the last one closed it, and does not wait. */
  int release(Exchange x) throws FuseException {
    x.need(WriteWire.CloseIn.BYTES);
    long handle = x.longAt(WriteWire.CloseIn.HANDLE);
    boolean mappable =
        lifetimes.allowsMapping(x.intAt(WriteWire.CloseIn.FLAGS)) && handles.isOurs(handle);
    long node = x.node();
    boolean resent = x.isResent();
    x.afterAnswer(
        () -> {
          if (resent) { // it may be counted already; rather one backing file too many
            OpenFile left = handles.remove(handle);
            if (left != null) {
              left.close();
            }
          } else {
            close(handle, node, mappable);
          }
        });
    return 0;
  }

  /** FLUSH: somebody closes a descriptor, and waits for this. */
  int flush(Exchange x) throws FuseException {
    x.need(WriteWire.CloseIn.BYTES);
    if (file(x, WriteWire.CloseIn.HANDLE, false) instanceof OpenFile.Local local) {
      tree.flushed(x.context(), x.node(), local);
    }
    return 0;
  }

  /** READ. */
  int read(Exchange x) throws FuseException {
    x.need(Wire.ReadIn.BYTES);
    long offset = x.longAt(Wire.ReadIn.OFFSET);
    int size = x.intAt(Wire.ReadIn.SIZE);
    if (offset < 0 || size < 0 || size > agreed.mostReadBytes()) {
      throw new FuseException(Errno.EINVAL, "read of " + size + " bytes at " + offset);
    }
    OpenFile file = file(x, Wire.ReadIn.HANDLE, false);
    RequestContext context = x.context();
    if (file instanceof OpenFile.Local local) {
      MemorySegment out = x.body(size);
      return (int)
          FuseException.check(
              FileCalls.readAt(
                  local.descriptor(), out.asSlice(Wire.OutHeader.BYTES, size), size, offset),
              "read");
    }
    if (context.mayBlock()) {
      x.await(() -> file.await(context, offset, size)); // before memory for the bytes is taken
    }
    x.body(size);
    return file.read(context, x.target(size), offset);
  }

  /** WRITE: all of it, or what there was room for. */
  int write(Exchange x) throws FuseException {
    x.need(WriteWire.WriteIn.BYTES);
    long offset = x.longAt(WriteWire.WriteIn.OFFSET);
    int size = x.intAt(WriteWire.WriteIn.SIZE);
    if (offset < 0 || size < 0 || size > x.bodyBytes() - WriteWire.WriteIn.BYTES) {
      throw new FuseException(Errno.EINVAL, "write of " + size + " bytes at " + offset);
    }
    OpenFile.Local file = local(x, WriteWire.WriteIn.HANDLE);
    if ((x.intAt(WriteWire.WriteIn.WRITE_FLAGS) & WriteWire.WriteIn.KILL_SUIDGID) != 0) {
      SetIdBits.drop(file.descriptor(), x.context()::isInGroup);
    }
    MemorySegment bytes =
        x.request().asSlice(Wire.InHeader.BYTES + (long) WriteWire.WriteIn.BYTES, size);
    int written;
    if (bytes.isNative()) {
      written = write(file.descriptor(), bytes, offset);
    } else {
      try (Arena arena = Arena.ofConfined()) {
        written =
            write(file.descriptor(), arena.allocate(Math.max(1, size)).copyFrom(bytes), offset);
      }
    }
    return putWritten(x, written);
  }

  private static int write(int fd, MemorySegment bytes, long offset) throws FuseException {
    long done = 0;
    while (done < bytes.byteSize()) {
      int n = FileCalls.write(fd, bytes.asSlice(done), bytes.byteSize() - done, offset + done);
      if (n <= 0 && done == 0) {
        return (int) FuseException.check(n, "write");
      }
      if (n <= 0) {
        break; // what was written is told; the next write hears of the reason
      }
      done += n;
    }
    return (int) done;
  }

  private static int putWritten(Exchange x, int bytes) {
    MemorySegment out = x.body(WriteWire.WriteOut.BYTES);
    Wire.putLong(out, Wire.OutHeader.BYTES, 0);
    Wire.putInt(out, Wire.OutHeader.BYTES + WriteWire.WriteOut.SIZE, bytes);
    return WriteWire.WriteOut.BYTES;
  }

  /** FSYNC. */
  int synchronize(Exchange x) throws FuseException {
    x.need(WriteWire.FsyncIn.BYTES);
    if (file(x, WriteWire.FsyncIn.HANDLE, false) instanceof OpenFile.Local local) {
      boolean dataOnly = (x.intAt(WriteWire.FsyncIn.FLAGS) & WriteWire.FsyncIn.DATA_ONLY) != 0;
      FuseException.check(FileCalls.synchronize(local.descriptor(), dataOnly), "fsync");
    }
    return 0;
  }

  /** The kernel leaves it to us, and does not say so as it does of WRITE. */
  private static void dropRights(Exchange x, OpenFile.Local written) {
    if (x.context().uid() != 0) {
      SetIdBits.dropFromMode(written.descriptor(), x.context()::isInGroup);
    }
  }

  /** FALLOCATE. */
  int allocate(Exchange x) throws FuseException {
    x.need(WriteWire.FallocateIn.BYTES);
    OpenFile.Local file = local(x, WriteWire.FallocateIn.HANDLE);
    dropRights(x, file);
    FuseException.check(
        FileCalls.allocate(
            file.descriptor(),
            x.intAt(WriteWire.FallocateIn.MODE),
            x.longAt(WriteWire.FallocateIn.OFFSET),
            x.longAt(WriteWire.FallocateIn.LENGTH)),
        "fallocate");
    return 0;
  }

  /** LSEEK, which asks for data and holes only. */
  int seek(Exchange x) throws FuseException {
    x.need(WriteWire.LseekIn.BYTES);
    long offset = x.longAt(WriteWire.LseekIn.OFFSET);
    int whence = x.intAt(WriteWire.LseekIn.WHENCE);
    OpenFile file = file(x, WriteWire.LseekIn.HANDLE, false);
    long found;
    if (file instanceof OpenFile.Local local) {
      found = FuseException.check(FileCalls.seek(local.descriptor(), offset, whence), "lseek");
    } else if (offset >= file.size() || offset < 0) {
      throw new FuseException(Errno.ENXIO, "past the end");
    } else {
      found = whence == SEEK_DATA ? offset : whence == SEEK_HOLE ? file.size() : -1;
    }
    if (found < 0) {
      throw new FuseException(Errno.EINVAL, "whence " + whence);
    }
    MemorySegment out = x.body(WriteWire.LseekOut.BYTES);
    Wire.putLong(out, Wire.OutHeader.BYTES + WriteWire.LseekOut.OFFSET, found);
    return WriteWire.LseekOut.BYTES;
  }

  /** COPY_FILE_RANGE; on EOPNOTSUPP the kernel reads and writes itself. */
  int copy(Exchange x) throws FuseException {
    x.need(WriteWire.CopyIn.BYTES);
    OpenFile from = file(x, WriteWire.CopyIn.HANDLE, false);
    OpenFile to =
        handles.get(
            x.context(),
            x.longAt(WriteWire.CopyIn.TO_HANDLE),
            x.longAt(WriteWire.CopyIn.TO_NODE),
            true);
    if (!(from instanceof OpenFile.Local source) || !(to instanceof OpenFile.Local target)) {
      throw new FuseException(Errno.EOPNOTSUPP, "a file that is only shown");
    }
    dropRights(x, target);
    long most = Math.min(x.longAt(WriteWire.CopyIn.LENGTH), Integer.MAX_VALUE & ~4095);
    long copied =
        FuseException.check(
            FileCalls.copy(
                source.descriptor(),
                x.longAt(WriteWire.CopyIn.OFFSET),
                target.descriptor(),
                x.longAt(WriteWire.CopyIn.TO_OFFSET),
                most),
            "copy_file_range");
    return putWritten(x, (int) copied);
  }

  /** Returns the file that a SETATTR names, if it names one that can be written. */
  OpenFile.@org.jspecify.annotations.Nullable Local named(Exchange x, int handleAt) {
    return handles.find(x.longAt(handleAt)) instanceof OpenFile.Local local && local.isWritable()
        ? local
        : null;
  }
}
