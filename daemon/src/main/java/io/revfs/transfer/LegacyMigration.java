package io.revfs.transfer;

import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import io.revfs.workspace.store.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Gives the objects that DVC 2 made names of DVC 3 too; the old names stay. Nothing is copied. */
public final class LegacyMigration {
  private static final int BLOCK = 1 << 17;
  private static final String MANIFEST = ".dir";

  private final ObjectStore store;
  private final List<Path> objects;

  /**
   * What was done: objects that have a new name now, and those that are not what their name says.
   */
  public record Result(long migrated, List<Path> damaged) {}

  /** Looks for the objects. */
  public LegacyMigration(ObjectStore store) throws IOException {
    this.store = store;
    this.objects = objects(store.directory(Digest.Algorithm.MD5_DOS2UNIX));
  }

  private static List<Path> objects(Path top) throws IOException {
    List<Path> objects = new ArrayList<>();
    if (Files.isDirectory(top)) {
      try (DirectoryStream<Path> shards = Files.newDirectoryStream(top, "[0-9a-f][0-9a-f]")) {
        for (Path shard : shards) {
          try (DirectoryStream<Path> files = Files.newDirectoryStream(shard)) {
            for (Path file : files) {
              if (file.getFileName().toString().matches("[0-9a-f]{30}(\\.dir)?")) {
                objects.add(file);
              }
            }
          }
        }
      }
    }
    return objects;
  }

  /** Returns how many there are. */
  public int count() {
    return objects.size();
  }

  /**
   * Hashes all of them and links them.
   *
   * @param progress is told how many are done
   */
  public Result run(int lanes, LongConsumer progress) throws IOException {
    AtomicLong migrated = new AtomicLong();
    AtomicLong done = new AtomicLong();
    List<Path> damaged = Collections.synchronizedList(new ArrayList<>());
    Lanes.run(
        objects,
        lanes,
        object -> {
          if (!isRight(object)) {
            damaged.add(object);
          } else if (link(object)) {
            migrated.incrementAndGet();
          }
          progress.accept(done.incrementAndGet());
        });
    return new Result(migrated.get(), damaged);
  }

  private static boolean isRight(Path object) throws IOException {
    String name = String.valueOf(object.getFileName()).replace(MANIFEST, "");
    String hex = object.resolveSibling("").getFileName() + name;
    return hash(object, Digest.Algorithm.MD5_DOS2UNIX).hex().equals(hex);
  }

  private boolean link(Path object) throws IOException {
    boolean manifest = object.toString().endsWith(MANIFEST);
    ObjectKey key = new ObjectKey(hash(object, Digest.Algorithm.MD5), manifest);
    if (store.check(key)) {
      return false;
    }
    Path target = store.path(key);
    store.makeDirectories(target.resolveSibling("").normalize());
    try {
      Files.createLink(target, object);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false; // two that differ only in line ends, or somebody else
    }
  }

  private static Digest hash(Path object, Digest.Algorithm algorithm) throws IOException {
    Hasher hasher = Hasher.of(algorithm, 0).orElseThrow();
    byte[] block = new byte[BLOCK];
    try (InputStream in = Files.newInputStream(object)) {
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        hasher.update(ByteBuffer.wrap(block, 0, n));
      }
    }
    return hasher.finish();
  }
}
