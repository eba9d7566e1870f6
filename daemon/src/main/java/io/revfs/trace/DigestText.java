package io.revfs.trace;

import io.revfs.object.Digest;
import java.util.Optional;

/** Digests as text: {@code md5:HEX}. */
public final class DigestText {
  private DigestText() {}

  /** Returns what {@link Digest#toString} wrote; empty if that is no digest of a file. */
  public static Optional<Digest> parse(String text) {
    int colon = text.indexOf(':');
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      if (colon > 0 && algorithm.word().equals(text.substring(0, colon))) {
        try {
          return Optional.of(new Digest(algorithm, text.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
          return Optional.empty(); // a manifest's, say
        }
      }
    }
    return Optional.empty();
  }
}
