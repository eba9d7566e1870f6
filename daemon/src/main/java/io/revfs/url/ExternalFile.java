package io.revfs.url;

import java.util.Optional;

/**
 * A file of external data.
 *
 * @param path below the data's URL; empty if the URL names the file itself
 * @param size in bytes
 * @param checksum what the store says of its content, as DVC writes it; absent where the content
 *     must be hashed to know
 * @param version the store's version of it
 * @param executable whether its owner may execute it; only ever on this machine
 */
public record ExternalFile(
    String path,
    long size,
    Optional<String> checksum,
    Optional<String> version,
    boolean executable) {}
