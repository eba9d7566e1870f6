package io.revfs.workspace;

import io.revfs.workspace.store.ManifestItem;
import java.nio.file.Path;
import java.util.List;

/**
 * What must be done so that a place holds what is wanted.
 *
 * @param existed whether anything was there
 * @param added files that are not there
 * @param modified files with other bytes
 * @param deleted files that are not wanted
 * @param relinked files that are right, but not linked as configured
 * @param unsaved files that would be lost: what they hold is not in the cache
 * @param missing objects that the cache lacks, as their names for people; nothing can be done then
 */
public record CheckoutPlan(
    Wanted wanted,
    boolean existed,
    List<ManifestItem> added,
    List<ManifestItem> modified,
    List<FileEntry> deleted,
    List<ManifestItem> relinked,
    List<Path> unsaved,
    List<String> missing) {
  /** Returns whether bytes in the work tree change. */
  public boolean changes() {
    return !added.isEmpty() || !modified.isEmpty() || !deleted.isEmpty();
  }
}
