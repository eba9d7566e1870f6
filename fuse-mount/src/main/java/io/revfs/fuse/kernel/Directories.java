package io.revfs.fuse.kernel;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.SlowAnswerException;
import java.lang.foreign.MemorySegment;

/**
 * READDIR and READDIRPLUS. Directories have no handle: each request opens a listing and goes to its
 * position. {@code .} and {@code ..} are the positions 1 and 2, the tree's own follow. Thread-safe.
 */
final class Directories {
  /** The most in one answer, in bytes. */
  private static final int MOST_BYTES = 64 << 10;

  private static final int GUESS_BYTES = 4096;

  private static final byte[] DOT = {'.'};
  private static final byte[] DOT_DOT = {'.', '.'};

  private final FileTree tree;
  private final int uid;
  private final int gid;

  Directories(FileTree tree, int uid, int gid) {
    this.tree = tree;
    this.uid = uid;
    this.gid = gid;
  }

  /**
   * Answers one request.
   *
   * @param plus whether each entry comes with what a lookup of it would give
   */
  int list(Exchange x, boolean plus) throws FuseException {
    long position = x.longAt(Wire.ReadIn.OFFSET);
    int size = x.intAt(Wire.ReadIn.SIZE);
    if (position < 0 || size < 0) {
      throw new FuseException(Errno.EINVAL, "listing of " + size + " bytes at " + position);
    }
    // The first READDIRPLUS of a directory is a guess of the kernel's: who only wants names has not
    // looked up any yet. What it learns from the first few entries decides how it goes on.
    int most = plus && position == 0 ? GUESS_BYTES : MOST_BYTES;
    Page page = new Page(x, Math.min(size, most), plus);
    try (DirectoryListing listing = tree.openDirectory(x.context(), x.node())) {
      boolean room =
          (position >= 1 || page.add(DOT, x.node(), FileKind.DIRECTORY, 1))
              && (position >= 2 || page.add(DOT_DOT, x.node(), FileKind.DIRECTORY, 2));
      if (room) {
        listing.list(x.context(), Math.max(0, position - 2), page);
      }
      return page.bytes();
    } catch (FuseException | RuntimeException e) {
      page.giveBack();
      throw e;
    }
  }

  /** One answer. */
  private final class Page implements DirectoryListing.EntrySink {
    private final Exchange x;
    private final int limit;
    private final boolean plus;
    private final MemorySegment out;
    private int at = Wire.OutHeader.BYTES;

    Page(Exchange x, int size, boolean plus) {
      this.x = x;
      this.limit = Wire.OutHeader.BYTES + size;
      this.plus = plus;
      this.out = x.body(size);
    }

    int bytes() {
      return at - Wire.OutHeader.BYTES;
    }

    @Override
    public boolean accept(byte[] name, long node, FileKind kind, long next) throws FuseException {
      if (name.length > FileNames.MAX_BYTES) {
        throw new FuseException(Errno.ENAMETOOLONG, FileNames.decode(name));
      }
      return add(name, node, kind, next + 2);
    }

    boolean add(byte[] name, long node, FileKind kind, long next) {
      int needed = Wire.Dirent.padded(name.length) + (plus ? Wire.EntryOut.BYTES : 0);
      if (at + needed > limit) {
        return false;
      }
      if (plus) {
        putEntry(name, next);
        at += Wire.EntryOut.BYTES;
      }
      at += Wire.putDirent(out, at, name, node, next, kind);
      return true;
    }

    /** A node of 0 says that nothing was looked up; then nothing is counted either. */
    private void putEntry(byte[] name, long next) {
      if (next > 2) { // not for . and ..
        try {
          Attributes found = tree.lookup(x.context(), x.node(), FileNames.decode(name));
          Wire.putEntry(
              out,
              at,
              found,
              tree.nameSeconds(x.node()),
              tree.attributeSeconds(found.node()),
              uid,
              gid);
          return;
        } catch (SlowAnswerException e) {
          // The kernel asks for those it wants.
        } catch (FuseException e) {
          // So it does, and hears of the failure then.
        }
      }
      out.asSlice(at, Wire.EntryOut.BYTES).fill((byte) 0);
    }

    /** The answer is not sent, so what it counted is given back. */
    void giveBack() {
      if (!plus) {
        return;
      }
      int entry = Wire.OutHeader.BYTES;
      while (entry < at) {
        long node = Wire.getLong(out, entry + Wire.EntryOut.NODE);
        if (node != 0) {
          tree.forget(node, 1);
        }
        int name = Wire.getInt(out, entry + Wire.EntryOut.BYTES + Wire.Dirent.NAMELEN);
        entry += Wire.EntryOut.BYTES + Wire.Dirent.padded(name);
      }
    }
  }
}
