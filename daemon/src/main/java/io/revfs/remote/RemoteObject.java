package io.revfs.remote;

import java.util.Optional;

/**
 * What a store says of a key.
 *
 * @param path the key below the remote's URL
 * @param size in bytes
 * @param etag the store's tag without quotes
 * @param version its version id
 */
public record RemoteObject(
    String path, long size, Optional<String> etag, Optional<String> version) {
  /** Returns an object of a store that has neither tags nor versions. */
  public static RemoteObject of(String path, long size) {
    return new RemoteObject(path, size, Optional.empty(), Optional.empty());
  }
}
