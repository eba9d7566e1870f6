package io.revfs.remote;

import java.time.Instant;
import java.util.Optional;

/**
 * What a store says of a key.
 *
 * @param path the key below the remote's URL
 * @param size in bytes
 * @param etag the store's tag without quotes
 * @param version its version id
 * @param modified when it was written, in listings of stores that tell it
 */
public record RemoteObject(
    String path,
    long size,
    Optional<String> etag,
    Optional<String> version,
    Optional<Instant> modified) {
  /** One of which nobody tells when it was written. */
  public RemoteObject(String path, long size, Optional<String> etag, Optional<String> version) {
    this(path, size, etag, version, Optional.empty());
  }

  /** Returns the same, written at a time. */
  public RemoteObject writtenAt(Instant when) {
    return new RemoteObject(path, size, etag, version, Optional.of(when));
  }

  /** Returns a tag as HTTP has it, between quotes, without them. */
  public static String unquoted(String etag) {
    return etag.replace("\"", "");
  }

  /** Returns an object of a store that has neither tags nor versions. */
  public static RemoteObject of(String path, long size) {
    return new RemoteObject(path, size, Optional.empty(), Optional.empty());
  }
}
