package io.revfs.snapshot;

import io.revfs.object.ObjectKey;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An output that nobody has made or fetched yet: DVC lists it, a mount cannot show it.
 *
 * @param path from the repository's root
 * @param key of what it is imported from, where that is known
 * @param size of that, in bytes
 */
public record PendingOutput(String path, Optional<ObjectKey> key, OptionalLong size) {}
