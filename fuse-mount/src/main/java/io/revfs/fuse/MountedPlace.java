package io.revfs.fuse;

import io.revfs.fuse.MountTable.Mount;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A mount that a session serves, which stays with its directory when one above it is renamed.
 * Thread-safe.
 */
public final class MountedPlace {
  private final Path place;

  /**
   * Null where nothing was mounted, or when it was taken away: its numbers may be another's now.
   */
  private @Nullable Mount mount;

  private MountedPlace(Path place, @Nullable Mount mount) {
    this.place = place;
    this.mount = mount;
  }

  /** Takes what is mounted there now. */
  public static MountedPlace at(Path place) throws IOException {
    return new MountedPlace(place, MountTable.read().at(place).orElse(null));
  }

  /**
   * Takes it away, with {@code lazy} also if it is busy. Does nothing if it is gone.
   *
   * @return whether anything was mounted
   * @throws IOException if it is busy, or something else is mounted over it
   */
  public synchronized boolean unmount(boolean lazy) throws IOException {
    Path now = now(MountTable.read());
    if (now == null) {
      mount = null;
      return false;
    }
    if (lazy) {
      MountTable.detach(now);
    } else {
      MountTable.unmount(now);
    }
    mount = null;
    return true;
  }

  private @Nullable Path now(MountTable table) throws IOException {
    Path found = null;
    for (Mount one : table.mounts()) {
      if (isMount(one) && (found == null || one.mountPoint().equals(place))) {
        found = one.mountPoint();
      }
    }
    Mount top = found == null ? null : table.at(found).orElse(null);
    if (top != null && !isMount(top)) {
      throw new IOException(
          "%s is mounted over %s; unmount that first".formatted(top.source(), found));
    }
    return found;
  }

  private boolean isMount(Mount one) {
    return mount != null
        && one.device().equals(mount.device())
        && one.type().equals(mount.type())
        && one.source().equals(mount.source());
  }
}
