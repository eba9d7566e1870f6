package io.revfs.workingcopy;

import io.revfs.cache.Cache;
import io.revfs.fuse.FileNames;
import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectSource;
import io.revfs.origin.DvcCacheSource;
import io.revfs.posix.FileStat;
import io.revfs.posix.Posix;
import io.revfs.snapshot.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes away what an output left below when it is another one now: files that hold just what was
 * recorded before, and that can be had again from the cache. What anybody changed or added stays,
 * and so does what is nowhere else.
 */
final class Superseded {
  private static final Logger log = LoggerFactory.getLogger(Superseded.class);
  private static final int BUFFER_BYTES = 1 << 20;

  private final Path root;
  private final Cache cache;

  /** {@code root}: where the working copy is reached past its mount. */
  Superseded(Path root, Cache cache) {
    this.root = root;
    this.cache = cache;
  }

  /**
   * Removes files of an output that are as {@code before} says, unless {@code after} says the same.
   *
   * @return the paths that were removed, from the root
   */
  List<String> remove(String output, Entry before, Optional<Entry> after) throws IOException {
    Path place = root.resolve(output);
    List<String> removed = new ArrayList<>();
    if (Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)) {
      if (isSuperseded(place, Optional.of(before), after)) {
        Files.delete(place);
        removed.add(output);
      }
      return removed;
    }
    if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
      return removed;
    }
    Files.walkFileTree(
        place,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path inside = place.relativize(file);
            if (attributes.isRegularFile()
                && isSuperseded(file, find(before, inside), after.flatMap(e -> found(e, inside)))) {
              Files.delete(file);
              removed.add(root.relativize(file).toString());
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path directory, @org.jspecify.annotations.Nullable IOException failed)
              throws IOException {
            if (after.isEmpty() && isEmpty(directory)) {
              Files.delete(directory);
              removed.add(root.relativize(directory).toString());
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return removed;
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (var names = Files.list(directory)) {
      return names.findAny().isEmpty();
    }
  }

  private static Optional<Entry> found(Entry output, Path inside) {
    try {
      return find(output, inside);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<Entry> find(Entry output, Path inside) throws IOException {
    Entry at = output;
    for (Path name : inside) {
      if (at.directory().isEmpty()) {
        return Optional.empty();
      }
      Optional<Entry> next = at.directory().get().find(name.toString());
      if (next.isEmpty()) {
        return Optional.empty();
      }
      at = next.get();
    }
    return Optional.of(at);
  }

  private boolean isSuperseded(Path file, Optional<Entry> before, Optional<Entry> after)
      throws IOException {
    if (before.isEmpty() || before.get().key().isEmpty()) {
      return false;
    }
    ObjectKey key = before.get().key().get();
    if (after.isPresent() && after.get().key().equals(before.get().key())) {
      return false; // it is right as it is
    }
    if (key.manifest() || !isElsewhere(key, before.get())) {
      return false;
    }
    long size = before.get().size();
    FileStat stat = Posix.stat(Posix.AT_FDCWD, FileNames.encode(file.toString()), false);
    if (stat == null || (size >= 0 && stat.size() != size)) {
      return false;
    }
    return hash(file, key.digest().algorithm(), stat.size())
        .filter(key.digest()::equals)
        .isPresent();
  }

  /** Returns whether an object can be had on this machine. */
  private boolean isElsewhere(ObjectKey key, Entry entry) {
    if (cache.presence(key).complete()) {
      return true;
    }
    for (ObjectSource source : entry.origins().sources()) {
      if (source instanceof DvcCacheSource) {
        try {
          return source.size(key) >= 0;
        } catch (IOException e) {
          log.debug("{}: {}", key, e.toString());
        }
      }
    }
    return false;
  }

  private static Optional<Digest> hash(Path file, Digest.Algorithm algorithm, long size)
      throws IOException {
    Optional<Hasher> hasher = Hasher.of(algorithm, size);
    if (hasher.isEmpty()) {
      return Optional.empty();
    }
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(buffer.clear()) >= 0) {
        hasher.get().update(buffer.flip());
      }
    }
    return Optional.of(hasher.get().finish());
  }
}
