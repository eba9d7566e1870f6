package io.revfs.snapshot;

import io.revfs.cache.Cache;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.RequestContext;
import io.revfs.object.ObjectMissingException;

/** Sizes of files as mounts show them, within requests of the kernel. Thread-safe. */
public final class EntrySizes {
  /**
   * What is shown of what cannot be read, in bytes. Were it shown as empty, a kernel that does not
   * tell of opens would never ask for a byte, and the reader would take it for an empty file.
   */
  public static final long UNREADABLE = 1;

  private final FileContents contents;
  private final ObjectSizes sizes;

  /** Sizes as a cache remembers them. */
  public EntrySizes(Cache cache, FileContents contents) {
    this.contents = contents;
    this.sizes = new ObjectSizes(cache, contents);
  }

  /**
   * Returns a size; may ask a remote.
   *
   * @param missing is run if the object is nowhere now; it may come
   */
  public long size(RequestContext context, Entry entry, Runnable missing) throws FuseException {
    if (entry.problem().isPresent()) {
      return UNREADABLE;
    }
    long known = FuseException.translating(() -> contents.sizeIfKnown(entry));
    if (known >= 0) {
      return known;
    }
    context.beforeSlowAnswer();
    return FuseException.translating(
        () -> {
          try {
            return sizes.size(entry);
          } catch (ObjectMissingException e) {
            missing.run();
            return UNREADABLE;
          }
        });
  }
}
