package io.revfs.cache.local;

import io.revfs.index.Index;
import io.revfs.posix.OwnerLock;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cache's directory, held by one process at a time, and its index, made anew where it cannot be
 * trusted.
 *
 * <p>LMDB is written without waiting for the disk. A killed process loses nothing, as the kernel
 * has the pages; a crashed machine may leave anything. So the boot is noted while the cache is
 * open: a note of another boot means that the machine went down meanwhile, and index and partial
 * files are dropped. Complete files are found again ({@link LostFiles}), and verified when they are
 * opened.
 */
final class CacheDirectory implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(CacheDirectory.class);
  private static final long FIRST_MAP_BYTES = 64L << 20;

  private final Path root;
  private final OwnerLock lock;
  private final Index index;
  private final ObjectFiles files;

  private CacheDirectory(Path root, OwnerLock lock, Index index, ObjectFiles files) {
    this.root = root;
    this.lock = lock;
    this.index = index;
    this.files = files;
  }

  static CacheDirectory open(Path root) throws IOException {
    Files.createDirectories(root);
    Path lockFile = root.resolve("lock");
    OwnerLock lock =
        OwnerLock.take(lockFile)
            .orElseThrow(
                () ->
                    new IOException(
                        "the cache %s is in use by process %s".formatted(root, owner(lockFile))));
    try {
      ObjectFiles files = new ObjectFiles(root);
      Path indexDirectory = root.resolve("index").resolve("objects");
      if (wentDown(root)) {
        log.warn("the machine went down while {} was in use; its index is rebuilt", root);
        deleteTree(indexDirectory);
      }
      Index index = Index.openOrRebuild(indexDirectory, FIRST_MAP_BYTES);
      if (index.isNew()) {
        files.dropPartial();
      }
      note(root, bootId());
      return new CacheDirectory(root, lock, index, files);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static String owner(Path lockFile) {
    try {
      return Long.toString(OwnerLock.owner(lockFile).orElse(0));
    } catch (IOException e) {
      return "0";
    }
  }

  private static boolean wentDown(Path root) throws IOException {
    Path note = root.resolve("index").resolve("boot");
    if (!Files.exists(note)) {
      return false;
    }
    String noted = Files.readString(note).strip();
    return !noted.equals("clean") && !noted.equals(bootId());
  }

  private static String bootId() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
  }

  private static void note(Path root, String text) throws IOException {
    Path note = root.resolve("index").resolve("boot");
    Path fresh = note.resolveSibling("boot.new");
    try (FileChannel file =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
      file.force(true);
    }
    Files.move(fresh, note, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  Index index() {
    return index;
  }

  ObjectFiles files() {
    return files;
  }

  Path root() {
    return root;
  }

  @Override
  public void close() throws IOException {
    index.close();
    note(root, "clean");
    lock.close();
  }
}
