package io.revfs.url;

import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectMissingException;
import io.revfs.reach.OnlyShown;
import io.revfs.reach.Passages;
import java.io.IOException;
import java.io.InputStream;
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
    Optional<OnlyShown> shown = shown(path);
    return shown.isPresent() ? shown.get().directory() : attributes(path).isDirectory();
  }

  /** Returns what a mount of ours shows at a path, if nothing is below. */
  private static Optional<OnlyShown> shown(Path file) throws IOException {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
        ? Optional.empty()
        : Passages.onlyShown(file);
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
    Optional<OnlyShown> shown = shown(file).filter(only -> !only.directory());
    if (shown.isPresent()) {
      return file(relative, shown.get());
    }
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

  private static ExternalFile file(String relative, OnlyShown shown) throws IOException {
    return new ExternalFile(
        relative, shown.size().get(), Optional.empty(), Optional.empty(), shown.executable());
  }

  @Override
  public void files(FileSink sink) throws IOException {
    if (Files.exists(path)) {
      filesThere(sink);
    }
    Optional<Passages.Place> covered = Passages.at(path);
    if (covered.isPresent()) {
      Path top = covered.get().covered().below();
      covered
          .get()
          .covered()
          .visit(
              covered.get().path(),
              shown ->
                  sink.file(file(path.relativize(top.resolve(shown.path())).toString(), shown)));
    }
  }

  private void filesThere(FileSink sink) throws IOException {
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
    Path directory = path.resolve(below);
    Optional<Passages.Place> covered = Passages.at(directory);
    if (covered.isPresent()) {
      for (OnlyShown shown : covered.get().covered().list(covered.get().path())) {
        String name = shown.path().substring(shown.path().lastIndexOf('/') + 1);
        sink.child(name, shown.directory(), shown.directory() ? -1 : shown.size().get());
      }
    }
    if (covered.isEmpty() || Files.exists(directory)) {
      childrenThere(directory, sink);
    }
  }

  private static void childrenThere(Path directory, ChildSink sink) throws IOException {
    try (DirectoryStream<Path> names = Files.newDirectoryStream(directory)) {
      for (Path name : names) {
        boolean isDirectory = Files.isDirectory(name);
        long size = isDirectory ? -1 : size(name);
        sink.child(String.valueOf(name.getFileName()), isDirectory, size);
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
    Optional<OnlyShown> shown = shown(from);
    if (shown.isPresent()) {
      readShown(shown.get(), offset, length, consumer);
      return;
    }
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

  private static void readShown(OnlyShown shown, long offset, long length, ByteConsumer consumer)
      throws IOException {
    try (InputStream in = shown.bytes().open()) {
      in.skipNBytes(offset);
      byte[] bytes = new byte[(int) Math.min(BUFFER_BYTES, Math.max(1, length))];
      for (long left = length; left > 0; ) {
        int n = in.readNBytes(bytes, 0, (int) Math.min(bytes.length, left));
        if (n == 0) {
          throw new IOException(shown.path() + " was cut while it was read");
        }
        left -= n;
        consumer.accept(ByteBuffer.wrap(bytes, 0, n));
      }
    }
  }

  @Override
  public Optional<Path> localPath() {
    return Optional.of(path);
  }

  @Override
  public void close() {}
}
