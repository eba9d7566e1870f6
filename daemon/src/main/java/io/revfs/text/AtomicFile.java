package io.revfs.text;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Files that people's tools read while we write them: a reader sees the old text or the new one,
 * never a half.
 */
public final class AtomicFile {
  private static final int ALL = 0666;

  private AtomicFile() {}

  /**
   * Puts a text into a file; a symbolic link stays, and what it points to is replaced. The file
   * keeps its mode; a new one has 0666 less the mask.
   *
   * @param umask of the one for whom it is written
   * @throws IOException if it cannot be written, for instance because the disk is full; the file is
   *     then as it was
   */
  public static void replace(Path file, byte[] content, int umask) throws IOException {
    replace(file, umask, out -> out.write(content));
  }

  /** Writes what a file is to hold. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of it; the stream is closed by who calls. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** As the other one, for what is too large to be held. */
  public static void replace(Path file, int umask, Content content) throws IOException {
    Path target = Files.isSymbolicLink(file) && Files.exists(file) ? file.toRealPath() : file;
    Set<PosixFilePermission> mode =
        Files.exists(target, LinkOption.NOFOLLOW_LINKS)
            ? Files.getPosixFilePermissions(target)
            : permissions(ALL & ~umask);
    Path fresh = create(target);
    try {
      try (OutputStream out = Files.newOutputStream(fresh, StandardOpenOption.WRITE)) {
        content.writeTo(out);
      }
      Files.setPosixFilePermissions(fresh, mode);
      Files.move(
          fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static Path create(Path target) throws IOException {
    String suffix = Long.toString(ThreadLocalRandom.current().nextLong() & Long.MAX_VALUE, 36);
    return Files.createFile(
        target.resolveSibling("." + target.getFileName() + "." + suffix + ".tmp"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  /** Returns the permissions that a mode's lower nine bits mean. */
  public static Set<PosixFilePermission> permissions(int mode) {
    PosixFilePermission[] all = PosixFilePermission.values(); // from owner read to others execute
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int i = 0; i < all.length; i++) {
      if ((mode & (1 << (all.length - 1 - i))) != 0) {
        permissions.add(all[i]);
      }
    }
    return permissions;
  }
}
