package io.revfs.stage;

import io.revfs.dvc.pipeline.ParsingOptions;
import io.revfs.stage.view.FileView;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What pipelines of work trees were when they were read last. It counts as long as each file that
 * was read for it has the same bytes: reading a thousand stages, and finding out who needs whom,
 * costs much, comparing little. Bounded, and given up when memory is short. Thread-safe.
 */
final class KnownStageFiles {
  private static final int MOST = 64;

  private static final int MOST_INDEXES = 16;

  private final Map<Key, SoftReference<Known>> known = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Path, SoftReference<StageIndex>> indexes = new LinkedHashMap<>(16, 0.75f, true);

  /** Which file it is, and how it is read. */
  record Key(Path root, String path, ParsingOptions options) {}

  private record Known(Map<String, Optional<byte[]>> read, StageFile file) {}

  /** Returns what is known, if nothing that it was made of has changed. */
  Optional<StageFile> find(Key key, FileView view) throws IOException {
    @Nullable Known found;
    synchronized (this) {
      SoftReference<Known> reference = known.get(key);
      found = reference == null ? null : reference.get();
    }
    if (found == null) {
      return Optional.empty();
    }
    for (Map.Entry<String, Optional<byte[]>> one : found.read().entrySet()) {
      if (!isSame(one.getValue(), view.read(one.getKey()))) {
        return Optional.empty();
      }
    }
    return Optional.of(found.file());
  }

  private static boolean isSame(Optional<byte[]> one, Optional<byte[]> other) {
    return Arrays.equals(one.orElse(null), other.orElse(null));
  }

  /**
   * Remembers a file.
   *
   * @param read what was read for it, by path; absent files too
   */
  synchronized void put(Key key, Map<String, Optional<byte[]>> read, StageFile file) {
    known.put(key, new SoftReference<>(new Known(read, file)));
    if (known.size() > MOST) {
      known.remove(known.keySet().iterator().next());
    }
  }

  /** Returns the stages of what was collected of a work tree: the index of last time, if it can. */
  StageIndex index(Path root, StageIndex.Builder collected) {
    @Nullable StageIndex last;
    synchronized (this) {
      SoftReference<StageIndex> reference = indexes.get(root);
      last = reference == null ? null : reference.get();
    }
    if (last != null && collected.isSame(last)) {
      return last;
    }
    StageIndex index = collected.build();
    synchronized (this) {
      indexes.put(root, new SoftReference<>(index));
      if (indexes.size() > MOST_INDEXES) {
        indexes.remove(indexes.keySet().iterator().next());
      }
    }
    return index;
  }
}
