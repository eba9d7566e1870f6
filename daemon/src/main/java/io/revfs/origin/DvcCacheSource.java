package io.revfs.origin;

import io.revfs.object.ByteConsumer;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.ObjectSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A repository's own DVC cache, read in place. As DVC does, an object whose mode is exactly 0444 is
 * trusted; any other is read through, so that our cache verifies its copy.
 */
public final class DvcCacheSource implements ObjectSource {
  private static final Set<PosixFilePermission> TRUSTED =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.OTHERS_READ);
  private static final int BUFFER_BYTES = 1 << 20;

  private final Path root;

  public DvcCacheSource(Path root) {
    this.root = root;
  }

  /** Two of one directory are the same. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DvcCacheSource that && root.equals(that.root);
  }

  @Override
  public int hashCode() {
    return root.hashCode();
  }

  @Override
  public String name() {
    return "dvc-cache";
  }

  private Path path(ObjectKey key) throws ObjectMissingException {
    String name = key.name();
    Path base =
        switch (key.digest().algorithm()) {
          case MD5 -> root.resolve("files/md5");
          case MD5_DOS2UNIX -> root;
          case GIT_BLOB, LOCATION -> throw new ObjectMissingException(key, name());
        };
    Path path = base.resolve(name.substring(0, 2)).resolve(name.substring(2));
    if (!Files.exists(path)) { // much cheaper than the exception of opening it in vain
      throw new ObjectMissingException(key, name());
    }
    return path;
  }

  @Override
  public long size(ObjectKey key) throws IOException {
    try {
      return Files.size(path(key));
    } catch (NoSuchFileException e) {
      throw new ObjectMissingException(key, name());
    }
  }

  @Override
  public void read(ObjectKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    try (FileChannel file = FileChannel.open(path(key), StandardOpenOption.READ)) {
      ByteBuffer buffer =
          ByteBuffer.allocateDirect((int) Math.min(BUFFER_BYTES, Math.max(1, length)));
      long at = offset;
      while (at < offset + length) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), offset + length - at));
        int n = file.read(buffer, at);
        if (n < 0) {
          throw new ObjectMissingException(key, name() + ", where it is cut short");
        }
        at += n;
        consumer.accept(buffer.flip());
      }
    } catch (NoSuchFileException e) {
      throw new ObjectMissingException(key, name());
    }
  }

  @Override
  public Optional<Path> localFile(ObjectKey key) throws IOException {
    if (Hasher.of(key.digest().algorithm(), 0).isEmpty()) {
      return Optional.empty();
    }
    try {
      Path path = path(key);
      return Files.getPosixFilePermissions(path).equals(TRUSTED)
          ? Optional.of(path)
          : Optional.empty();
    } catch (NoSuchFileException | ObjectMissingException e) {
      return Optional.empty();
    }
  }
}
