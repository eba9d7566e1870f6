package io.revfs.fuse.jnr;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileSystemStatistics;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.WritableTree;
import java.util.function.Supplier;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseFileInfo;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/**
 * libfuse's path-based operations on a {@link FileTree}; of one that can be written, those that
 * only look. Thread-safe.
 */
final class TreeOperations {
  private static final RequestContext CONTEXT = RequestContext.INTERNAL;

  /**
   * {@code O_ACCMODE}, {@code O_CREAT}, {@code O_TRUNC}, {@code O_APPEND} (asm-generic/fcntl.h).
   */
  private static final int WRITE_FLAGS = 3 | 0100 | 01000 | 02000;

  // struct fuse_file_info of 2.9: int, long, int, and the bits at 20, of which direct_io is the
  // first
  private static final long FLAG_BITS_AT = 20;
  private static final int DIRECT_IO = 1;
  private static final int W_OK = 2;
  private static final long NANOSECONDS_OF_SECOND = 1_000_000_000;
  private static final int FILE_SYSTEM_BLOCK_BYTES = 4096;

  private final FileTree tree;
  private final Answers answers;
  private final Supplier<RequestContext> caller;
  private final PathResolver paths;
  private final HandleTable<OpenFile> files = new HandleTable<>();
  private final HandleTable<OpenDirectory> directories = new HandleTable<>();
  private final Runtime runtime = Runtime.getSystemRuntime();
  private final ThreadLocal<FileStat> stats = ThreadLocal.withInitial(() -> new FileStat(runtime));
  private final int uid;
  private final int gid;

  /** A directory held open; one that can be written with the way to it. */
  private record OpenDirectory(DirectoryListing listing, long node, @Nullable Way way) {}

  /**
   * @param uid who the files seem to belong to, with {@code gid}, where the tree does not say so
   * @param caller says who asks, on the thread of a request
   */
  TreeOperations(
      FileTree tree, int uid, int gid, Answers answers, Supplier<RequestContext> caller) {
    this.tree = tree;
    this.caller = caller;
    this.answers = answers;
    this.paths = new PathResolver(tree);
    this.uid = uid;
    this.gid = gid;
  }

  int openFiles() {
    return files.size();
  }

  /** Fills those slots of libfuse's struct that look at a tree. */
  void register(NativeOperations slots) {
    slots.getattr.set((path, stat) -> answers.answer("getattr", path, () -> getattr(path, stat)));
    slots.readlink.set(
        (path, to, size) -> answers.answer("readlink", path, () -> readlink(path, to, size)));
    slots.open.set((path, info) -> answers.answer("open", path, () -> open(path, info)));
    slots.read.set(
        (path, to, size, at, info) -> answers.answer("read", path, () -> read(to, size, at, info)));
    slots.release.set((path, info) -> answers.answer("release", path, () -> release(info)));
    slots.opendir.set((path, info) -> answers.answer("opendir", path, () -> opendir(path, info)));
    slots.readdir.set(
        (path, to, filler, at, info) ->
            answers.answer("readdir", path, () -> readdir(to, filler, at, info)));
    slots.releasedir.set(
        (path, info) -> answers.answer("releasedir", path, () -> releasedir(info)));
    slots.statfs.set((path, stat) -> answers.answer("statfs", path, () -> statfs(stat)));
    slots.access.set((path, mode) -> answers.answer("access", path, () -> access(path, mode)));
    slots.getxattr.set(
        (path, name, to, size) ->
            answers.answer("getxattr", path, () -> getxattr(path, name, to, size)));
    slots.listxattr.set(
        (path, to, size) -> answers.answer("listxattr", path, () -> listxattr(path, to, size)));
  }

  void close() {
    paths.close();
  }

  private <T> T with(Pointer path, PathResolver.NodeWork<T> work) throws FuseException {
    String decoded = NativePath.decode(path);
    return Retry.whileStale(() -> paths.with(CONTEXT, decoded, work));
  }

  private int getattr(Pointer path, Pointer to) throws FuseException {
    Attributes found = with(path, attributes -> attributes);
    fill(to, found);
    return 0;
  }

  /** Fills a {@code struct stat}. */
  void fill(Pointer to, Attributes from) {
    FileStat stat = stats.get();
    stat.useMemory(to);
    fill(stat, from);
  }

  private void fill(FileStat stat, Attributes from) {
    stat.st_mode.set(from.kind().modeBits() | from.permissions());
    stat.st_nlink.set(from.links());
    stat.st_size.set(from.size());
    stat.st_blksize.set(FILE_SYSTEM_BLOCK_BYTES);
    stat.st_blocks.set(from.blocks());
    Attributes.Details more = from.details();
    if (more != null) {
      fill(stat, more);
      return;
    }
    stat.st_ino.set(from.node());
    stat.st_uid.set(uid);
    stat.st_gid.set(gid);
    stat.st_atim.tv_sec.set(from.modifiedSeconds());
    stat.st_mtim.tv_sec.set(from.modifiedSeconds());
    stat.st_ctim.tv_sec.set(from.modifiedSeconds());
  }

  private static void fill(FileStat stat, Attributes.Details from) {
    stat.st_ino.set(from.inode());
    stat.st_uid.set(from.uid());
    stat.st_gid.set(from.gid());
    stat.st_rdev.set(from.device());
    set(stat.st_atim, from.accessed());
    set(stat.st_mtim, from.modified());
    set(stat.st_ctim, from.changed());
  }

  private static void set(Timespec time, long nanoseconds) {
    time.tv_sec.set(Math.floorDiv(nanoseconds, NANOSECONDS_OF_SECOND));
    time.tv_nsec.set(Math.floorMod(nanoseconds, NANOSECONDS_OF_SECOND));
  }

  private int readlink(Pointer path, Pointer to, long size) throws FuseException {
    byte[] target =
        NativePath.terminated(with(path, found -> tree.readLink(CONTEXT, found.node())));
    // libfuse wants the target cut off to the buffer, with a NUL in any case.
    int length = (int) Math.min(target.length - 1, size - 1);
    target[length] = 0;
    to.put(0, target, 0, length + 1);
    return 0;
  }

  private int open(Pointer path, Pointer info) throws FuseException {
    FuseFileInfo fi = FuseFileInfo.of(info);
    if ((fi.flags.get() & WRITE_FLAGS) != 0) {
      throw new FuseException(Errno.EROFS, "open for writing");
    }
    OpenFile file = with(path, found -> tree.open(CONTEXT, found.node()));
    opened(file, info);
    fi.fh.set(files.add(file));
    return 0;
  }

  /** Says in {@code struct fuse_file_info} how a file is to be read. */
  static void opened(OpenFile file, Pointer info) {
    if (file.sizeMayDiffer()) {
      info.putInt(FLAG_BITS_AT, info.getInt(FLAG_BITS_AT) | DIRECT_IO);
    }
  }

  private int read(Pointer to, long size, long offset, Pointer info) throws FuseException {
    OpenFile file = files.get(FuseFileInfo.of(info).fh.get());
    return file.read(CONTEXT, NativePath.view(to, size), offset);
  }

  private int release(Pointer info) throws FuseException {
    files.remove(FuseFileInfo.of(info).fh.get()).close();
    return 0;
  }

  private int opendir(Pointer path, Pointer info) throws FuseException {
    OpenDirectory opened =
        tree instanceof WritableTree
            ? heldDirectory(NativePath.decode(path))
            : with(
                path,
                found ->
                    new OpenDirectory(
                        tree.openDirectory(CONTEXT, found.node()), found.node(), null));
    FuseFileInfo.of(info).fh.set(directories.add(opened));
    return 0;
  }

  private OpenDirectory heldDirectory(String path) throws FuseException {
    Way way = Way.to(tree, CONTEXT, path);
    try {
      return new OpenDirectory(tree.openDirectory(CONTEXT, way.node()), way.node(), way);
    } catch (FuseException | RuntimeException e) {
      way.close();
      throw e;
    }
  }

  /** Returns the node of an open directory. */
  long directory(Pointer info) throws FuseException {
    return directories.get(FuseFileInfo.of(info).fh.get()).node();
  }

  /**
   * Entries are passed with their positions, so libfuse keeps one buffer of them, not the whole
   * directory: a million entries cost no memory. "." and ".." are the positions 1 and 2.
   */
  private int readdir(Pointer to, Pointer filler, long offset, Pointer info) throws FuseException {
    OpenDirectory opened = directories.get(FuseFileInfo.of(info).fh.get());
    DirectoryFiller fill = new DirectoryFiller(to, filler);
    FileStat stat = stats.get();
    stat.useMemory(fill.stat());
    stat.st_mode.set(FileKind.DIRECTORY.modeBits());
    stat.st_ino.set(opened.node()); // 0 would hide them from ls
    if (offset < 1 && !fill.add(DOT, 1)) {
      return 0;
    }
    if (offset < 2 && !fill.add(DOT_DOT, 2)) {
      return 0;
    }
    opened
        .listing()
        .list(
            CONTEXT,
            Math.max(0, offset - 2),
            (bytes, node, kind, next) -> {
              if (bytes.length > FileNames.MAX_BYTES) {
                throw new FuseException(Errno.ENAMETOOLONG, FileNames.decode(bytes));
              }
              stat.st_ino.set(node);
              stat.st_mode.set(kind.modeBits());
              return fill.add(bytes, next + 2);
            });
    return 0;
  }

  private static final byte[] DOT = {'.'};
  private static final byte[] DOT_DOT = {'.', '.'};

  private int releasedir(Pointer info) throws FuseException {
    OpenDirectory closed = directories.remove(FuseFileInfo.of(info).fh.get());
    closed.listing().close();
    if (closed.way() != null) {
      closed.way().close();
    }
    return 0;
  }

  private int statfs(Pointer to) throws FuseException {
    FileSystemStatistics figures = tree.statistics(CONTEXT);
    Statvfs stat = Statvfs.of(to);
    stat.f_bsize.set(FILE_SYSTEM_BLOCK_BYTES);
    stat.f_frsize.set(FILE_SYSTEM_BLOCK_BYTES);
    stat.f_blocks.set(Math.ceilDiv(figures.totalBytes(), FILE_SYSTEM_BLOCK_BYTES));
    stat.f_bfree.set(figures.freeBytes() / FILE_SYSTEM_BLOCK_BYTES);
    stat.f_bavail.set(figures.availableBytes() / FILE_SYSTEM_BLOCK_BYTES);
    stat.f_files.set(figures.files());
    stat.f_ffree.set(figures.freeFiles());
    stat.f_namemax.set(FileNames.MAX_BYTES);
    return 0;
  }

  private int access(Pointer path, long mode) throws FuseException {
    with(path, found -> found);
    if ((mode & W_OK) != 0 && !(tree instanceof WritableTree)) {
      throw new FuseException(Errno.EROFS, "access for writing");
    }
    return 0;
  }

  private int getxattr(Pointer path, Pointer name, Pointer to, long size) throws FuseException {
    String attribute = NativePath.decode(name);
    return give(
        with(path, found -> tree.extendedAttribute(CONTEXT, found.node(), attribute)), to, size);
  }

  private int listxattr(Pointer path, Pointer to, long size) throws FuseException {
    var all = new java.io.ByteArrayOutputStream();
    RequestContext asking = caller.get();
    for (String name : with(path, found -> tree.extendedAttributeNames(asking, found.node()))) {
      all.writeBytes(NativePath.terminated(name));
    }
    return give(all.toByteArray(), to, size);
  }

  /** A size of 0 asks how much there is. */
  private static int give(byte[] value, Pointer to, long size) throws FuseException {
    if (size == 0) {
      return value.length;
    }
    if (value.length > size) {
      throw new FuseException(Errno.ERANGE, "attribute of " + value.length + " bytes");
    }
    to.put(0, value, 0, value.length);
    return value.length;
  }

  /** Returns memory for a struct, zeroed. */
  static Pointer allocate(Runtime runtime, int bytes) {
    return Memory.allocateDirect(runtime, bytes, true);
  }
}
