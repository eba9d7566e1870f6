package io.revfs.workspace;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.reach.Covered;
import io.revfs.reach.OnlyShown;
import io.revfs.reach.Passages;
import io.revfs.workspace.store.ManifestItem;
import io.revfs.workspace.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How an output of an attached working copy differs from what is recorded. Only what is below is
 * looked at, that is what was written: all else holds what is recorded. Thread-safe.
 *
 * @param reader of what is below
 */
record PartlyShown(TreeReader reader) {
  /**
   * Returns how an output differs: empty inside if it does not; empty if this is not an output of
   * an attached working copy that has {@code key} recorded.
   */
  Optional<Optional<OutStatus>> status(Path place, ObjectKey key) throws IOException {
    if (!isOutput(place, key)) {
      return Optional.empty();
    }
    Passages.Place at = Passages.at(place).orElseThrow();
    return Optional.of(differs(at.covered(), at.path(), place, key));
  }

  private Optional<OutStatus> differs(Covered covered, String path, Path place, ObjectKey key)
      throws IOException {
    if (covered.isUntouched(path, key)) {
      return Optional.empty();
    }
    TreeReader by = reader.by(key.digest().algorithm());
    Optional<Contents> below = by.read(place, null);
    List<String> deleted = covered.deleted(path);
    if (below.isEmpty() && deleted.contains(path)) {
      return Optional.of(OutStatus.DELETED);
    }
    for (String gone : deleted) {
      Path there = covered.below().resolve(gone);
      if (!Files.isRegularFile(there, LinkOption.NOFOLLOW_LINKS)) {
        if (Files.isDirectory(there, LinkOption.NOFOLLOW_LINKS)) {
          return compared(by.read(place), key); // what of it came back is not said
        }
        if (covered.isRecorded(gone)) {
          return Optional.of(OutStatus.MODIFIED);
        }
      }
    }
    return switch (below.orElse(null)) {
      case null -> Optional.empty();
      case Contents.File file ->
          file.key().equals(key) ? Optional.empty() : Optional.of(OutStatus.MODIFIED);
      case Contents.Directory directory -> {
        if (!key.manifest()) {
          yield Optional.of(OutStatus.MODIFIED);
        }
        for (FileEntry entry : directory.entries()) {
          Optional<ObjectKey> recorded = covered.recorded(path + "/" + entry.path());
          if (!recorded.equals(Optional.of(ObjectKey.file(entry.digest())))) {
            yield Optional.of(OutStatus.MODIFIED);
          }
        }
        yield Optional.empty();
      }
    };
  }

  private static Optional<OutStatus> compared(Optional<Contents> now, ObjectKey key) {
    if (now.isEmpty()) {
      return Optional.of(OutStatus.DELETED);
    }
    return now.get().key().equals(key) ? Optional.empty() : Optional.of(OutStatus.MODIFIED);
  }

  /** Returns whether an output of an attached working copy has this recorded. */
  static boolean isOutput(Path place, ObjectKey key) {
    return Passages.at(place).filter(at -> at.covered().isOutput(at.path(), key)).isPresent();
  }

  /** Returns whether a place shows just these bytes if nothing is below. */
  static boolean canShow(Path place, Digest digest) throws IOException {
    Optional<Passages.Place> at = Passages.at(place);
    return at.isPresent()
        && at.get().covered().recorded(at.get().path()).equals(Optional.of(ObjectKey.file(digest)));
  }

  /** Lets a place show these bytes, in place of what is below; false if it cannot. */
  static boolean show(Path place, Digest digest) throws IOException {
    Optional<Passages.Place> at = Passages.at(place);
    return at.isPresent() && at.get().covered().show(at.get().path(), digest);
  }

  /** Deletes what a place only shows. */
  static void hide(Path place) throws IOException {
    Optional<Passages.Place> at = Passages.at(place);
    if (at.isPresent()) {
      at.get().covered().hide(at.get().path());
    }
  }

  /** Returns what a manifest names, that a cache has or a shown output is recorded with. */
  static Optional<List<ManifestItem>> items(ObjectStore store, ObjectKey manifest)
      throws IOException {
    Optional<List<ManifestItem>> items =
        store.check(manifest) ? store.items(manifest) : Optional.empty();
    if (items.isPresent()) {
      return items;
    }
    for (Covered covered : Passages.all()) {
      Optional<List<OnlyShown>> named = covered.named(manifest);
      if (named.isPresent()) {
        return Optional.of(
            named.get().stream()
                .map(file -> new ManifestItem(file.path(), file.key().orElseThrow().digest()))
                .toList());
      }
    }
    return Optional.empty();
  }
}
