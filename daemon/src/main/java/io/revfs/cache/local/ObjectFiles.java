package io.revfs.cache.local;

import io.revfs.cache.ObjectLayout;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.function.LongConsumer;

/** Where objects lie in a cache's directory: DVC's layout for what is complete. */
final class ObjectFiles {
  private static final int BUFFER_BYTES = 256 << 10;
  private final Path root;

  ObjectFiles(Path root) throws IOException {
    this.root = root;
    Files.createDirectories(root.resolve("partial"));
  }

  Path complete(ObjectKey key) {
    return root.resolve(ObjectLayout.path(key));
  }

  Path partial(ObjectKey key) {
    return root.resolve("partial").resolve(key.digest().algorithm().word() + "-" + key.name());
  }

  /** Returns the key of a complete file, empty if the file is none of ours. */
  Optional<ObjectKey> keyOf(Path file) {
    return ObjectLayout.key(root.relativize(file).toString());
  }

  /** Puts a verified file in its place, read-only: the rename is what makes it complete. */
  void publish(Path file, ObjectKey key) throws IOException {
    Path target = complete(key);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    try {
      Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      Files.createDirectories(target.getParent());
      Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** Returns whether the file's bytes are what the key names; tells the bytes read. */
  static boolean matches(FileChannel file, ObjectKey key, LongConsumer progress)
      throws IOException {
    Optional<Hasher> hasher = Hasher.of(key.digest().algorithm(), file.size());
    if (hasher.isEmpty()) {
      return true;
    }
    // No larger than the object: most are small, and memory is cleared first.
    ByteBuffer buffer = ByteBuffer.allocate(Math.clamp(file.size() + 1, 512, BUFFER_BYTES));
    long at = 0;
    while (true) {
      int n = file.read(buffer.clear(), at);
      if (n < 0) {
        return hasher.get().finish().equals(key.digest());
      }
      at += n;
      hasher.get().update(buffer.flip());
      progress.accept(n);
    }
  }

  static FileChannel openRead(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  /** Passes every file below the places of complete objects. */
  void walk(FileVisitor visitor) throws IOException {
    if (!Files.isDirectory(root)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes a) {
            boolean ours =
                directory.equals(root.resolve("partial"))
                    || directory.equals(root.resolve("index"))
                    || directory.equals(root.resolve("images"));
            return ours ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            if (root.relativize(file).getNameCount() > 1) {
              visitor.visit(file, a);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE; // evicted meanwhile
          }
        });
  }

  /** Takes files. */
  @FunctionalInterface
  interface FileVisitor {
    void visit(Path file, BasicFileAttributes attributes) throws IOException;
  }

  /** Removes everything that was being filled. */
  void dropPartial() throws IOException {
    try (var files = Files.list(root.resolve("partial"))) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
