package io.revfs.workingcopy;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.WritableTree;
import io.revfs.fuse.local.LocalTree;
import io.revfs.posix.FileCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Brings a shown file below, where it can be written. It appears complete and at once: a file
 * without a name is filled, and then named; so a crash leaves nothing. Bytes are shared with the
 * cache where the file system can.
 */
final class CopyUp {
  private static final int BUFFER_BYTES = 1 << 20;
  private static final int DIRECTORY_PERMISSIONS = 0755;

  private final LocalTree below;
  private final Owner owner;

  /** Whose the files of the working copy are: what is shown belongs to who has the checkout. */
  record Owner(int uid, int gid) {
    RequestContext context() {
      return new RequestContext(uid, gid, 0, true);
    }
  }

  CopyUp(LocalTree below, Owner owner) {
    this.below = below;
    this.owner = owner;
  }

  /** Opens the bytes of what is shown. */
  @FunctionalInterface
  interface Bytes {
    OpenFile open() throws FuseException;
  }

  /**
   * Brings a file to a directory that is below; nothing is done if something has the name already.
   *
   * @param bytes what it holds; not opened if it is to be {@code empty}
   */
  void file(long parent, String name, int mode, boolean empty, Bytes bytes) throws FuseException {
    WritableTree.Created created =
        below.createNameless(owner.context(), parent, WritableTree.READ_WRITE, mode);
    long node = created.attributes().node();
    try (OpenFile file = created.file()) {
      if (!empty && file instanceof OpenFile.Local local) {
        try (OpenFile from = bytes.open()) {
          fill(from, local.descriptor(), name);
        }
      }
      below.link(owner.context(), node, parent, name);
      below.forget(node, 2);
    } catch (FuseException e) {
      below.forget(node, 1);
      if (e.errno() != Errno.EEXIST) {
        throw e;
      } // somebody else brought it meanwhile
    }
  }

  private static void fill(OpenFile from, int to, String name) throws FuseException {
    if (from instanceof OpenFile.Backed backed && shared(backed, to)) {
      return;
    }
    byte[] buffer = new byte[(int) Math.min(BUFFER_BYTES, Math.max(1, from.size()))];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(buffer.length);
      long at = 0;
      while (at < from.size()) {
        ByteBuffer bytes = memory.asByteBuffer();
        long offset = at;
        int length = (int) Math.min(buffer.length, from.size() - at);
        from.await(RequestContext.INTERNAL, offset, length);
        int n = from.read(RequestContext.INTERNAL, bytes, at);
        if (n <= 0) {
          throw new FuseException(Errno.EIO, name + " ends too early");
        }
        write(to, memory, n, at, name);
        at += n;
      }
    }
  }

  private static void write(int to, MemorySegment bytes, int length, long at, String name)
      throws FuseException {
    for (int done = 0; done < length; ) {
      int n = FileCalls.write(to, bytes.asSlice(done), length - done, at + done);
      if (n < 0) {
        throw new FuseException(Errno.of(-n), name);
      }
      done += n;
    }
  }

  /** Lets the kernel copy the bytes, or share them where the file system can. */
  private static boolean shared(OpenFile.Backed from, int to) {
    try (FileChannel target =
        FileChannel.open(Path.of("/proc/self/fd/" + to), StandardOpenOption.WRITE)) {
      FileChannel source = from.channel();
      long size = from.size();
      long at = 0;
      while (at < size) {
        long n = source.transferTo(at, size - at, target);
        if (n <= 0) {
          break;
        }
        at += n;
      }
      if (at == size) {
        return true;
      }
      target.truncate(0);
      return false;
    } catch (IOException e) {
      return FileCalls.truncate(to, 0) < 0; // taken away meanwhile; it can be read all the same
    }
  }

  /**
   * Makes a shown directory below; it keeps the number that the kernel knows it by.
   *
   * @param references how often the kernel has looked it up
   */
  void directory(long parent, String name, long node, long references) throws FuseException {
    try {
      Attributes made = below.makeDirectory(owner.context(), parent, name, DIRECTORY_PERMISSIONS);
      below.forget(made.node(), 1);
    } catch (FuseException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      } // by a process that was killed before it could say so
    }
    below.adopt(node, parent, name, references);
  }
}
