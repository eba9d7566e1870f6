package io.revfs.fuse;

/**
 * What {@code statfs} shows.
 *
 * @param totalBytes the size of what the mount shows
 * @param freeBytes what could still be written: 0 for read-only trees
 * @param files the number of files, 0 when unknown
 */
public record FileSystemStatistics(long totalBytes, long freeBytes, long files) {}
