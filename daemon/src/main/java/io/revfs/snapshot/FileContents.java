package io.revfs.snapshot;

import io.revfs.cache.Cache;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/**
 * Opens the bytes of entries: files of a work tree as they are, small blobs of Git's from memory,
 * all else through the cache.
 */
public final class FileContents {
  private static final long SMALL_BYTES = 1 << 20;
  private final Cache cache;

  public FileContents(Cache cache) {
    this.cache = cache;
  }

  /** Returns an entry's size in bytes; may ask a remote. */
  public long size(Entry entry) throws IOException {
    Optional<WorkTreeFile> here = WorkTreeFile.of(entry);
    if (here.isPresent()) {
      return entry.kind() == Entry.Kind.SYMBOLIC_LINK ? entry.size() : size(here.get(), entry);
    }
    if (isStated(entry)) {
      return entry.size();
    }
    ObjectKey key = key(entry);
    if (isGit(key)) {
      return entry.origins().sources().getFirst().size(key);
    }
    return cache.size(key, entry.origins());
  }

  private static long size(WorkTreeFile here, Entry entry) throws IOException {
    try {
      return here.size();
    } catch (NoSuchFileException e) {
      return Math.max(0, entry.size()); // somebody has just removed it
    }
  }

  /**
   * Returns whether the entry says how long its object is. By a DVC 2 hash, files that differ in
   * their line ends are one object, which has the length of whichever came first.
   */
  private static boolean isStated(Entry entry) {
    return entry.size() >= 0
        && entry.tracking() != Entry.Tracking.GIT
        && entry
            .key()
            .filter(k -> k.digest().algorithm() == Digest.Algorithm.MD5_DOS2UNIX)
            .isEmpty();
  }

  /** Returns the size if it is known without asking a remote, else -1. */
  public long sizeIfKnown(Entry entry) throws IOException {
    if (isStated(entry) || WorkTreeFile.of(entry).isPresent()) {
      return entry.size();
    }
    if (entry.key().isEmpty()) {
      return 0;
    }
    return isGit(entry.key().get()) ? size(entry) : cache.sizeIfKnown(entry.key().get());
  }

  private static boolean isGit(ObjectKey key) {
    return key.digest().algorithm() == Digest.Algorithm.GIT_BLOB;
  }

  private static ObjectKey key(Entry entry) throws IOException {
    if (entry.problem().isPresent()) {
      throw new UnreadableOutputException(entry.problem().get());
    }
    return entry.key().orElseThrow(() -> new IOException(entry.name() + " has no bytes"));
  }

  /** Opens a file; the caller closes it. */
  public OpenFile open(Entry entry) throws IOException {
    Optional<WorkTreeFile> here = WorkTreeFile.of(entry);
    if (here.isPresent() && entry.problem().isEmpty()) {
      return here.get().open();
    }
    ObjectKey key = key(entry);
    long size = size(entry);
    if (isGit(key) && size <= SMALL_BYTES) {
      ByteBuffer bytes = ByteBuffer.allocate((int) size);
      entry.origins().sources().getFirst().read(key, 0, size, bytes::put);
      return new MemoryFile(bytes.array());
    }
    return cache.open(key, size, entry.origins());
  }

  /** Bytes in memory. */
  private record MemoryFile(byte[] bytes) implements OpenFile.Served {
    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public int read(RequestContext context, ByteBuffer target, long offset) {
      int n = (int) Math.min(target.remaining(), Math.max(0, bytes.length - offset));
      if (n > 0) {
        target.put(bytes, (int) offset, n);
      }
      return n;
    }

    @Override
    public void close() {}
  }
}
