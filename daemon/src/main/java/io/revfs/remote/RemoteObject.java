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
    String path, long size, Optional<String> etag, Optional<String> version) {}
