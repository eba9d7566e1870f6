package io.revfs.testing;

import io.revfs.browse.Places;
import io.revfs.cache.CacheSettings;
import io.revfs.cache.local.LocalCache;
import io.revfs.index.Index;
import io.revfs.remote.RemoteLimits;
import io.revfs.repository.DataRepositories;
import io.revfs.snapshot.FileContents;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Repositories with a cache and an index of their own, in this process. */
public record OpenRepositories(LocalCache cache, Index index, DataRepositories repositories)
    implements Closeable {
  /** Short waits and one retry: what fails in a test fails soon. */
  public static final RemoteLimits LIMITS =
      new RemoteLimits(16, Duration.ofSeconds(5), Duration.ofSeconds(20), 1);

  /** Opens all below a directory. */
  public static OpenRepositories open(Path directory) throws IOException {
    LocalCache cache =
        LocalCache.open(
            new CacheSettings(
                directory.resolve("revfs-cache"),
                1L << 30,
                CacheSettings.DEFAULT_CHUNK_BYTES,
                CacheSettings.Verify.ON_COMPLETE,
                8));
    Index index = Index.open(directory.resolve("revfs-index"), 1 << 20);
    return new OpenRepositories(
        cache, index, new DataRepositories(directory.resolve("mirrors"), LIMITS, cache, index));
  }

  /** Returns what opens entries. */
  public FileContents contents() {
    return new FileContents(cache);
  }

  /** Returns places without mounts. */
  public Places places() {
    return new Places(path -> Optional.empty(), repositories);
  }

  @Override
  public void close() {
    repositories.close();
    index.close();
    cache.close();
  }
}
