package io.revfs.workspace;

import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import io.revfs.reach.OnlyShown;
import io.revfs.reach.Passages;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is only shown at places of attached working copies: it holds what is recorded, so it is not
 * read. Thread-safe.
 *
 * @param reader makes directories of entries
 * @param algorithm how digests are wanted
 */
record ShownContents(TreeReader reader, Digest.Algorithm algorithm) {
  private static final int BUFFER_BYTES = 1 << 17;

  /** Returns what a place shows where nothing is below; empty if nothing is shown either. */
  Optional<Contents> read(Passages.Place place) throws IOException {
    Optional<OnlyShown> shown = place.find();
    if (shown.isEmpty()) {
      return Optional.empty();
    }
    if (shown.get().directory()) {
      return Optional.of(reader.directoryOf(entries(place)));
    }
    FileEntry entry = entry(shown.get(), "");
    return Optional.of(new Contents.File(ObjectKey.file(entry.digest()), entry));
  }

  /** Returns the files in a directory that are only shown. */
  List<FileEntry> entries(Passages.Place place) throws IOException {
    List<FileEntry> entries = new ArrayList<>();
    int prefix = place.path().isEmpty() ? 0 : place.path().length() + 1;
    place
        .covered()
        .visit(place.path(), file -> entries.add(entry(file, file.path().substring(prefix))));
    return entries;
  }

  private FileEntry entry(OnlyShown file, String path) throws IOException {
    return new FileEntry(path, digest(file), file.size().get(), file.mode(), FileEntry.Place.SHOWN);
  }

  private Digest digest(OnlyShown file) throws IOException {
    Optional<Digest> recorded = file.key().map(ObjectKey::digest);
    if (recorded.isPresent() && recorded.get().algorithm() == algorithm) {
      return recorded.get();
    }
    Hasher hasher = Hasher.of(algorithm, file.size().get()).orElseThrow();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = file.bytes().open()) {
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        hasher.update(ByteBuffer.wrap(buffer, 0, n));
      }
    }
    return hasher.finish();
  }
}
