package io.revfs.fuse;

/**
 * What {@code statfs} shows.
 *
 * @param totalBytes the size of what the mount shows, or of the file system below
 * @param freeBytes what could still be written by root: 0 for read-only trees
 * @param availableBytes what could still be written by others
 * @param files the number of files, 0 when unknown
 * @param freeFiles how many more there could be
 */
public record FileSystemStatistics(
    long totalBytes, long freeBytes, long availableBytes, long files, long freeFiles) {
  /** Of a read-only tree. */
  public FileSystemStatistics(long totalBytes, long freeBytes, long files) {
    this(totalBytes, freeBytes, freeBytes, files, 0);
  }
}
