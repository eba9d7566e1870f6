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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the things of attached working copies are: the directories by which they are reached past
 * their mounts, which only root can enter, and what was deleted in them.
 */
final class AttachPlaces {
  private static final Logger log = LoggerFactory.getLogger(AttachPlaces.class);
  private static final int NAME_CHARACTERS = 16;

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
   * Returns a directory by which a working copy is reached past the mount over it.
   *
   * @param mounted whether that mount is there already
   */
  Path below(Path top, boolean mounted) throws IOException {
    Path place = place(top);
    boolean bound = MountTable.read().at(place).isPresent();
    if (mounted) {
      if (!bound) {
        throw new MountRefusedException(
            "what is below " + top + " cannot be reached any more; umount it and attach it again");
      }
      return place;
    }
    if (MountTable.read().at(top).isPresent()) {
      if (!MountTable.isStale(top)) {
        throw new MountRefusedException(
            top + " is a mount point; a working copy that is attached lies in a file system");
      }
      log.warn("{} was left by a daemon that died; it is taken away", top);
      MountTable.detach(top);
    }
    if (bound) {
      MountTable.detach(place);
    }
    if (!isRoot()) {
      throw new MountRefusedException("attach needs a daemon of root's for now");
    }
    check(top);
    Files.createDirectories(
        state, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    BelowMount.bind(top, place);
    return place;
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
          "%s lies on a file system that cannot be attached (no O_TMPFILE, error %d)"
              .formatted(top, -fd));
    }
    if (fd >= 0) {
      int unused = Posix.close(fd);
    }
  }

  /** Leaves a working copy that is not mounted over any more. */
  void leave(Path top) throws IOException {
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
