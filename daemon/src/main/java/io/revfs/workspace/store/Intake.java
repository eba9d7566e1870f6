package io.revfs.workspace.store;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.posix.FileCalls;
import io.revfs.posix.FileStat;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what one file holds, and if there is a store puts it there in the same pass: by another
 * name of the file, by a clone, or by a copy made while it is hashed. For one thread.
 */
public final class Intake implements AutoCloseable {
  private static final int TRIES = 3;

  private final FileHasher hasher;
  private final Digest.Algorithm algorithm;
  private final @Nullable ObjectStore store;
  private boolean byLink;
  private boolean clones = true;
  private long storeDevice;

  /**
   * @param store gets the bytes; null: they are only hashed
   * @param byLink whether the object may be the file itself, which nobody may write to any more
   */
  public Intake(
      Progress progress, Digest.Algorithm algorithm, @Nullable ObjectStore store, boolean byLink) {
    this.hasher = new FileHasher(progress);
    this.algorithm = algorithm;
    this.store = store;
    this.byLink = byLink;
  }

  /**
   * A file of the work tree.
   *
   * @param directory an open directory
   * @param name in it
   * @param isLink whether the name is a symbolic link
   * @param path for messages
   */
  public record Place(int directory, byte[] name, boolean isLink, String path) {}

  /** What was found, and how the kernel describes the file that it was found in. */
  public record Taken(Digest digest, FileStat stat) {}

  /** Takes a file whose bytes may be known. */
  public Taken take(Place place, FileStat stat, @Nullable Digest known) throws IOException {
    if (known != null && (store == null || isStored(place, stat, known))) {
      return new Taken(known, stat);
    }
    FileStat before = stat;
    for (int i = 0; i < TRIES; i++) {
      Taken taken = hash(place, before);
      if (taken != null) {
        return taken;
      }
      FileStat now = Posix.stat(place.directory(), place.name(), true);
      if (now == null || !now.isFile()) {
        throw new NoSuchFileException(place.path());
      }
      before = now;
    }
    throw new RefusedException(
        "'%s' changes while it is read".formatted(place.path()),
        "wait until nothing writes to it, then try again");
  }

  /** Returns whether the store has the bytes, perhaps since now. */
  private boolean isStored(Place place, FileStat stat, Digest known) throws IOException {
    ObjectStore into = java.util.Objects.requireNonNull(store);
    ObjectKey key = ObjectKey.file(known);
    if (into.check(key)) {
      return true;
    }
    if (isLinkable(place, stat) && into.link(place.directory(), place.name(), key)) {
      return true;
    }
    return clones && cloned(place, stat, key);
  }

  /** Returns whether the object may and can be the file itself. */
  private boolean isLinkable(Place place, FileStat stat) throws IOException {
    if (!byLink || place.isLink()) {
      return false;
    }
    if (storeDevice == 0) {
      storeDevice = java.util.Objects.requireNonNull(store).device(algorithm);
    }
    return storeDevice == stat.device();
  }

  private boolean cloned(Place place, FileStat stat, ObjectKey key) throws IOException {
    int fd = open(place);
    try {
      return clone(fd, stat, key);
    } finally {
      Posix.close(fd);
    }
  }

  /** Returns whether the store has a clone now; false if clones cannot be, or the file changed. */
  private boolean clone(int fd, FileStat before, ObjectKey key) throws IOException {
    ObjectStore into = java.util.Objects.requireNonNull(store);
    try (Incoming incoming = into.incoming(algorithm, key.name().substring(0, 2))) {
      if (!clone(fd, incoming)) {
        return false;
      }
      FileStat after = Posix.stat(fd);
      if (after == null || !after.isUnchanged(before)) {
        return false;
      }
      incoming.place(key);
      return true;
    }
  }

  private boolean clone(int fd, Incoming incoming) {
    clones = clones && FileCalls.cloneFile(fd, incoming.fd()) >= 0;
    return clones;
  }

  private static int open(Place place) throws IOException {
    return (int)
        PosixFailure.check(
            Posix.open(place.directory(), place.name(), Posix.O_RDONLY, 0), place.path());
  }

  /** Reads the file; null if it is not as it was before. */
  private @Nullable Taken hash(Place place, FileStat before) throws IOException {
    int fd = open(place);
    try {
      if (store != null && before.size() > FileHasher.BLOCK && !isLinkable(place, before)) {
        return hashAndCopy(place, fd, before);
      }
      Digest digest = hasher.hash(fd, before.size(), algorithm, -1, place.path());
      FileStat after = Posix.stat(fd);
      if (after == null || !after.isUnchanged(before)) {
        return null;
      }
      return store == null ? new Taken(digest, after) : put(place, fd, after, digest);
    } finally {
      Posix.close(fd);
    }
  }

  /** Hashes the file after it was cloned, or while it is copied. */
  private @Nullable Taken hashAndCopy(Place place, int fd, FileStat before) throws IOException {
    ObjectStore into = java.util.Objects.requireNonNull(store);
    try (Incoming incoming = into.incoming(algorithm, "00")) {
      boolean cloned = clone(fd, incoming);
      Digest digest =
          hasher.hash(
              cloned ? incoming.fd() : fd,
              before.size(),
              algorithm,
              cloned ? -1 : incoming.fd(),
              place.path());
      FileStat after = Posix.stat(fd);
      if (after == null || !after.isUnchanged(before)) {
        return null;
      }
      ObjectKey key = ObjectKey.file(digest);
      if (!into.check(key)) {
        incoming.place(key);
      }
      return new Taken(digest, after);
    }
  }

  private @Nullable Taken put(Place place, int fd, FileStat stat, Digest digest)
      throws IOException {
    ObjectStore into = java.util.Objects.requireNonNull(store);
    ObjectKey key = ObjectKey.file(digest);
    if (into.check(key)) {
      return new Taken(digest, stat);
    }
    if (isLinkable(place, stat) && into.link(place.directory(), place.name(), key)) {
      FileStat now = Posix.stat(fd); // nobody may write to it any more
      return new Taken(digest, now == null ? stat : now);
    }
    if (clones && clone(fd, stat, key)) {
      return new Taken(digest, stat);
    }
    if (stat.size() <= FileHasher.BLOCK) {
      into.write(key, hasher.block());
      return new Taken(digest, stat);
    }
    byLink = false; // a file with too many names, or a file system without: once more, and copied
    return null;
  }

  @Override
  public void close() {
    hasher.close();
  }
}
