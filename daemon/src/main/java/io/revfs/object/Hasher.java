package io.revfs.object;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/** Computes a digest over bytes given in order. Not thread-safe. */
public final class Hasher {
  private static final int DOS_BLOCK_BYTES = 1 << 20;
  private static final int TEXT_PROBE_BYTES = 512;

  private final Digest.Algorithm algorithm;
  private final MessageDigest digest;
  private final byte[] block;
  private int filled;

  private Hasher(Digest.Algorithm algorithm, MessageDigest digest) {
    this.algorithm = algorithm;
    this.digest = digest;
    this.block = new byte[algorithm == Digest.Algorithm.MD5_DOS2UNIX ? DOS_BLOCK_BYTES : 0];
  }

  /**
   * Returns a hasher for an algorithm, empty if digests of it say nothing of the bytes.
   *
   * @param size the object's size in bytes, which Git hashes first
   */
  public static Optional<Hasher> of(Digest.Algorithm algorithm, long size) {
    return switch (algorithm) {
      case MD5, MD5_DOS2UNIX -> Optional.of(new Hasher(algorithm, digest("MD5")));
      case GIT_BLOB -> {
        MessageDigest sha1 = digest("SHA-1");
        sha1.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
        yield Optional.of(new Hasher(algorithm, sha1));
      }
      case LOCATION -> Optional.empty();
    };
  }

  private static MessageDigest digest(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has both
    }
  }

  /** Takes the remaining bytes. */
  public void update(ByteBuffer bytes) {
    if (block.length == 0) {
      digest.update(bytes);
      return;
    }
    while (bytes.hasRemaining()) {
      int n = Math.min(bytes.remaining(), block.length - filled);
      bytes.get(block, filled, n);
      filled += n;
      if (filled == block.length) {
        endBlock();
      }
    }
  }

  /** DVC 2: blocks of 1 MiB; in one that begins like text, CR LF counts as LF. */
  private void endBlock() {
    int length = filled;
    if (looksLikeText(block, filled)) {
      length = 0;
      for (int i = 0; i < filled; i++) {
        if (block[i] == '\r' && i + 1 < filled && block[i + 1] == '\n') {
          continue;
        }
        block[length++] = block[i];
      }
    }
    digest.update(block, 0, length);
    filled = 0;
  }

  private static boolean looksLikeText(byte[] bytes, int length) {
    int probe = Math.min(length, TEXT_PROBE_BYTES);
    int odd = 0;
    for (int i = 0; i < probe; i++) {
      int b = bytes[i] & 0xFF;
      if (b == 0) {
        return false;
      }
      boolean text =
          (b >= 0x20 && b <= 0x7e) || b == '\n' || b == '\r' || b == '\t' || b == '\f' || b == '\b';
      odd += text ? 0 : 1;
    }
    return odd <= 0.3 * probe;
  }

  /** Returns the digest of all bytes taken; the hasher is spent. */
  public Digest finish() {
    if (filled > 0) {
      endBlock();
    }
    return Digest.of(algorithm, digest.digest());
  }
}
