package io.revfs.transfer;

import io.revfs.dvc.ManifestReader;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.workspace.store.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads manifests from the project's cache. */
public final class Manifests {
  private Manifests() {}

  /** A file that a manifest names, by its path in the directory. */
  public record Entry(String path, ObjectKey key) {}

  /**
   * Returns what a manifest names; empty if the cache lacks it.
   *
   * @param inside the part that is meant, by its path in the directory; empty: all
   */
  public static Optional<List<Entry>> read(ObjectStore store, ObjectKey manifest, String inside)
      throws IOException {
    if (!store.check(manifest)) {
      return Optional.empty();
    }
    Optional<InputStream> in = store.open(manifest);
    if (in.isEmpty()) {
      return Optional.empty();
    }
    Digest.Algorithm algorithm = manifest.digest().algorithm();
    List<Entry> entries = new ArrayList<>();
    try (InputStream open = in.get()) {
      ManifestReader.read(
          open,
          manifest.name(),
          (path, hex, size, executable) -> {
            if (inside.isEmpty() || path.equals(inside) || path.startsWith(inside + "/")) {
              entries.add(new Entry(path, ObjectKey.file(new Digest(algorithm, hex))));
            }
          });
    }
    return Optional.of(entries);
  }
}
