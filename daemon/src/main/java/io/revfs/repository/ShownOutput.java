package io.revfs.repository;

import io.revfs.snapshot.Entry;

/**
 * An output of a work tree, as it is to be shown where it is absent.
 *
 * @param path from the repository's root
 * @param entry what it is; of what cannot be read, with its problem
 */
public record ShownOutput(String path, Entry entry) {}
