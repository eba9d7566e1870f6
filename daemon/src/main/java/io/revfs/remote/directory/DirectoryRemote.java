package io.revfs.remote.directory;

import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.ConfiguredRemote;
import io.revfs.remote.Listing;
import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.Upload;
import io.revfs.remote.parts.TemporaryNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A remote that is a directory of this machine, or one mounted from elsewhere. With {@code shared =
 * group} what it makes belongs to the directory's group, as in DVC.
 */
public final class DirectoryRemote extends ConfiguredRemote {
  private static final int BUFFER_BYTES = 1 << 20;
  private static final Set<PosixFilePermission> READ_ONLY =
      PosixFilePermissions.fromString("r--r--r--");
  private static final Set<PosixFilePermission> SHARED_FILE =
      PosixFilePermissions.fromString("rw-rw-r--");
  private static final int SHARED_DIRECTORY_MODE = 02775;
  private final Path root;
  private final boolean shared;
  private final Set<Path> made = ConcurrentHashMap.newKeySet();
  private final NewFiles newFiles = new NewFiles();

  public DirectoryRemote(RemoteSettings settings, Path root) throws RemoteConfigurationException {
    super(settings);
    this.root = root;
    this.shared = settings.option("shared").isPresent();
    if (shared && !settings.option("shared").equals(Optional.of("group"))) {
      throw new RemoteConfigurationException(name(), "'shared' can only be 'group'");
    }
  }

  @Override
  public String url() {
    return root.toString();
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.LIST, Capability.WRITE, Capability.DELETE, Capability.LOCAL);
  }

  private Path path(String key) throws IOException {
    Path path = root.resolve(key).normalize();
    if (key.isEmpty() || !path.startsWith(root)) {
      throw new ObjectMissingException(key, name());
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
      return RemoteObject.of(key.path(), file.size());
    } catch (IOException e) {
      throw translate(key.path(), e);
    }
  }

  @Override
  public void read(RemoteKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    try (FileChannel file = open(key.path())) {
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
        consumer.accept(buffer.flip()); // which may fail too: not the remote is full then
      }
    }
  }

  private FileChannel open(String key) throws IOException {
    try {
      return FileChannel.open(path(key), StandardOpenOption.READ);
    } catch (java.nio.file.FileSystemException e) {
      throw translate(key, e);
    }
  }

  @Override
  public long readAll(RemoteKey key, ByteConsumer consumer) throws IOException {
    Path path = path(key.path());
    byte[] small = {};
    long size;
    try {
      size = Files.size(path);
      if (size <= BUFFER_BYTES) {
        small = Files.readAllBytes(path);
      }
    } catch (java.nio.file.FileSystemException e) {
      throw translate(key.path(), e);
    }
    if (size > BUFFER_BYTES) {
      read(key, 0, size, consumer);
      return size;
    }
    consumer.accept(ByteBuffer.wrap(small));
    return small.length;
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
                    RemoteObject.of(key, attributes.size())
                        .writtenAt(attributes.lastModifiedTime().toInstant()));
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
  public boolean isThere() {
    return Files.isDirectory(root);
  }

  @Override
  public Listing listing() {
    return Listing.DIRECTORIES;
  }

  @Override
  public RemoteObject write(String key, Upload upload) throws IOException {
    Path target = path(key);
    Path temporary = Path.of(TemporaryNames.beside(target.toString()));
    try {
      makeDirectory(parent(target));
      if (upload.readOnly() && newFiles.write(upload.content(), target)) {
        upload.sent().accept(upload.size());
        return new RemoteObject(key, upload.size(), Optional.empty(), Optional.empty());
      }
      copy(upload.content(), temporary);
      if (upload.readOnly()) {
        Files.setPosixFilePermissions(temporary, READ_ONLY);
      } else if (shared) {
        Files.setPosixFilePermissions(temporary, SHARED_FILE);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw notWritten(key, e);
    } finally {
      Files.deleteIfExists(temporary);
    }
    upload.sent().accept(upload.size());
    return RemoteObject.of(key, upload.size());
  }

  /** The kernel copies, or only links the blocks where the file system can. */
  private void copy(Path content, Path temporary) throws IOException {
    try {
      Files.copy(content, temporary);
    } catch (NoSuchFileException e) {
      if (content.toString().equals(e.getFile())) {
        throw e;
      }
      // Somebody removed the directory since it was made.
      made.clear();
      makeDirectory(parent(temporary));
      Files.copy(content, temporary);
    }
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalArgumentException(path + " has no parent");
    }
    return parent;
  }

  private void makeDirectory(Path directory) throws IOException {
    if (made.contains(directory)) {
      return;
    }
    if (!Files.isDirectory(directory)) {
      Path above = directory.getParent();
      if (above != null) {
        makeDirectory(above);
      }
      try {
        Files.createDirectory(directory);
        if (shared) {
          Files.setAttribute(directory, "unix:mode", SHARED_DIRECTORY_MODE);
        }
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(directory)) {
          throw e;
        }
      }
    }
    made.add(directory);
  }

  private IOException notWritten(String key, IOException e) throws IOException {
    if (e instanceof AccessDeniedException
        || String.valueOf(e.getMessage()).contains("Read-only")) {
      return new SourceUnreachableException(
          describe(),
          "it cannot be written to (" + e.getMessage() + "); nothing was stored",
          false,
          e);
    }
    if (String.valueOf(e.getMessage()).contains("No space left")
        || String.valueOf(e.getMessage()).contains("quota exceeded")) {
      return new SourceUnreachableException(
          describe(), "it is full; make room there and try again", false, e);
    }
    return translate(key, e);
  }

  @Override
  public void delete(String key) throws IOException {
    try {
      Files.deleteIfExists(path(key));
    } catch (IOException e) {
      throw e instanceof NotDirectoryException ? translate(key, e) : notWritten(key, e);
    }
  }

  @Override
  public Optional<Path> localFile(RemoteKey key) throws IOException {
    Path path = path(key.path());
    return Files.isRegularFile(path) ? Optional.of(path) : Optional.empty();
  }

  private String describe() {
    return "remote '" + name() + "' (" + root + ")";
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
    if (e instanceof AccessDeniedException) {
      return new SourceUnreachableException(
          describe(), "access denied to " + e.getMessage(), false, e);
    }
    return new SourceUnreachableException(describe(), String.valueOf(e.getMessage()), false, e);
  }

  @Override
  public void close() {}
}
