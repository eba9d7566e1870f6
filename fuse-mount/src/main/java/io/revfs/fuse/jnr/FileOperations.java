package io.revfs.fuse.jnr;

import io.revfs.fuse.AttributeChange;
import io.revfs.fuse.Attributes;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.WritableTree;
import io.revfs.posix.FileCalls;
import io.revfs.posix.NameCalls;
import io.revfs.posix.SetIdBits;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import jnr.ffi.Pointer;
import ru.serce.jnrfuse.struct.FuseFileInfo;

/**
 * libfuse's operations on open files of a {@link WritableTree}. They are known by their handles, so
 * that what was renamed or unlinked goes on working. Thread-safe.
 */
final class FileOperations {
  private static final int PERMISSIONS = 07777;

  private final WritableTree tree;
  private final TreeOperations looking;
  private final Answers answers;
  private final Supplier<RequestContext> caller;
  private final HandleTable<Opened> files = new HandleTable<>();

  /**
   * An open file.
   *
   * @param way to it, held so that the tree knows where it is now
   */
  private record Opened(Way way, OpenFile file) {}

  /** {@code caller}: says who asks, on the thread of a request. */
  FileOperations(
      WritableTree tree, TreeOperations looking, Answers answers, Supplier<RequestContext> caller) {
    this.tree = tree;
    this.looking = looking;
    this.answers = answers;
    this.caller = caller;
  }

  /** Fills the slots of libfuse's struct that these are. */
  void register(NativeOperations slots) {
    slots.open.set((path, info) -> answers.answer("open", path, () -> open(path, info)));
    slots.create.set(
        (path, mode, info) ->
            answers.answer("create", path, () -> create(path, (int) mode & PERMISSIONS, info)));
    slots.read.set(
        (path, to, size, at, info) -> answers.answer("read", path, () -> read(to, size, at, info)));
    slots.write.set(
        (path, from, size, at, info) ->
            answers.answer("write", path, () -> write(from, size, at, info)));
    slots.flush.set((path, info) -> answers.answer("flush", path, () -> flush(info)));
    slots.release.set((path, info) -> answers.answer("release", path, () -> release(info)));
    slots.fsync.set(
        (path, dataOnly, info) ->
            answers.answer("fsync", path, () -> synchronize(dataOnly != 0, info)));
    slots.ftruncate.set(
        (path, size, info) -> answers.answer("ftruncate", path, () -> truncate(size, info)));
    slots.fgetattr.set(
        (path, stat, info) -> answers.answer("fgetattr", path, () -> attributes(stat, info)));
    slots.fallocate.set(
        (path, mode, at, length, info) ->
            answers.answer("fallocate", path, () -> allocate(mode, at, length, info)));
    slots.fsyncdir.set(
        (path, dataOnly, info) ->
            answers.answer("fsyncdir", path, () -> synchronizeDirectory(info)));
  }

  private int open(Pointer path, Pointer info) throws FuseException {
    return open(NativePath.decode(path), info);
  }

  private int open(String path, Pointer info) throws FuseException {
    RequestContext context = caller.get();
    int flags = FuseFileInfo.of(info).flags.get();
    // The kernel takes set-id bits away before it writes; here it is the open that writes.
    boolean dropsRights = (flags & WritableTree.TRUNCATE) != 0 && context.uid() != 0;
    Opened opened =
        Retry.whileStale(
            () -> {
              Way way = Way.to(tree, context, path);
              try {
                return new Opened(way, tree.open(context, way.node(), flags, dropsRights));
              } catch (FuseException | RuntimeException e) {
                way.close();
                throw e;
              }
            });
    add(opened, info);
    return 0;
  }

  private void add(Opened opened, Pointer info) {
    TreeOperations.opened(opened.file(), info);
    FuseFileInfo.of(info).fh.set(files.add(opened));
  }

  private int create(Pointer path, int mode, Pointer info) throws FuseException {
    RequestContext context = caller.get();
    String decoded = NativePath.decode(path);
    int flags = FuseFileInfo.of(info).flags.get();
    int slash = decoded.lastIndexOf('/');
    String name = PathResolver.checked(decoded.substring(slash + 1));
    try {
      add(
          Retry.whileStale(
              () -> {
                Way way = Way.to(tree, context, decoded.substring(0, Math.max(1, slash)));
                try {
                  var created = tree.create(context, way.node(), name, flags, mode);
                  return new Opened(way.on(created.attributes()), created.file());
                } catch (FuseException | RuntimeException e) {
                  way.close();
                  throw e;
                }
              }),
          info);
      return 0;
    } catch (FuseException e) {
      if (e.errno() != Errno.EEXIST || (flags & WritableTree.EXCLUSIVE) != 0) {
        throw e;
      }
      return open(decoded, info); // it came since the kernel looked
    }
  }

  private Opened opened(Pointer info) throws FuseException {
    return files.get(FuseFileInfo.of(info).fh.get());
  }

  private OpenFile.Local local(Pointer info) throws FuseException {
    if (opened(info).file() instanceof OpenFile.Local local) {
      return local;
    }
    throw new FuseException(Errno.EBADF, "a file that is only shown");
  }

  private int read(Pointer to, long size, long offset, Pointer info) throws FuseException {
    return opened(info).file().read(RequestContext.INTERNAL, NativePath.view(to, size), offset);
  }

  private int write(Pointer from, long size, long offset, Pointer info) throws FuseException {
    int fd = local(info).descriptor();
    RequestContext context = caller.get();
    if (context.uid() != 0) {
      // The kernel takes other set-id bits away before it writes, not a set-gid one that nobody
      // executes by.
      SetIdBits.dropFromMode(fd, context::isInGroup);
    }
    MemorySegment bytes = NativePath.segment(from, size);
    int done = 0;
    while (done < size) {
      int n = FileCalls.write(fd, bytes.asSlice(done), size - done, offset + done);
      if (n <= 0) {
        if (done > 0) {
          break; // what was written counts; the next one hears what is wrong
        }
        check(n);
        break;
      }
      done += n;
    }
    return done;
  }

  private static void check(int result) throws FuseException {
    if (result < 0) {
      throw new FuseException(Errno.of(-result), "an open file");
    }
  }

  private int flush(Pointer info) throws FuseException {
    Opened opened = opened(info);
    if (opened.file() instanceof OpenFile.Local local && local.tellsOfClose()) {
      tree.flushed(caller.get(), opened.way().node(), local);
    }
    return 0;
  }

  private int release(Pointer info) throws FuseException {
    Opened closed = files.remove(FuseFileInfo.of(info).fh.get());
    closed.file().close();
    closed.way().close();
    return 0;
  }

  private int synchronize(boolean dataOnly, Pointer info) throws FuseException {
    if (opened(info).file() instanceof OpenFile.Local local) {
      check(FileCalls.synchronize(local.descriptor(), dataOnly));
    }
    return 0;
  }

  private int truncate(long size, Pointer info) throws FuseException {
    OpenFile.Local file = local(info);
    Attributes unused =
        tree.change(
            caller.get(),
            opened(info).way().node(),
            new AttributeChange(file, null, null, null, size, null, null, false));
    return 0;
  }

  private int attributes(Pointer stat, Pointer info) throws FuseException {
    Opened opened = opened(info);
    Attributes found = opened.way().found();
    if (opened.file() instanceof OpenFile.Local local) {
      check(NameCalls.stat(local.descriptor()));
      found = Attributes.of(found.node(), NameCalls.details());
    }
    looking.fill(stat, found);
    return 0;
  }

  private int allocate(int mode, long offset, long length, Pointer info) throws FuseException {
    check(FileCalls.allocate(local(info).descriptor(), mode, offset, length));
    return 0;
  }

  private int synchronizeDirectory(Pointer info) throws FuseException {
    tree.synchronizeDirectory(caller.get(), looking.directory(info));
    return 0;
  }
}
