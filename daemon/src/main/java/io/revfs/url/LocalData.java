package io.revfs.url;

import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectMissingException;
import io.revfs.reach.Passages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;

/** A file or directory of this machine. */
final class LocalData implements ExternalData {
  private static final int BUFFER_BYTES = 1 << 20;

  private final Path path;

  LocalData(Path path) {
    this.path = path;
  }

  @Override
  public String url() {
    return path.toString();
  }

  @Override
  public ChecksumKind checksumKind() {
    return ChecksumKind.MD5;
  }

  @Override
  public boolean isDirectory() throws IOException {
    return attributes(path).isDirectory();
  }

  private static PosixFileAttributes attributes(Path file) throws IOException {
    try {
      return Files.readAttributes(file, PosixFileAttributes.class);
    } catch (NoSuchFileException | java.nio.file.NotDirectoryException e) {
      boolean link = Files.isSymbolicLink(file);
      throw new ObjectMissingException(
          file.toString(), link ? "this machine (it is a broken link)" : "this machine");
    }
  }

  @Override
  public ExternalFile file() throws IOException {
    return file("", path);
  }

  private static ExternalFile file(String relative, Path file) throws IOException {
    PosixFileAttributes attributes = attributes(file);
    if (!attributes.isRegularFile()) {
      throw new IOException(file + " is neither a file nor a directory");
    }
    return new ExternalFile(
        relative,
        attributes.size(),
        Optional.empty(),
        Optional.empty(),
        attributes.permissions().contains(PosixFilePermission.OWNER_EXECUTE));
  }

  @Override
  public void files(FileSink sink) throws IOException {
    Files.walkFileTree(
        Passages.walkable(path),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!(attributes.isSymbolicLink() && Files.isDirectory(file))) {
              sink.file(file(path.relativize(file.normalize()).toString(), file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Override
  public void children(String below, ChildSink sink) throws IOException {
    try (DirectoryStream<Path> names = Files.newDirectoryStream(path.resolve(below))) {
      for (Path name : names) {
        boolean directory = Files.isDirectory(name);
        long size = directory ? -1 : size(name);
        sink.child(String.valueOf(name.getFileName()), directory, size);
      }
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /** A broken link is listed too. */
  private static long size(Path name) throws IOException {
    return Files.exists(name)
        ? Files.size(name)
        : Files.readAttributes(name, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).size();
  }

  @Override
  public void read(ExternalFile file, long offset, long length, ByteConsumer consumer)
      throws IOException {
    Path from = path.resolve(file.path());
    try (FileChannel channel = FileChannel.open(from, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, Math.max(1, length)));
      long end = offset + length;
      for (long at = offset; at < end; ) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
        int n = channel.read(buffer, at);
        if (n < 0) {
          throw new IOException(from + " was cut while it was read");
        }
        at += n;
        consumer.accept(buffer.flip());
      }
    } catch (NoSuchFileException e) {
      throw new ObjectMissingException(from.toString(), "this machine");
    }
  }

  @Override
  public Optional<Path> localPath() {
    return Optional.of(path);
  }

  @Override
  public void close() {}
}
