package io.revfs.fuse;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A mount that a session serves, which stays with its directory when one above it is renamed.
 * Thread-safe.
 *
 * @param place where it was mounted
 * @param device the file system's, as {@code major:minor}; empty where nothing was mounted there
 */
public record MountedPlace(Path place, String device) {
  /** Takes what is mounted there now. */
  public static MountedPlace at(Path place) throws IOException {
    return new MountedPlace(
        place, MountTable.read().at(place).map(MountTable.Mount::device).orElse(""));
  }

  /**
   * Takes it away, with {@code lazy} also if it is busy. Does nothing if it is gone.
   *
   * @return whether anything was mounted
   * @throws IOException if it is busy
   */
  public boolean unmount(boolean lazy) throws IOException {
    Optional<Path> now = now();
    if (now.isPresent()) {
      if (lazy) {
        MountTable.detach(now.get());
      } else {
        MountTable.unmount(now.get());
      }
    }
    return now.isPresent();
  }

  private Optional<Path> now() throws IOException {
    MountTable table = MountTable.read();
    if (table.at(place).isPresent()) {
      return Optional.of(place);
    }
    return table.mounts().stream()
        .filter(mount -> mount.device().equals(device))
        .map(MountTable.Mount::mountPoint)
        .findFirst();
  }
}
