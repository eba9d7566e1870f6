package io.revfs.seal;

import io.revfs.cache.Cache;
import io.revfs.cache.ObjectLayout;
import io.revfs.fuse.FileNames;
import io.revfs.image.entry.ImageAttribute;
import io.revfs.image.entry.ImageDirectory;
import io.revfs.image.entry.ImageEntry;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.repository.DataRepository;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.EntrySizes;
import io.revfs.snapshot.FileContents;
import io.revfs.snapshot.FixedAttributes;
import io.revfs.snapshot.ObjectSizes;
import io.revfs.snapshot.Snapshot;
import io.revfs.snapshot.SnapshotDirectory;
import io.revfs.tree.Provenance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A snapshot as an image shows it: as a mount does, with the same modes, sizes and attributes.
 * Sizes that nobody stated are asked for, and all are remembered by the cache, from which the
 * object layer has them. Not thread-safe.
 */
final class SnapshotImage {
  /** Blobs of Git's up to this size lie in the image. */
  static final int INLINE_BYTES = 64 << 10;

  /** Few megabytes; and few enough that other writers of the index need not wait for long. */
  private static final int SIZES_AT_ONCE = 1 << 15;

  private final Cache cache;
  private final FileContents contents;
  private final ObjectSizes sizes;
  private final DataRepository repository;
  private final Snapshot snapshot;

  /** What the cache is still to be told. */
  private final List<Cache.KnownSize> known = new ArrayList<>();

  SnapshotImage(Cache cache, DataRepository repository, Snapshot snapshot) {
    this.cache = cache;
    this.contents = new FileContents(cache);
    this.sizes = new ObjectSizes(cache, contents);
    this.repository = repository;
    this.snapshot = snapshot;
  }

  /** Returns whether a file's bytes lie in the image. */
  static boolean isInline(ObjectKey key, long size) {
    boolean git = key.digest().algorithm() == Digest.Algorithm.GIT_BLOB;
    return size == 0 || (git && size <= INLINE_BYTES);
  }

  ImageEntry.Directory root() throws IOException {
    Entry root = snapshot.find("").orElseThrow();
    return new ImageEntry.Directory(new byte[0], 0555, attributes(root), content(snapshot.root()));
  }

  private ImageDirectory content(SnapshotDirectory directory) {
    return (position, most) -> {
      List<Entry> page = new ArrayList<>();
      directory.list(
          position,
          entry -> {
            page.add(entry);
            return page.size() < most;
          });
      List<ImageEntry> entries = new ArrayList<>();
      for (Entry entry : page) {
        entries.add(entry(entry));
      }
      if (known.size() >= SIZES_AT_ONCE) {
        rememberSizes();
      }
      return entries;
    };
  }

  /** Has the cache remember the sizes of what was listed since the last time. */
  void rememberSizes() {
    cache.rememberSizes(known);
    known.clear();
  }

  private ImageEntry entry(Entry entry) throws IOException {
    byte[] name = FileNames.encode(entry.name());
    return switch (entry.kind()) {
      case DIRECTORY, SUBMODULE ->
          new ImageEntry.Directory(
              name, 0555, attributes(entry), content(entry.directory().orElseThrow()));
      case SYMBOLIC_LINK -> new ImageEntry.SymbolicLink(name, List.of(), blob(entry));
      case FILE -> file(name, entry);
    };
  }

  private ImageEntry file(byte[] name, Entry entry) throws IOException {
    int mode = entry.executable() ? 0555 : 0444;
    List<ImageAttribute> attributes = attributes(entry);
    Optional<ObjectKey> key = entry.key();
    if (entry.problem().isPresent() || key.isEmpty()) {
      return new ImageEntry.ObjectFile(
          name, mode, attributes, EntrySizes.UNREADABLE, bytes(ObjectTree.UNREADABLE));
    }
    long size = sizes.sizeOfMany(entry);
    if (isInline(key.get(), size)) {
      byte[] content = size == 0 ? new byte[0] : blob(entry);
      return new ImageEntry.InlineFile(name, mode, attributes, content);
    }
    known.add(new Cache.KnownSize(key.get(), size));
    return new ImageEntry.ObjectFile(
        name, mode, attributes, size, bytes("/" + ObjectLayout.path(key.get())));
  }

  private byte[] blob(Entry entry) throws IOException {
    return repository.gitBlob(entry.key().orElseThrow().digest().hex());
  }

  private static byte[] bytes(String path) {
    return path.getBytes(StandardCharsets.US_ASCII);
  }

  private List<ImageAttribute> attributes(Entry entry) {
    List<ImageAttribute> attributes = new ArrayList<>(3);
    Provenance.fixed(snapshot.commit(), entry)
        .forEach(
            (name, value) ->
                attributes.add(
                    name.equals(FixedAttributes.DIGEST)
                        ? ImageAttribute.own(name, value)
                        : ImageAttribute.repeated(name, value)));
    return attributes;
  }
}
