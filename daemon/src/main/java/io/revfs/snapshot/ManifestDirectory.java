package io.revfs.snapshot;

import io.revfs.cache.Cache;
import io.revfs.dvc.DvcFormatException;
import io.revfs.image.DirectorySize;
import io.revfs.object.ObjectKey;
import io.revfs.object.Origins;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A directory of a manifest; the topmost one loads the manifest when it is first looked into. */
public final class ManifestDirectory implements SnapshotDirectory {
  /** About what fits into one answer to the kernel; the next asks for what follows. */
  private static final int LISTED_AT_ONCE = 128;

  private final ManifestStore store;
  private final Cache cache;
  private final ObjectKey manifest;
  private final Origins origins;
  private volatile byte @Nullable [] id;

  /**
   * The directory of a {@code .dir} object or of one below it.
   *
   * @param id of its first page if known; null: the manifest is read when it is needed
   */
  public ManifestDirectory(
      ManifestStore store, Cache cache, ObjectKey manifest, Origins origins, byte @Nullable [] id) {
    this.store = store;
    this.cache = cache;
    this.manifest = manifest;
    this.origins = origins;
    this.id = id;
  }

  private byte[] id() throws IOException {
    byte[] known = id;
    if (known == null) {
      try {
        known = store.load(manifest, origins);
      } catch (DvcFormatException e) {
        throw new UnreadableOutputException(String.valueOf(e.getMessage()));
      }
      id = known;
    }
    return known;
  }

  @Override
  public boolean isReady() {
    if (id == null) {
      store.known(manifest).ifPresent(root -> id = root);
    }
    return id != null;
  }

  @Override
  public Optional<Entry> find(String name) throws IOException {
    return store.find(id(), name).map(this::entry);
  }

  @Override
  public void list(long position, Visitor visitor) throws IOException {
    long at = position;
    while (true) {
      List<ManifestStore.Stored> page = store.list(id(), at, LISTED_AT_ONCE);
      if (page.isEmpty()) {
        return;
      }
      for (ManifestStore.Stored stored : page) {
        if (!visitor.visit(entry(stored))) {
          return;
        }
        at++;
      }
    }
  }

  @Override
  public void listNames(long position, NameVisitor visitor) throws IOException {
    long next = position;
    while (true) {
      ByteBuffer page = store.rawPage(id(), next);
      if (!page.hasRemaining()) {
        return;
      }
      for (int at = 0; at < page.limit(); at += ManifestPages.entryLength(page, at)) {
        byte[] name = new byte[page.get(at) & 0xFF];
        page.get(at + 1, name);
        byte kind = page.get(at + 1 + name.length);
        boolean directory = kind == ManifestPages.DIRECTORY;
        long node =
            directory
                ? 0
                : NodeIds.file(
                    manifest.digest().algorithm(),
                    page,
                    at + 2 + name.length,
                    kind == ManifestPages.EXECUTABLE);
        if (!visitor.visit(name, directory ? Entry.Kind.DIRECTORY : Entry.Kind.FILE, node)) {
          return;
        }
        next++;
      }
    }
  }

  /** The store has it from when it read the manifest; one of an earlier version has not. */
  @Override
  public DirectorySize size() throws IOException {
    Optional<DirectorySize> stored = store.size(id());
    return stored.isPresent() ? stored.get() : SnapshotDirectory.super.size();
  }

  private Entry entry(ManifestStore.Stored stored) {
    byte[] digest = stored.digest();
    if (digest == null) {
      throw new IllegalStateException("an entry without a digest");
    }
    if (stored.kind() == ManifestPages.DIRECTORY) {
      return Entry.directory(
          stored.name(),
          Entry.Tracking.INSIDE_OUTPUT,
          new ManifestDirectory(store, cache, manifest, origins, digest));
    }
    ObjectKey key = ManifestStore.fileKey(manifest, digest);
    return new Entry(
        stored.name(),
        Entry.Kind.FILE,
        stored.kind() == ManifestPages.EXECUTABLE,
        Optional.of(key),
        origins,
        stored.size(),
        Entry.Tracking.INSIDE_OUTPUT,
        Optional.empty(),
        Optional.empty());
  }

  ObjectKey manifest() {
    return manifest;
  }
}
