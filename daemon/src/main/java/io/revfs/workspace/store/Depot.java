package io.revfs.workspace.store;

import io.revfs.object.ObjectKey;
import io.revfs.posix.FileStat;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one kind of objects, held open: the kernel then walks two names for an object
 * instead of the cache's whole path, which is a good part of what it does for a small file.
 * Thread-safe.
 */
public final class Depot implements Closeable {
  private static final int CLOSED = -1;

  private final ObjectStore store;
  private final Path path;
  private volatile int fd = CLOSED;

  Depot(ObjectStore store, Path path) {
    this.store = store;
    this.path = path;
  }

  /** Returns an object's name, from this directory. */
  static byte[] name(ObjectKey key) {
    byte[] digits = key.name().getBytes(StandardCharsets.US_ASCII);
    byte[] name = new byte[digits.length + 1];
    name[0] = digits[0];
    name[1] = digits[1];
    name[2] = '/';
    System.arraycopy(digits, 2, name, 3, digits.length - 2);
    return name;
  }

  /** Returns the open directory; -1 if there is none, which no call takes for another. */
  public int fd() {
    int open = fd;
    return open >= 0 ? open : open();
  }

  private synchronized int open() {
    if (fd < 0) {
      int opened =
          Posix.open(Posix.AT_FDCWD, Names.bytes(path), Posix.O_RDONLY | Posix.O_DIRECTORY, 0);
      fd = opened < 0 ? CLOSED : opened;
    }
    return fd;
  }

  /** Makes the directory if it is absent. */
  void make() throws IOException {
    if (fd() < 0) {
      store.makeDirectories(path);
      if (fd() < 0) {
        throw new IOException("the cache " + path + " cannot be opened; may it be read?");
      }
    }
  }

  /** Returns what the kernel says of an object, or null. */
  @Nullable FileStat stat(ObjectKey key) {
    int directory = fd();
    return directory < 0 ? null : Posix.stat(directory, name(key), true);
  }

  /** Makes a file that is not there; returns it open, or a negated error number. */
  int create(byte[] name) {
    return Posix.open(fd(), name, Posix.O_RDWR | Posix.O_CREAT | Posix.O_EXCL, FileModes.OBJECT);
  }

  /** Gives an open file without a name that of an object; 0, or a negated error number. */
  int name(int file, ObjectKey key) throws IOException {
    byte[] name = name(key);
    int linked = Posix.linkOpen(file, fd(), name);
    if (linked == -PosixFailure.ENOENT) {
      store.makeDirectories(shard(key));
      linked = Posix.linkOpen(file, fd(), name);
    }
    return linked;
  }

  /** Gives a file of this directory the name of an object. */
  void rename(byte[] from, ObjectKey key) throws IOException {
    byte[] name = name(key);
    int moved = Posix.rename(fd(), from, fd(), name);
    if (moved == -PosixFailure.ENOENT) {
      store.makeDirectories(shard(key));
      moved = Posix.rename(fd(), from, fd(), name);
    }
    PosixFailure.check(moved, store.path(key).toString());
  }

  private Path shard(ObjectKey key) {
    return path.resolve(key.name().substring(0, 2));
  }

  @Override
  public synchronized void close() {
    if (fd >= 0) {
      Posix.close(fd);
      fd = CLOSED;
    }
  }
}
