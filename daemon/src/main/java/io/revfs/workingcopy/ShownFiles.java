package io.revfs.workingcopy;

import io.revfs.cache.Cache;
import io.revfs.fuse.Attributes;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.EntrySizes;
import io.revfs.snapshot.FileContents;
import io.revfs.snapshot.FixedAttributes;
import io.revfs.snapshot.ObjectSizes;
import io.revfs.workingcopy.output.Shown;
import java.io.IOException;

/** What shown files and directories look like, and their bytes. Thread-safe. */
final class ShownFiles {
  private static final long NANOSECONDS_OF_SECOND = 1_000_000_000;

  static final int FILE_PERMISSIONS = 0644;
  static final int EXECUTABLE_PERMISSIONS = 0755;

  private final FileContents contents;
  private final EntrySizes sizes;
  private final ObjectSizes many;
  private final CopyUp.Owner owner;

  ShownFiles(Cache cache, CopyUp.Owner owner) {
    this.contents = new FileContents(cache);
    this.sizes = new EntrySizes(cache, contents);
    this.many = new ObjectSizes(cache, contents);
    this.owner = owner;
  }

  Attributes attributes(RequestContext context, long node, Shown shown) throws FuseException {
    if (shown.isDirectory()) {
      return attributes(node, FileKind.DIRECTORY, EXECUTABLE_PERMISSIONS, 0);
    }
    Entry entry = shown.entry().orElseThrow();
    return attributes(
        node, FileKind.REGULAR, permissions(entry), sizes.size(context, entry, () -> {}));
  }

  private Attributes attributes(long node, FileKind kind, int permissions, long size) {
    long time = FixedAttributes.TIME_SECONDS * NANOSECONDS_OF_SECOND;
    return new Attributes(
        node,
        kind,
        permissions,
        size,
        FixedAttributes.TIME_SECONDS,
        kind == FileKind.DIRECTORY ? 2 : 1,
        new Attributes.Details(
            node, owner.uid(), owner.gid(), 0, Attributes.blocks(size), time, time, time));
  }

  static int permissions(Entry entry) {
    return entry.executable() ? EXECUTABLE_PERMISSIONS : FILE_PERMISSIONS;
  }

  /** Returns a file's size; may ask a remote. */
  long size(Entry entry) throws IOException {
    return many.sizeOfMany(entry);
  }

  OpenFile open(Entry entry) throws FuseException {
    return FuseException.translating(() -> contents.open(entry));
  }
}
