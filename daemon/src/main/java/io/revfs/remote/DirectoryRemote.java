package io.revfs.remote;

import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** A remote that is a directory of this machine, or one mounted from elsewhere. */
final class DirectoryRemote implements Remote {
  private static final int BUFFER_BYTES = 1 << 20;
  private final String name;
  private final Path root;

  DirectoryRemote(String name, Path root) {
    this.name = name;
    this.root = root;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String url() {
    return root.toString();
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.LIST, Capability.WRITE, Capability.LOCAL);
  }

  private Path path(String key) throws IOException {
    Path path = root.resolve(key).normalize();
    if (key.isEmpty() || !path.startsWith(root)) {
      throw new ObjectMissingException(key, name);
    }
    return path;
  }

  @Override
  public RemoteObject stat(RemoteKey key) throws IOException {
    try {
      BasicFileAttributes file = Files.readAttributes(path(key.path()), BasicFileAttributes.class);
      if (!file.isRegularFile()) {
        throw new ObjectMissingException(key.path(), describe());
      }
      return new RemoteObject(key.path(), file.size(), Optional.empty(), Optional.empty());
    } catch (IOException e) {
      throw translate(key.path(), e);
    }
  }

  @Override
  public void read(RemoteKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    try (FileChannel file = FileChannel.open(path(key.path()), StandardOpenOption.READ)) {
      ByteBuffer buffer =
          ByteBuffer.allocateDirect((int) Math.min(BUFFER_BYTES, Math.max(1, length)));
      long at = offset;
      while (at < offset + length) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), offset + length - at));
        int n = file.read(buffer, at);
        if (n <= 0) {
          throw new SourceUnreachableException(
              describe(), key.path() + " ends at " + at + ", before what was asked", false, null);
        }
        at += n;
        consumer.accept(buffer.flip());
      }
    } catch (java.nio.file.FileSystemException e) {
      throw translate(key.path(), e);
    }
  }

  @Override
  public void list(String prefix, ListSink sink) throws IOException {
    // A prefix is of the key's text: the walk begins at the last whole directory in it.
    int slash = prefix.lastIndexOf('/');
    Path start = slash < 0 ? root : root.resolve(prefix.substring(0, slash));
    if (!Files.isDirectory(start)) {
      checkRoot();
      return;
    }
    Files.walkFileTree(
        start,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            String key = root.relativize(file).toString();
            if (!attributes.isRegularFile() || !key.startsWith(prefix)) {
              return FileVisitResult.CONTINUE;
            }
            boolean more =
                sink.accept(
                    new RemoteObject(key, attributes.size(), Optional.empty(), Optional.empty()));
            return more ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE; // removed meanwhile
            }
            throw translate(file.toString(), e);
          }
        });
  }

  @Override
  public void write(String key, Path content) throws IOException {
    Path target = path(key);
    Path temporary =
        target.resolveSibling(
            "."
                + target.getFileName()
                + "."
                + Long.toHexString(ThreadLocalRandom.current().nextLong()));
    try {
      Files.createDirectories(target.getParent());
      Files.copy(content, temporary);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw translate(key, e);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  @Override
  public void delete(String key) throws IOException {
    try {
      Files.deleteIfExists(path(key));
    } catch (IOException e) {
      throw translate(key, e);
    }
  }

  @Override
  public Optional<Path> localFile(RemoteKey key) throws IOException {
    Path path = path(key.path());
    return Files.isRegularFile(path) ? Optional.of(path) : Optional.empty();
  }

  private String describe() {
    return "remote '" + name + "' (" + root + ")";
  }

  private void checkRoot() throws SourceUnreachableException {
    if (!Files.isDirectory(root)) {
      throw new SourceUnreachableException(
          describe(), "the directory is not there (is it mounted?)", false, null);
    }
  }

  private IOException translate(String key, IOException e) throws IOException {
    if (e instanceof ObjectMissingException || e instanceof SourceUnreachableException) {
      return e;
    }
    if (e instanceof NoSuchFileException || e instanceof NotDirectoryException) {
      checkRoot();
      return new ObjectMissingException(key, describe());
    }
    return new SourceUnreachableException(describe(), String.valueOf(e.getMessage()), false, e);
  }

  @Override
  public void close() {}
}
