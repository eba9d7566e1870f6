package io.revfs.seal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The mount that shows all objects by their digests, the last layer of every overlay. */
public interface ObjectLayer {
  /** Returns where it is mounted; mounts it if it is not, or is dead. */
  Path mounted() throws IOException;

  /** Takes it away; overlays that are in use go on using it. The next need mounts another. */
  void leave() throws IOException;

  /**
   * Returns what tells this mount from one before it at the same place, such as its device's
   * number; empty while there is none that answers.
   */
  Optional<String> identity() throws IOException;
}
