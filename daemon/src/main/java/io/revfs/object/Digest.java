package io.revfs.object;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The name of an object: an algorithm and the hash of its bytes, at most 32 bytes. A value. Listing
 * a directory of a million files makes a million of them, so text is made only when asked for.
 */
public final class Digest {
  /** How a digest is computed. */
  public enum Algorithm {
    /** The MD5 of the bytes: DVC 3's objects under {@code files/md5}. */
    MD5("md5", 16, 1),
    /** DVC 2's hash: MD5 with line ends of text converted; objects under the remote's root. */
    MD5_DOS2UNIX("md5-dos2unix", 16, 2),
    /** Git's object id of a blob (SHA-1 over a header and the bytes). */
    GIT_BLOB("git", 20, 3),
    /**
     * Not a hash of the bytes but of where they are: SHA-256 over location and version, for sources
     * that state no MD5 (cloud-versioned imports). Cannot be verified.
     */
    LOCATION("location", 32, 4);

    private final String word;
    private final int bytes;
    private final int code;

    Algorithm(String word, int bytes, int code) {
      this.word = word;
      this.bytes = bytes;
      this.code = code;
    }

    /** Returns its number in the index's format, 1 to 127. */
    public int code() {
      return code;
    }

    /** Returns the algorithm with this number. */
    public static Algorithm ofCode(int code) {
      for (Algorithm algorithm : values()) {
        if (algorithm.code == code) {
          return algorithm;
        }
      }
      throw new IllegalArgumentException("no algorithm has the number " + code);
    }

    /** Returns its name as users and DVC's files write it. */
    public String word() {
      return word;
    }

    /** Returns the length of its hashes in bytes. */
    public int bytes() {
      return bytes;
    }
  }

  /** The order of the raw bytes, which is that of the digits. */
  public static final Comparator<Digest> BY_HASH =
      (one, other) -> Arrays.compareUnsigned(one.hash, other.hash);

  private static final HexFormat HEX = HexFormat.of();

  private final Algorithm algorithm;
  private final byte[] hash;

  private Digest(Algorithm algorithm, byte[] hash) {
    this.algorithm = algorithm;
    this.hash = hash;
  }

  /**
   * @param algorithm how {@code hex} was computed
   * @param hex the hash in lower-case hexadecimal digits, without DVC's {@code .dir}
   * @throws IllegalArgumentException if these are not such digits, or not as many as there must be
   */
  public Digest(Algorithm algorithm, String hex) {
    Objects.requireNonNull(algorithm);
    if (hex.length() != 2 * algorithm.bytes() || !isLowerHex(hex)) {
      throw new IllegalArgumentException("not a digest of " + algorithm.word() + ": " + hex);
    }
    this.algorithm = algorithm;
    this.hash = HEX.parseHex(hex);
  }

  /** Returns how the hash was computed. */
  public Algorithm algorithm() {
    return algorithm;
  }

  /** Returns the hash in lower-case hexadecimal digits, without DVC's {@code .dir}. */
  public String hex() {
    return HEX.formatHex(hash);
  }

  /** Returns the MD5 digest with these hexadecimal digits. */
  public static Digest md5(String hex) {
    return new Digest(Algorithm.MD5, hex);
  }

  /** Returns the digest with these raw bytes. */
  public static Digest of(Algorithm algorithm, byte[] bytes) {
    if (bytes.length != algorithm.bytes()) {
      throw new IllegalArgumentException(bytes.length + " bytes are no " + algorithm.word());
    }
    return new Digest(algorithm, bytes.clone());
  }

  /** Returns the raw bytes of the hash. */
  public byte[] toBytes() {
    return hash.clone();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Digest that
        && algorithm == that.algorithm
        && Arrays.equals(hash, that.hash);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(hash);
  }

  /** Returns {@code algorithm:hex}. */
  @Override
  public String toString() {
    return algorithm.word() + ":" + hex();
  }

  private static boolean isLowerHex(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }
}
