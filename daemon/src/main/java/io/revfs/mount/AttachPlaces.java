package io.revfs.mount;

import io.revfs.fuse.FileNames;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.local.BelowMount;
import io.revfs.posix.Posix;
import io.revfs.project.Project;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the things of attached working copies are: what they are reached by past their mounts (a
 * directory that only root can enter; of an ordinary user's an open one), and what was deleted in
 * them.
 */
final class AttachPlaces {
  private static final Logger log = LoggerFactory.getLogger(AttachPlaces.class);
  private static final int NAME_CHARACTERS = 16;
  private static final int EPERM = 1;
  private static final int EACCES = 13;
  private static final int EROFS = 30;

  private final Path state;

  AttachPlaces(Path state) {
    this.state = state;
  }

  boolean isRoot() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }

  /**
   * Returns the top of the working copy that a directory is in.
   *
   * @throws MountRefusedException if it cannot be attached
   */
  static Path top(Path directory) throws IOException {
    Path wanted = directory.toAbsolutePath().normalize();
    clear(wanted);
    if (!Files.isDirectory(wanted)) {
      throw new MountRefusedException(wanted + " is not a directory");
    }
    return Project.findGitRoot(wanted)
        .orElseThrow(
            () ->
                new MountRefusedException(
                    wanted
                        + " is not in a working copy of Git's; name one, or make one: git init && "
                        + "dvc init"));
  }

  /**
   * Reaches a working copy that is not mounted over yet.
   *
   * @throws MountRefusedException if it cannot be attached
   */
  Below fresh(Path top) throws IOException {
    if (MountTable.read().at(top).isPresent()) {
      throw new MountRefusedException(
          top + " is a mount point; a working copy that is attached lies in a file system");
    }
    check(top);
    Files.createDirectories(
        state, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    if (!isRoot()) {
      return named(top, Below.open(top));
    }
    Path place = place(top);
    if (MountTable.read().at(place).isPresent()) {
      MountTable.detach(place);
    }
    BelowMount.bind(top, place);
    return Below.bound(place);
  }

  /**
   * Reaches a working copy whose mount is there, of the process before this one.
   *
   * @param descriptors what that left of a {@link Below}
   */
  Below again(Path top, List<Integer> descriptors) throws IOException {
    if (!descriptors.isEmpty()) {
      return named(top, Below.opened(descriptors));
    }
    if (MountTable.read().at(place(top)).isEmpty()) {
      throw new MountRefusedException(
          "what is below " + top + " cannot be reached any more; umount it and attach it again");
    }
    return Below.bound(place(top));
  }

  /**
   * Gives it a path that no other working copy ever has: numbers of descriptors are used again, and
   * much is known by paths.
   */
  private Below named(Path top, Below opened) throws IOException {
    Path place = place(top);
    Files.deleteIfExists(place);
    Files.createSymbolicLink(place, opened.path());
    return new Below(place, opened.descriptors(), opened.held());
  }

  /** What is written has to appear whole: that takes files without names. */
  private static void check(Path top) throws IOException {
    int fd =
        Posix.open(
            Posix.AT_FDCWD,
            FileNames.encode(top.toString()),
            Posix.O_TMPFILE | Posix.O_WRONLY,
            0600);
    if (fd < 0) {
      throw new MountRefusedException(
          switch (-fd) {
            case EPERM, EACCES ->
                "%s belongs to %s, and you may not write there; its owner or root can attach it"
                    .formatted(top, Files.getOwner(top).getName());
            case EROFS ->
                top + " lies on a read-only file system; what is attached has to be written to";
            default ->
                "%s lies on a file system that cannot be attached (no O_TMPFILE, error %d)"
                    .formatted(top, -fd);
          });
    }
    int unused = Posix.close(fd);
  }

  /**
   * Takes away what a daemon that died left mounted at a place or above it: nobody can look at what
   * is there.
   */
  private static void clear(Path place) throws IOException {
    MountTable mounts = MountTable.read();
    for (Path at = place; at != null; at = at.getParent()) {
      if (mounts.at(at).filter(MountTable.Mount::isOurs).isPresent() && MountTable.isStale(at)) {
        log.warn("{} was left by a daemon that died; it is taken away", at);
        MountTable.detach(at);
      }
    }
  }

  /** Leaves a working copy that is not mounted over any more. */
  void leave(Path top, Below below) throws IOException {
    below.close();
    Path place = place(top);
    if (MountTable.read().at(place).isPresent()) {
      MountTable.detach(place);
    }
    Files.deleteIfExists(place);
  }

  /** Returns the file that remembers what was deleted of a working copy's outputs. */
  Path hidden(Path top) {
    return state.resolve(name(top) + ".hidden");
  }

  private Path place(Path top) {
    return state.resolve(name(top));
  }

  private static String name(Path top) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(top.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, NAME_CHARACTERS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
