package io.revfs.remote;

import java.util.Optional;

/**
 * A key below a remote's URL.
 *
 * @param path relative, with {@code /}, not starting with one
 * @param version the store's version id, on stores with {@link Remote.Capability#VERSIONS}
 */
public record RemoteKey(String path, Optional<String> version) {
  /** Returns the key's newest version. */
  public static RemoteKey of(String path) {
    return new RemoteKey(path, Optional.empty());
  }
}
