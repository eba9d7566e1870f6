package io.revfs.snapshot;

import io.revfs.fuse.FileNames;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import java.nio.ByteBuffer;

/**
 * Numbers of nodes, computed from what they are: the same after a restart, and for the same content
 * in every revision. 62 bits of a mix (the finalizer of SplitMix64, Steele et al. 2014), so that
 * two of a billion nodes collide with a chance of one in ten.
 */
public final class NodeIds {
  private static final long SMALLEST = 1 << 10; // below are the fixed directories
  private static final long MASK = (1L << 62) - 1;

  private NodeIds() {}

  /** Returns the number of the node that stands for a file's content, 0 if it has none. */
  public static long content(Entry entry) {
    return entry.kind() == Entry.Kind.FILE && entry.key().isPresent()
        ? file(entry.key().get(), entry.executable())
        : 0;
  }

  /** Returns the number of the node that stands for an object's bytes at one of the two modes. */
  public static long file(ObjectKey key, boolean executable) {
    ByteBuffer digest = ByteBuffer.wrap(key.digest().toBytes());
    return file(key.digest().algorithm(), key.manifest(), digest, 0, digest.limit(), executable);
  }

  /** As {@link #file(ObjectKey, boolean)} for a hash of 16 bytes that lies in a page. */
  static long file(Digest.Algorithm algorithm, ByteBuffer page, int at, boolean executable) {
    return file(algorithm, false, page, at, ManifestPages.ID_BYTES, executable);
  }

  private static long file(
      Digest.Algorithm algorithm,
      boolean manifest,
      ByteBuffer bytes,
      int at,
      int length,
      boolean executable) {
    long h = algorithm.code() * 4L + (executable ? 2 : 0) + (manifest ? 1 : 0);
    int i = 0;
    for (; i + Long.BYTES <= length; i += Long.BYTES) {
      h = mix(h ^ bytes.getLong(at + i));
    }
    if (i < length) {
      long rest = 0;
      for (; i < length; i++) {
        rest = (rest << 8) | (bytes.get(at + i) & 0xFF);
      }
      h = mix(h ^ rest);
    }
    return clamp(h);
  }

  /** Returns the number of what a directory has under a name, where content gives none. */
  public static long child(long parent, String name) {
    return child(parent, FileNames.encode(name));
  }

  /** As {@link #child(long, String)}. */
  public static long child(long parent, byte[] name) {
    long h = parent;
    for (byte b : name) {
      h = h * 0x100000001B3L ^ (b & 0xFF);
    }
    return clamp(mix(h + 0x9E3779B97F4A7C15L * parent));
  }

  private static long mix(long z) {
    long x = z + 0x9E3779B97F4A7C15L;
    x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }

  private static long clamp(long h) {
    long id = h & MASK;
    return id < SMALLEST ? id + SMALLEST : id;
  }
}
