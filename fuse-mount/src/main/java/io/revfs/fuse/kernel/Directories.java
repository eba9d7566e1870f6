package io.revfs.fuse.kernel;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.SlowAnswerException;
import io.revfs.fuse.WritableTree;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * READDIR and READDIRPLUS. Directories have no handle: each request opens a listing and goes to its
 * position. {@code .} and {@code ..} are the positions 1 and 2, the tree's own follow. Thread-safe.
 */
final class Directories {
  /** The most in one answer, in bytes. */
  private static final int MOST_BYTES = 64 << 10;

  /**
   * How many files the first READDIRPLUS of a directory looks up: it is a guess of the kernel's,
   * since who only wants names has not looked up any yet. Directories are looked up in any case:
   * who walks a tree goes into them next.
   */
  private static final int GUESSED = 4;

  private static final int PREPARED = 8; // a power of two
  private static final byte[] DOT = {'.'};
  private static final byte[] DOT_DOT = {'.', '.'};

  private final FileTree tree;
  private final AttributeLifetimes lifetimes;
  private final int uid;
  private final int gid;

  Directories(FileTree tree, AttributeLifetimes lifetimes, int uid, int gid) {
    this.tree = tree;
    this.lifetimes = lifetimes;
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
    Prepared ready = plus ? null : take(x.node(), position, size);
    if (ready != null) {
      MemorySegment out = x.body(size);
      MemorySegment.copy(
          ready.answer(), Wire.OutHeader.BYTES, out, Wire.OutHeader.BYTES, ready.bytes());
      x.continueListing(ready.next(), size);
      return ready.bytes();
    }
    int most = Math.min(size, MOST_BYTES);
    Page page = new Page(x.context(), x.node(), x.body(most), most, plus, position == 0);
    fill(page, x.context(), x.node(), position);
    x.continueListing(page.next, size);
    return page.bytes();
  }

  private void fill(Page page, RequestContext context, long node, long position)
      throws FuseException {
    try (DirectoryListing listing = tree.openDirectory(context, node)) {
      boolean room =
          (position >= 1 || page.add(DOT, node, FileKind.DIRECTORY, 1))
              && (position >= 2 || page.add(DOT_DOT, node, FileKind.DIRECTORY, 2));
      if (room) {
        listing.list(context, Math.max(0, position - 2), page);
      }
    } catch (FuseException | RuntimeException e) {
      page.giveBack();
      throw e;
    }
  }

  /** An answer to a READDIR that is about to come. */
  private record Prepared(
      long node, long position, int size, MemorySegment answer, int bytes, long next) {}

  private final AtomicReferenceArray<Prepared> prepared = new AtomicReferenceArray<>(PREPARED);

  private @Nullable Prepared take(long node, long position, int size) {
    int slot = (int) (node & (PREPARED - 1));
    Prepared ready = prepared.get(slot);
    boolean fits =
        ready != null
            && ready.node() == node
            && ready.position() == position
            && ready.size() == size;
    return fits && prepared.compareAndSet(slot, ready, null) ? ready : null;
  }

  /**
   * Makes the answer to the READDIR that follows the one just answered, while who lists is busy
   * with that: only where the listing cannot change meanwhile.
   */
  void prepare(Exchange x) {
    long position = x.listingNext();
    int size = x.listingSize();
    if (position <= 2
        || size > MOST_BYTES
        || tree instanceof WritableTree
        || tree.isHeard()
        || tree.absenceSeconds(x.node()) <= 0) {
      return;
    }
    MemorySegment out = MemorySegment.ofArray(new byte[Wire.OutHeader.BYTES + size]);
    Page page = new Page(x.context(), x.node(), out, size, false, false);
    try {
      fill(page, x.context(), x.node(), position);
    } catch (FuseException | RuntimeException e) {
      return; // whoever asks for it hears of that
    }
    prepared.set(
        (int) (x.node() & (PREPARED - 1)),
        new Prepared(x.node(), position, size, out, page.bytes(), page.next));
  }

  /** One answer. */
  private final class Page implements DirectoryListing.EntrySink {
    private final RequestContext context;
    private final long node;
    private final int limit;
    private final boolean plus;
    private int lookups;

    /** Of a tree that is heard the kernel asks for each name that somebody looks at. */
    private final boolean looks;

    private final MemorySegment out;
    private int at = Wire.OutHeader.BYTES;

    /** The position after the last entry; 0 if there is none. */
    private long next;

    Page(
        RequestContext context,
        long node,
        MemorySegment out,
        int size,
        boolean plus,
        boolean guess) {
      this.context = context;
      this.node = node;
      this.limit = Wire.OutHeader.BYTES + size;
      this.plus = plus;
      this.lookups = guess ? GUESSED : Integer.MAX_VALUE;
      this.looks = !tree.isHeard();
      this.out = out;
    }

    int bytes() {
      return at - Wire.OutHeader.BYTES;
    }

    @Override
    public boolean accept(byte[] name, long child, FileKind kind, long position)
        throws FuseException {
      if (name.length > FileNames.MAX_BYTES) {
        throw new FuseException(Errno.ENAMETOOLONG, FileNames.decode(name));
      }
      return add(name, child, kind, position + 2);
    }

    boolean add(byte[] name, long child, FileKind kind, long position) {
      int needed = Wire.Dirent.padded(name.length) + (plus ? Wire.EntryOut.BYTES : 0);
      if (at + needed > limit) {
        return false;
      }
      if (plus) {
        putEntry(name, kind, position);
        at += Wire.EntryOut.BYTES;
      }
      at += Wire.putDirent(out, at, name, child, position, kind);
      next = position;
      return true;
    }

    /** A node of 0 says that nothing was looked up; then nothing is counted either. */
    private void putEntry(byte[] name, FileKind kind, long position) {
      boolean wanted = looks && (kind == FileKind.DIRECTORY || lookups-- > 0);
      if (position > 2 && wanted) { // not for . and ..
        try {
          long since = lifetimes.now();
          Attributes found = tree.lookup(context, node, FileNames.decode(name));
          Wire.putEntry(
              out, at, found, tree.nameSeconds(node), lifetimes.seconds(found, since), uid, gid);
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
        long counted = Wire.getLong(out, entry + Wire.EntryOut.NODE);
        if (counted != 0) {
          tree.forget(counted, 1);
        }
        int name = Wire.getInt(out, entry + Wire.EntryOut.BYTES + Wire.Dirent.NAMELEN);
        entry += Wire.EntryOut.BYTES + Wire.Dirent.padded(name);
      }
    }
  }
}
