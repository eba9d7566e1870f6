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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseFileInfo;
import ru.serce.jnrfuse.struct.Statvfs;

/** libfuse's path-based operations on a {@link FileTree}. Thread-safe. */
final class TreeOperations {
  private static final Logger log = LoggerFactory.getLogger(TreeOperations.class);
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
  private static final int FILE_SYSTEM_BLOCK_BYTES = 4096;

  private final FileTree tree;
  private final LoopThreads threads;
  private final PathResolver paths;
  private final HandleTable<OpenFile> files = new HandleTable<>();
  private final HandleTable<OpenDirectory> directories = new HandleTable<>();
  private final Set<String> warned = ConcurrentHashMap.newKeySet();
  private final Runtime runtime = Runtime.getSystemRuntime();
  private final ThreadLocal<FileStat> stats = ThreadLocal.withInitial(() -> new FileStat(runtime));
  private final int uid;
  private final int gid;

  /** A directory held open. */
  private record OpenDirectory(long node, DirectoryListing listing) {}

  /** One request; gives what the kernel is told: 0 or more, or a negative error number. */
  @FunctionalInterface
  private interface Request {
    int answer() throws FuseException;
  }

  /** {@code uid} and {@code gid}: who the files seem to belong to. */
  TreeOperations(FileTree tree, int uid, int gid, LoopThreads threads) {
    this.tree = tree;
    this.threads = threads;
    this.paths = new PathResolver(tree);
    this.uid = uid;
    this.gid = gid;
  }

  int openFiles() {
    return files.size();
  }

  /** Fills the slots of libfuse's struct. */
  void register(NativeOperations slots) {
    slots.getattr.set((path, stat) -> answer("getattr", path, () -> getattr(path, stat)));
    slots.readlink.set(
        (path, to, size) -> answer("readlink", path, () -> readlink(path, to, size)));
    slots.open.set((path, info) -> answer("open", path, () -> open(path, info)));
    slots.read.set(
        (path, to, size, at, info) -> answer("read", path, () -> read(to, size, at, info)));
    slots.release.set((path, info) -> answer("release", path, () -> release(info)));
    slots.opendir.set((path, info) -> answer("opendir", path, () -> opendir(path, info)));
    slots.readdir.set(
        (path, to, filler, at, info) ->
            answer("readdir", path, () -> readdir(to, filler, at, info)));
    slots.releasedir.set((path, info) -> answer("releasedir", path, () -> releasedir(info)));
    slots.statfs.set((path, stat) -> answer("statfs", path, () -> statfs(stat)));
    slots.access.set((path, mode) -> answer("access", path, () -> access(path, mode)));
    slots.getxattr.set(
        (path, name, to, size) -> answer("getxattr", path, () -> getxattr(path, name, to, size)));
    slots.listxattr.set(
        (path, to, size) -> answer("listxattr", path, () -> listxattr(path, to, size)));
    NativeCallbacks.PathOnly refuse = path -> -Errno.EROFS.number();
    slots.mknod.set(refuse);
    slots.mkdir.set(refuse);
    slots.unlink.set(refuse);
    slots.rmdir.set(refuse);
    slots.symlink.set(refuse);
    slots.rename.set(refuse);
    slots.link.set(refuse);
    slots.chmod.set(refuse);
    slots.chown.set(refuse);
    slots.truncate.set(refuse);
    slots.write.set(refuse);
    slots.setxattr.set(refuse);
    slots.removexattr.set(refuse);
    slots.create.set(refuse);
    slots.utimens.set(refuse);
  }

  void close() {
    paths.close();
  }

  /** The one place through which every request goes: nothing is thrown into native code. */
  private int answer(String operation, Pointer path, Request request) {
    threads.requestBegins();
    try {
      return request.answer();
    } catch (FuseException e) {
      if (e.getCause() == null) {
        log.debug("{} {}: {}", operation, describe(path), e.getMessage());
      } else if (warned.add(operation + e.getCause())) {
        log.warn("{} {}: {}", operation, describe(path), e.getMessage());
      }
      return -e.errno().number();
    } catch (Throwable t) {
      if (warned.add(operation + t)) {
        log.error("{} {} failed", operation, describe(path), t);
      }
      return -Errno.EIO.number();
    } finally {
      threads.requestEnds();
    }
  }

  private static String describe(Pointer path) {
    return path == null ? "-" : NativePath.decode(path);
  }

  private <T> T with(Pointer path, PathResolver.NodeWork<T> work) throws FuseException {
    return paths.with(CONTEXT, NativePath.decode(path), work);
  }

  private int getattr(Pointer path, Pointer to) throws FuseException {
    Attributes found = with(path, attributes -> attributes);
    FileStat stat = stats.get();
    stat.useMemory(to);
    fill(stat, found);
    return 0;
  }

  private void fill(FileStat stat, Attributes from) {
    stat.st_ino.set(from.node());
    stat.st_mode.set(from.kind().modeBits() | from.permissions());
    stat.st_nlink.set(from.links());
    stat.st_uid.set(uid);
    stat.st_gid.set(gid);
    stat.st_size.set(from.size());
    stat.st_blksize.set(FILE_SYSTEM_BLOCK_BYTES);
    stat.st_blocks.set(from.blocks());
    stat.st_atim.tv_sec.set(from.modifiedSeconds());
    stat.st_mtim.tv_sec.set(from.modifiedSeconds());
    stat.st_ctim.tv_sec.set(from.modifiedSeconds());
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
    if (file.sizeMayDiffer()) {
      info.putInt(FLAG_BITS_AT, info.getInt(FLAG_BITS_AT) | DIRECT_IO);
    }
    fi.fh.set(files.add(file));
    return 0;
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
        with(
            path,
            found -> new OpenDirectory(found.node(), tree.openDirectory(CONTEXT, found.node())));
    FuseFileInfo.of(info).fh.set(directories.add(opened));
    return 0;
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
    directories.remove(FuseFileInfo.of(info).fh.get()).listing().close();
    return 0;
  }

  private int statfs(Pointer to) throws FuseException {
    FileSystemStatistics figures = tree.statistics(CONTEXT);
    Statvfs stat = Statvfs.of(to);
    stat.f_bsize.set(FILE_SYSTEM_BLOCK_BYTES);
    stat.f_frsize.set(FILE_SYSTEM_BLOCK_BYTES);
    stat.f_blocks.set(Math.ceilDiv(figures.totalBytes(), FILE_SYSTEM_BLOCK_BYTES));
    stat.f_bfree.set(figures.freeBytes() / FILE_SYSTEM_BLOCK_BYTES);
    stat.f_bavail.set(figures.freeBytes() / FILE_SYSTEM_BLOCK_BYTES);
    stat.f_files.set(figures.files());
    stat.f_namemax.set(FileNames.MAX_BYTES);
    return 0;
  }

  private int access(Pointer path, long mode) throws FuseException {
    with(path, found -> found);
    if ((mode & W_OK) != 0) {
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
    for (String name : with(path, found -> tree.extendedAttributeNames(CONTEXT, found.node()))) {
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
