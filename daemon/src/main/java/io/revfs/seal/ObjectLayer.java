package io.revfs.seal;

import io.revfs.fuse.overlay.DetachedMount;
import java.io.IOException;

/**
 * The mounts that show all objects by their digests, the last layer of every overlay. One of them
 * is for new overlays; others are served for as long as overlays have them.
 */
public interface ObjectLayer {
  /**
   * A mount.
   *
   * @param identity tells it from all others, and its device
   */
  record Layer(DetachedMount mount, Identity identity) {}

  /**
   * Which mount it is, also for the process after this one.
   *
   * @param number of the mount; later ones have greater ones
   * @param device as {@code major:minor}
   */
  record Identity(int number, String device) {
    @Override
    public String toString() {
      return number + " " + device;
    }
  }

  /** Returns the one for new overlays; mounts it if there is none that answers. */
  Layer mounted() throws IOException;

  /** Gives that one up; overlays go on using it. The next need mounts another. */
  void leave() throws IOException;

  /** Returns whether overlays that have this one are answered; as {@link Identity} writes it. */
  boolean serves(String identity);
}
