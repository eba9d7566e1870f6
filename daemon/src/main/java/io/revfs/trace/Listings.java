package io.revfs.trace;

import io.revfs.fuse.FileNames;
import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.TreeSet;

/**
 * Digests of listings: the MD5 of the directory's names, sorted, each ended by a NUL, those of
 * directories with a slash before it.
 */
public final class Listings {
  private Listings() {}

  /** Returns the digest of names; the order in which they are given does not matter. */
  public static Digest digest(Collection<String> names) {
    Hasher hasher = Hasher.of(Digest.Algorithm.MD5, 0).orElseThrow();
    for (String name : new TreeSet<>(names)) {
      hasher.update(ByteBuffer.wrap(FileNames.encode(name)));
      hasher.update(ByteBuffer.wrap(new byte[1]));
    }
    return hasher.finish();
  }
}
