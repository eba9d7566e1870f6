package io.revfs.transfer;

import io.revfs.dvc.manifest.ManifestReader;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.workspace.store.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Reads manifests from the project's cache, entry by entry. */
public final class Manifests {
  private Manifests() {}

  /** Takes the files that a manifest names, by their paths in the directory. */
  @FunctionalInterface
  interface Sink {
    void accept(String path, ObjectKey key);
  }

  /**
   * Passes what a manifest names.
   *
   * @param inside the part that is meant, by its path in the directory; empty: all
   * @return false if the cache lacks it
   */
  static boolean read(ObjectStore store, ObjectKey manifest, String inside, Sink sink)
      throws IOException {
    if (!store.check(manifest)) {
      return false;
    }
    Optional<InputStream> in = store.open(manifest);
    if (in.isEmpty()) {
      return false;
    }
    Digest.Algorithm algorithm = manifest.digest().algorithm();
    try (InputStream open = in.get()) {
      ManifestReader.read(
          open,
          manifest.name(),
          (path, hex, size, executable) -> {
            if (inside.isEmpty() || path.equals(inside) || path.startsWith(inside + "/")) {
              sink.accept(path, ObjectKey.file(new Digest(algorithm, hex)));
            }
          });
    }
    return true;
  }

  /**
   * Returns the objects that a manifest names; empty if the cache lacks it.
   *
   * @param inside the part that is meant, by its path in the directory; empty: all
   */
  public static Optional<ObjectKeys> keys(ObjectStore store, ObjectKey manifest, String inside)
      throws IOException {
    ObjectKeys.Builder keys = new ObjectKeys.Builder();
    boolean there = read(store, manifest, inside, (path, key) -> keys.add(key));
    return there ? Optional.of(keys.build()) : Optional.empty();
  }
}
