package io.revfs.fuse.local;

import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.RequestContext;
import io.revfs.posix.FileCalls;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A directory's own listing. Positions are the file system's, so that a listing which goes on after
 * names came and went neither misses nor repeats any other.
 */
final class LocalListing implements DirectoryListing {
  private static final int BUFFER_BYTES = 32 << 10;
  private static final int SEEK_SET = 0;

  /** ext4's position after the last name is the largest number there is; two are wanted above. */
  private static final long END = Long.MAX_VALUE - 2;

  private final int fd;

  /** {@code fd}: an open directory, this object's from here on. */
  LocalListing(int fd) {
    this.fd = fd;
  }

  @Override
  public void list(RequestContext context, long position, EntrySink sink) throws FuseException {
    if (position >= END) {
      return;
    }
    FuseException.check(FileCalls.seek(fd, position, SEEK_SET), "directory position");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(BUFFER_BYTES, 8);
      int bytes;
      do {
        bytes = (int) FuseException.check(FileCalls.entries(fd, block), "directory");
      } while (bytes > 0 && pass(block, bytes, sink));
    }
  }

  /** linux/dirent.h, struct linux_dirent64: inode (8), offset (8), length (2), type (1), name. */
  private boolean pass(MemorySegment block, int bytes, EntrySink sink) throws FuseException {
    for (int at = 0; at < bytes; ) {
      long inode = block.get(ValueLayout.JAVA_LONG, at);
      long next = block.get(ValueLayout.JAVA_LONG, at + 8);
      int length = Short.toUnsignedInt(block.get(ValueLayout.JAVA_SHORT, at + 16));
      int type = block.get(ValueLayout.JAVA_BYTE, at + 18);
      byte[] name = name(block, at + 19);
      if (!isDots(name)) {
        FileKind kind = type == 0 ? kind(name) : FileKind.of(type << 12);
        if (!sink.accept(name, inode, kind, Math.min(next, END))) {
          return false;
        }
      }
      at += length;
    }
    return true;
  }

  private static byte[] name(MemorySegment block, int at) {
    int end = at;
    while (block.get(ValueLayout.JAVA_BYTE, end) != 0) {
      end++;
    }
    byte[] name = new byte[end - at];
    MemorySegment.copy(block, ValueLayout.JAVA_BYTE, at, name, 0, name.length);
    return name;
  }

  private static boolean isDots(byte[] name) {
    return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
  }

  /** Some file systems do not say it in listings. */
  private FileKind kind(byte[] name) {
    return NameCalls.stat(fd, name) < 0
        ? FileKind.REGULAR
        : FileKind.of(NameCalls.details().mode());
  }

  @Override
  public void close() {
    int unused = Posix.close(fd);
  }
}
