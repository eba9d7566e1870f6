package io.revfs.workspace.store;

import io.revfs.object.Digest;

/**
 * A file that a manifest names.
 *
 * @param path from the directory; empty for what is a file itself
 */
public record ManifestItem(String path, Digest digest) {}
