package io.revfs.workingcopy;

import io.revfs.cache.Cache;
import io.revfs.fuse.Attributes;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.object.ObjectMissingException;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.FileContents;
import io.revfs.snapshot.ObjectSizes;
import java.io.IOException;
import java.io.InterruptedIOException;

/** What shown files and directories look like, and their bytes. Thread-safe. */
final class ShownFiles {
  /** The time of everything that is only shown: 2000-01-01T00:00:00Z. */
  private static final long TIME_SECONDS = 946_684_800;

  private static final long NANOSECONDS_OF_SECOND = 1_000_000_000;
  private static final int BLOCK_BYTES = 512;

  /** What cannot be read has a byte, so that nobody takes it for an empty file. */
  private static final long UNREADABLE_SIZE = 1;

  static final int FILE_PERMISSIONS = 0644;
  static final int EXECUTABLE_PERMISSIONS = 0755;

  private final FileContents contents;
  private final ObjectSizes sizes;
  private final CopyUp.Owner owner;

  ShownFiles(Cache cache, CopyUp.Owner owner) {
    this.contents = new FileContents(cache);
    this.sizes = new ObjectSizes(cache, contents);
    this.owner = owner;
  }

  /** Something that reads a repository or the cache. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException, FuseException;
  }

  /** Translates what goes wrong. */
  static <T> T errno(Work<T> work) throws FuseException {
    try {
      return work.run();
    } catch (InterruptedIOException e) {
      throw new FuseException(Errno.EINTR, "interrupted");
    } catch (IOException e) {
      throw new FuseException(Errno.EIO, String.valueOf(e.getMessage()), e);
    }
  }

  Attributes attributes(RequestContext context, long node, Shown shown) throws FuseException {
    if (shown.isDirectory()) {
      return attributes(node, FileKind.DIRECTORY, EXECUTABLE_PERMISSIONS, 0);
    }
    Entry entry = shown.entry().orElseThrow();
    return attributes(node, FileKind.REGULAR, permissions(entry), size(context, entry));
  }

  private Attributes attributes(long node, FileKind kind, int permissions, long size) {
    long time = TIME_SECONDS * NANOSECONDS_OF_SECOND;
    return new Attributes(
        node,
        kind,
        permissions,
        size,
        TIME_SECONDS,
        new Attributes.Details(
            node,
            kind == FileKind.DIRECTORY ? 2 : 1,
            owner.uid(),
            owner.gid(),
            0,
            Math.ceilDiv(size, BLOCK_BYTES),
            time,
            time,
            time));
  }

  static int permissions(Entry entry) {
    return entry.executable() ? EXECUTABLE_PERMISSIONS : FILE_PERMISSIONS;
  }

  private long size(RequestContext context, Entry entry) throws FuseException {
    if (entry.problem().isPresent()) {
      return UNREADABLE_SIZE;
    }
    long known = errno(() -> contents.sizeIfKnown(entry));
    if (known >= 0) {
      return known;
    }
    context.beforeSlowAnswer();
    return errno(
        () -> {
          try {
            return sizes.size(entry);
          } catch (ObjectMissingException e) {
            return UNREADABLE_SIZE;
          }
        });
  }

  /** Returns a file's size, one of many that are asked for. */
  long bytes(Entry entry) throws IOException {
    return sizes.sizeOfMany(entry);
  }

  OpenFile open(Entry entry) throws FuseException {
    return errno(() -> contents.open(entry));
  }
}
