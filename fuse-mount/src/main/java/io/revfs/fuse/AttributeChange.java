package io.revfs.fuse;

import org.jspecify.annotations.Nullable;

/**
 * What is to be changed of a node's attributes; null: it stays.
 *
 * @param file the open file by which the caller changes its size, if it does so by one
 * @param permissions the lower 12 bits of the mode
 * @param uid the owner
 * @param gid the group
 * @param size in bytes; what is new is zeroes
 * @param accessed nanoseconds since the epoch, or {@link #NOW}
 * @param modified nanoseconds since the epoch, or {@link #NOW}
 * @param dropsRights whether set-id bits go with this change, as when somebody else writes
 */
public record AttributeChange(
    OpenFile.@Nullable Local file,
    @Nullable Integer permissions,
    @Nullable Integer uid,
    @Nullable Integer gid,
    @Nullable Long size,
    @Nullable Long accessed,
    @Nullable Long modified,
    boolean dropsRights) {
  /** In place of a time: the time at which the file system does it. */
  public static final long NOW = Long.MIN_VALUE;

  /**
   * Returns whether nothing is to be changed: chown(2) to nobody and no group, or what comes before
   * a write that takes rights away. Either takes set-id bits, and changes the time of the change.
   */
  public boolean isEmpty() {
    return permissions == null
        && uid == null
        && gid == null
        && size == null
        && accessed == null
        && modified == null
        && !dropsRights;
  }

  /** Returns the same change by another open file. */
  public AttributeChange by(OpenFile.Local other) {
    return new AttributeChange(other, permissions, uid, gid, size, accessed, modified, dropsRights);
  }
}
