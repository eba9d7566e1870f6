package io.revfs.transfer.garbage;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.workspace.store.ObjectStore;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Objects of a project's cache that nothing uses. Nothing but objects is ever touched. */
public final class CacheGarbage {
  private static final String SHARD = "[0-9a-f]{2}";
  private static final String MANIFEST = "[0-9a-f]{30}\\.dir";
  private static final String FILE = "[0-9a-f]{30}";

  private CacheGarbage() {}

  /**
   * Removes, or only counts, the objects of one kind that are not used; manifests first, so that
   * one that stays is complete.
   *
   * @param remove false: they are only counted
   * @return how many there were
   */
  public static long collect(
      ObjectStore store, Digest.Algorithm kind, Set<ObjectKey> used, boolean remove)
      throws IOException {
    Path top = store.directory(kind);
    List<Path> unused = new ArrayList<>();
    for (String form : List.of(MANIFEST, FILE)) {
      for (Path shard : entries(top, name -> name.matches(SHARD))) {
        for (Path object : entries(shard, name -> name.matches(form))) {
          if (!used.contains(key(kind, shard, object))) {
            unused.add(object);
          }
        }
      }
    }
    if (remove) {
      for (Path object : unused) {
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedIOException("interrupted");
        }
        Files.deleteIfExists(object);
      }
    }
    return unused.size();
  }

  private static ObjectKey key(Digest.Algorithm kind, Path shard, Path object) {
    String name = shard.getFileName().toString() + object.getFileName();
    boolean manifest = name.endsWith(".dir");
    String hex = manifest ? name.substring(0, name.length() - ".dir".length()) : name;
    return new ObjectKey(new Digest(kind, hex), manifest);
  }

  private static List<Path> entries(Path directory, Predicate<String> names) throws IOException {
    List<Path> entries = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
        for (Path entry : all) {
          if (names.test(entry.getFileName().toString())) {
            entries.add(entry);
          }
        }
      }
    }
    return entries;
  }
}
