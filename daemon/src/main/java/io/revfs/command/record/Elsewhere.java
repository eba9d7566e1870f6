package io.revfs.command.record;

import io.revfs.command.tracking.Session;
import java.io.IOException;

/** Tracks data that is not where it is to be tracked: {@code add --out} and {@code --to-remote}. */
@FunctionalInterface
public interface Elsewhere {
  /**
   * Brings what the call's only target names to where {@code out} says, or to the remote only, and
   * tracks it. The project's lock is held.
   *
   * @throws IOException if it cannot be had, or cannot be tracked there; nothing is tracked then
   */
  void add(Session session) throws IOException;
}
