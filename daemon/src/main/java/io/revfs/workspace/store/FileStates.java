package io.revfs.workspace.store;

import io.revfs.index.Index;
import io.revfs.index.Table;
import io.revfs.object.Digest;
import io.revfs.posix.FileStat;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What files hold, by what the kernel says of them: a file that was hashed once is not read again
 * while device, inode, size and times stay. Paths are no part of it, so renaming costs nothing. A
 * cache: all of it can be had again. Thread-safe.
 *
 * <p>A file is never trusted that could have changed without a trace: see {@link Clock}. Of a file
 * that nobody may write to, as objects and links to them are, the time of the last change counts
 * not, since it changes with each further link.
 */
public final class FileStates {
  private static final int KEY_BYTES = 17;
  private static final int VALUE_BYTES = 24 + 16;

  private final Index index;
  private final Table table;
  private final LongAdder asked = new LongAdder();
  private final LongAdder unknown = new LongAdder();

  /** Keeps them in {@code index}, which the caller closes. */
  public FileStates(Index index) {
    this.index = index;
    this.table = index.table("file-states");
  }

  /** What a file held. */
  public record Known(FileStat stat, Digest digest) {}

  /** Returns the digest of a file as it is, or null if it is not known. */
  public @Nullable Digest find(FileStat stat, Digest.Algorithm algorithm) {
    return find(List.of(stat), algorithm)[0];
  }

  /** Returns digests of files as they are, null where not known; in the order of the files. */
  public @Nullable Digest[] find(List<FileStat> files, Digest.Algorithm algorithm) {
    @Nullable Digest[] found = lookUp(files, algorithm);
    asked.add(found.length);
    for (Digest digest : found) {
      unknown.add(digest == null ? 1 : 0);
    }
    return found;
  }

  /**
   * What was asked since the start.
   *
   * @param asked files that somebody looked at
   * @param unknown those of them that had to be read
   */
  public record Figures(long asked, long unknown) {}

  /** Returns what was asked. */
  public Figures figures() {
    return new Figures(asked.sum(), unknown.sum());
  }

  private @Nullable Digest[] lookUp(List<FileStat> files, Digest.Algorithm algorithm) {
    @Nullable Digest[] found = new Digest[files.size()];
    return index.read(
        transaction -> {
          ByteBuffer key = ByteBuffer.allocateDirect(KEY_BYTES);
          for (int i = 0; i < found.length; i++) {
            FileStat stat = files.get(i);
            ByteBuffer value = transaction.get(table, key(key, stat, algorithm));
            found[i] = value == null ? null : digest(value, stat, algorithm);
          }
          return found;
        });
  }

  private static ByteBuffer key(ByteBuffer key, FileStat stat, Digest.Algorithm algorithm) {
    key.clear().putLong(stat.device()).putLong(stat.inode()).put((byte) algorithm.code());
    return key.flip();
  }

  private static long changed(FileStat stat) {
    return stat.isProtected() ? 0 : stat.changed();
  }

  private static @Nullable Digest digest(
      ByteBuffer value, FileStat stat, Digest.Algorithm algorithm) {
    if (value.remaining() != VALUE_BYTES
        || value.getLong() != stat.size()
        || value.getLong() != stat.modified()
        || value.getLong() != changed(stat)) {
      return null;
    }
    byte[] hash = new byte[algorithm.bytes()];
    value.get(hash);
    return Digest.of(algorithm, hash);
  }

  /** Remembers what files held when the kernel said this of them; MD5 digests of either kind. */
  public void record(List<Known> files) {
    if (files.isEmpty()) {
      return;
    }
    index.write(
        transaction -> {
          ByteBuffer key = ByteBuffer.allocateDirect(KEY_BYTES);
          ByteBuffer value = ByteBuffer.allocateDirect(VALUE_BYTES);
          for (Known known : files) {
            FileStat stat = known.stat();
            value.clear().putLong(stat.size()).putLong(stat.modified()).putLong(changed(stat));
            value.put(known.digest().toBytes()).flip();
            transaction.put(table, key(key, stat, known.digest().algorithm()), value);
          }
          return true;
        });
  }
}
