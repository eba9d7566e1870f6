package io.revfs.object;

/**
 * The key of an object in stores: its digest, and whether it is a directory's manifest, which DVC
 * stores under the digest with {@code .dir} behind it.
 */
public record ObjectKey(Digest digest, boolean manifest) {
  /** Returns the key of a file's bytes. */
  public static ObjectKey file(Digest digest) {
    return new ObjectKey(digest, false);
  }

  /** Returns the hexadecimal digits, with {@code .dir} for a manifest, as DVC writes them. */
  public String name() {
    return manifest ? digest.hex() + ".dir" : digest.hex();
  }

  @Override
  public String toString() {
    return digest.algorithm().word() + ":" + name();
  }
}
