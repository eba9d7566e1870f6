package io.revfs.workspace;

import io.revfs.object.ObjectKey;
import java.util.List;

/** What a place in the work tree holds. */
public sealed interface Contents {
  /** Returns the object that it would be in a cache. */
  ObjectKey key();

  /** Returns the bytes of all files. */
  long size();

  /** A file. */
  record File(ObjectKey key, FileEntry entry) implements Contents {
    @Override
    public long size() {
      return entry.size();
    }
  }

  /**
   * A directory.
   *
   * @param entries sorted as in a manifest
   */
  record Directory(ObjectKey key, List<FileEntry> entries, long size) implements Contents {}
}
