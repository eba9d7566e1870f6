package io.revfs.workspace.store;

import io.revfs.dvc.manifest.ManifestReader;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.posix.FileCalls;
import io.revfs.posix.FileStat;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A project's DVC cache directory: objects under {@code files/md5}, and those of DVC 2 beside. An
 * object appears whole, under its name, with mode 0444, or not at all. Thread-safe; other processes
 * may use the directory at the same time.
 */
public final class ObjectStore implements Closeable {
  private static final byte[] HERE = {'.'};

  private final Path root;
  private final byte[] rootBytes;
  private final byte[] md5Bytes;
  private final FileModes modes;
  private final FileStates states;
  private final boolean verify;
  private final Depot md5;
  private final Depot legacy;
  private volatile boolean nameless = true;

  /**
   * @param root the cache directory, made when the first object comes
   * @param states what objects were seen to hold
   * @param verify whether the mark of objects that were verified is not believed ({@code
   *     cache.verify})
   */
  public ObjectStore(Path root, FileModes modes, FileStates states, boolean verify) {
    this.verify = verify;
    this.root = root.toAbsolutePath();
    this.rootBytes = Names.bytes(this.root);
    this.md5Bytes = Names.bytes(this.root.resolve("files/md5"));
    this.modes = modes;
    this.states = states;
    this.md5 = new Depot(this, this.root.resolve("files/md5"));
    this.legacy = new Depot(this, this.root);
  }

  /** Returns the open directory of a kind of objects. */
  public Depot depot(Digest.Algorithm algorithm) {
    return algorithm == Digest.Algorithm.MD5 ? md5 : legacy;
  }

  /** Returns the cache directory. */
  public Path root() {
    return root;
  }

  /** Returns whether objects are hashed anew, whatever their mark says. */
  public boolean verifies() {
    return verify;
  }

  /** Returns the permissions of what is made. */
  public FileModes modes() {
    return modes;
  }

  /** Returns the directory below which objects of an algorithm lie. */
  public Path directory(Digest.Algorithm algorithm) {
    return switch (algorithm) {
      case MD5 -> root.resolve("files/md5");
      case MD5_DOS2UNIX -> root;
      case GIT_BLOB, LOCATION -> throw new IllegalArgumentException(algorithm + " in a cache");
    };
  }

  /** Returns where an object lies, or would. */
  public Path path(ObjectKey key) {
    String name = key.name();
    return directory(key.digest().algorithm())
        .resolve(name.substring(0, 2))
        .resolve(name.substring(2));
  }

  /** Returns the object that has a name, its digits and {@code .dir}; empty if none can have it. */
  public static Optional<ObjectKey> key(Digest.Algorithm algorithm, String name) {
    boolean manifest = name.endsWith(".dir");
    String hex = manifest ? name.substring(0, name.length() - ".dir".length()) : name;
    return hex.matches("[0-9a-f]{32}")
        ? Optional.of(new ObjectKey(new Digest(algorithm, hex), manifest))
        : Optional.empty();
  }

  private Path shard(ObjectKey key) {
    return directory(key.digest().algorithm()).resolve(key.name().substring(0, 2));
  }

  /** The same as bytes, made without a detour: it is asked for once or twice for each file. */
  public byte[] pathBytes(ObjectKey key) {
    byte[] base = key.digest().algorithm() == Digest.Algorithm.MD5 ? md5Bytes : rootBytes;
    byte[] name = key.name().getBytes(StandardCharsets.US_ASCII);
    byte[] path = java.util.Arrays.copyOf(base, base.length + 2 + name.length);
    path[base.length] = '/';
    path[base.length + 1] = name[0];
    path[base.length + 2] = name[1];
    path[base.length + 3] = '/';
    System.arraycopy(name, 2, path, base.length + 4, name.length - 2);
    return path;
  }

  /** Returns whether there is a file of the object's name, whatever it holds. */
  public boolean exists(ObjectKey key) {
    return depot(key.digest().algorithm()).stat(key) != null;
  }

  /** Returns the bytes of an object; 0 if it is not here. */
  public long size(ObjectKey key) {
    FileStat stat = depot(key.digest().algorithm()).stat(key);
    return stat == null ? 0 : stat.size();
  }

  /**
   * Returns whether the object is here and right. As DVC does: one with mode 0444 is trusted
   * (unless all are to be verified); any other is hashed again, and if it is not what its name says
   * it is removed.
   */
  public boolean check(ObjectKey key) throws IOException {
    return find(key) != null;
  }

  /** Does what {@link #check} does; returns the file that is the object, or null. */
  public @Nullable FileStat find(ObjectKey key) throws IOException {
    Digest.Algorithm algorithm = key.digest().algorithm();
    FileStat stat = depot(algorithm).stat(key);
    if (stat == null || (stat.permissions() == FileModes.OBJECT && !verify)) {
      return stat;
    }
    byte[] path = pathBytes(key);
    Digest found = states.find(stat, algorithm);
    if (found == null) {
      found = hash(path, stat, algorithm);
      if (stat.isProtected()) {
        states.record(List.of(new FileStates.Known(stat, found)));
      }
    }
    if (!found.equals(key.digest())) {
      Posix.unlink(Posix.AT_FDCWD, path);
      return null;
    }
    int unused = Posix.permissions(Posix.AT_FDCWD, path, FileModes.OBJECT); // may not be ours
    return Posix.stat(Posix.AT_FDCWD, path, true);
  }

  /** Returns the digest of what is under an object's name. */
  Digest hash(byte[] path, FileStat stat, Digest.Algorithm algorithm) throws IOException {
    String name = new String(path, StandardCharsets.UTF_8);
    int fd = (int) PosixFailure.check(Posix.open(Posix.AT_FDCWD, path, Posix.O_RDONLY, 0), name);
    try (FileHasher hasher = new FileHasher(Progress.NONE)) {
      return hasher.hash(fd, stat.size(), algorithm, -1, name);
    } finally {
      Posix.close(fd);
    }
  }

  /** Opens an object, if it is here; the caller closes it. */
  public Optional<InputStream> open(ObjectKey key) throws IOException {
    try {
      return Optional.of(Files.newInputStream(path(key)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * Returns what a manifest names, in its order; empty if it is not here.
   *
   * @throws io.revfs.dvc.DvcFormatException if it is none
   */
  public Optional<List<ManifestItem>> items(ObjectKey manifest) throws IOException {
    Optional<InputStream> opened = open(manifest);
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    List<ManifestItem> items = new ArrayList<>();
    Digest.Algorithm algorithm = manifest.digest().algorithm();
    try (InputStream in = opened.get()) {
      ManifestReader.read(
          in,
          manifest.name(),
          (path, hex, size, executable) ->
              items.add(new ManifestItem(path, new Digest(algorithm, hex))));
    }
    return Optional.of(items);
  }

  /**
   * Makes a file that will be an object of this kind. It has no name until it is one, where the
   * file system can do that: then nothing is left of it whatever happens, and the directory is
   * written once.
   *
   * @param shard the first two digits of the object's name, or what is likely: no more than a hint
   */
  public Incoming incoming(Digest.Algorithm algorithm, String shard) throws IOException {
    Depot depot = depot(algorithm);
    depot.make();
    if (nameless) {
      int fd = Posix.open(depot.fd(), HERE, Posix.O_RDWR | Posix.O_TMPFILE, FileModes.OBJECT);
      if (fd >= 0) {
        return new Incoming(this, depot, null, fd);
      }
      nameless = false; // a file system that cannot; any other reason shows again below
    }
    byte[] name = join(Names.bytes(shard), Names.temporary());
    int fd = depot.create(name);
    if (fd == -PosixFailure.ENOENT) {
      makeDirectories(directory(algorithm).resolve(shard));
      fd = depot.create(name);
    }
    PosixFailure.check(fd, directory(algorithm).resolve(shard).toString());
    return new Incoming(this, depot, name, fd);
  }

  static byte[] join(byte[] directory, byte[] name) {
    byte[] path = java.util.Arrays.copyOf(directory, directory.length + 1 + name.length);
    path[directory.length] = '/';
    System.arraycopy(name, 0, path, directory.length + 1, name.length);
    return path;
  }

  /** Puts bytes that are in memory; nothing happens if the object is here. */
  void put(ObjectKey key, MemorySegment bytes) throws IOException {
    if (!exists(key)) {
      write(key, bytes);
    }
  }

  /** Puts bytes that are in memory, of an object that was not here just now. */
  void write(ObjectKey key, MemorySegment bytes) throws IOException {
    try (Incoming incoming = incoming(key.digest().algorithm(), key.name().substring(0, 2))) {
      PosixFailure.check(
          FileCalls.writeAll(incoming.fd(), bytes, bytes.byteSize()), path(key).toString());
      incoming.place(key);
    }
  }

  /** Puts bytes that are in memory; nothing happens if the object is here. */
  public void put(ObjectKey key, byte[] bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(Math.max(1, bytes.length));
      MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
      put(key, segment.asSlice(0, bytes.length));
    }
  }

  /** Returns the device that objects lie on. */
  long device(Digest.Algorithm algorithm) throws IOException {
    Depot depot = depot(algorithm);
    depot.make();
    FileStat stat = Posix.stat(depot.fd());
    return stat == null ? -1 : stat.device();
  }

  /**
   * Gives a file the object's name too, and takes the right to write to it; false if it lies on
   * another file system, or has as many names as it can have.
   */
  boolean link(int directory, byte[] name, ObjectKey key) throws IOException {
    Depot depot = depot(key.digest().algorithm());
    depot.make();
    byte[] object = Depot.name(key);
    int linked = Posix.link(directory, name, depot.fd(), object);
    if (linked == -PosixFailure.ENOENT) {
      makeDirectories(shard(key));
      linked = Posix.link(directory, name, depot.fd(), object);
    }
    if (linked == -PosixFailure.EXDEV
        || linked == -PosixFailure.EMLINK
        || linked == -1) { // EPERM: a file system without hard links, or another's file
      return false;
    }
    if (linked != -PosixFailure.EEXIST) {
      PosixFailure.check(linked, path(key).toString());
      int unused = Posix.permissions(depot.fd(), object, FileModes.OBJECT);
    }
    return true;
  }

  /** Makes directories in the cache, with the permissions that they must have. */
  public void makeDirectories(Path directory) throws IOException {
    int made = Posix.makeDirectory(Posix.AT_FDCWD, Names.bytes(directory), modes.directory());
    if (made == -PosixFailure.ENOENT && directory.getParent() != null) {
      makeDirectories(directory.getParent());
      made = Posix.makeDirectory(Posix.AT_FDCWD, Names.bytes(directory), modes.directory());
    }
    if (made == -PosixFailure.EEXIST) {
      return;
    }
    PosixFailure.check(made, directory.toString());
    if (modes.needSetting(modes.directory())) {
      int unused = Posix.permissions(Posix.AT_FDCWD, Names.bytes(directory), modes.directory());
    }
  }

  /** Removes an object; returns whether it was here. */
  public boolean remove(ObjectKey key) {
    return Posix.unlink(Posix.AT_FDCWD, pathBytes(key)) == 0;
  }

  /** Closes the directories that it holds open; they are opened again when they are needed. */
  @Override
  public void close() {
    md5.close();
    legacy.close();
  }
}
