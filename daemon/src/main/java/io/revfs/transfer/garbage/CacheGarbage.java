package io.revfs.transfer.garbage;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.workspace.store.ObjectStore;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Objects of a project's cache that nothing uses, and what commands that were killed left of
 * others. Nothing else is ever touched.
 */
public final class CacheGarbage {
  private static final String SHARD = "[0-9a-f]{2}";
  private static final String MANIFEST = "[0-9a-f]{30}\\.dir";
  private static final String FILE = "[0-9a-f]{30}";

  /** As this program names what is not whole yet: in directories that others may use too. */
  private static final String OWN = "\\.[0-9a-f]{20}\\.tmp";

  /** As this program, and DVC, name it beside objects. */
  private static final String TEMPORARY = "\\.[\\w.-]+\\.tmp|[0-9a-f]{30}(\\.dir)?\\.[\\w-]+\\.tmp";

  /** What nobody has written to for so long, nobody writes any more, on this machine or another. */
  private static final Duration ABANDONED = Duration.ofDays(1);

  private CacheGarbage() {}

  /**
   * Removes what is left of objects that never became whole.
   *
   * @param now by the clock of files
   * @return how many there were
   */
  public static int leftOvers(ObjectStore store, Instant now) throws IOException {
    List<Path> found = new ArrayList<>(entries(store.root(), name -> name.matches(OWN)));
    for (Digest.Algorithm kind : List.of(Digest.Algorithm.MD5, Digest.Algorithm.MD5_DOS2UNIX)) {
      for (Path shard : entries(store.directory(kind), name -> name.matches(SHARD))) {
        found.addAll(entries(shard, name -> name.matches(TEMPORARY)));
      }
    }
    int removed = 0;
    for (Path file : found) {
      if (isAbandoned(file, now.minus(ABANDONED)) && Files.deleteIfExists(file)) {
        removed++;
      }
    }
    return removed;
  }

  private static boolean isAbandoned(Path file, Instant before) {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return attributes.isRegularFile()
          && attributes.lastModifiedTime().toInstant().isBefore(before);
    } catch (IOException e) {
      return false; // whoever wrote it has just given it its name
    }
  }

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
