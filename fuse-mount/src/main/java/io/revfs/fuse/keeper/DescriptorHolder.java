package io.revfs.fuse.keeper;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Somebody outside this process who holds the descriptors of sessions, and starts a server anew
 * when this one is gone. Thread-safe.
 */
public interface DescriptorHolder {
  /** Holds nothing: sessions end with their process. */
  DescriptorHolder NONE =
      new DescriptorHolder() {
        @Override
        public void hold(Map<String, Held> sessions) {}

        @Override
        public boolean beat() {
          return true;
        }

        @Override
        public long pid() {
          return 0;
        }
      };

  /**
   * A session's descriptors.
   *
   * @param device of its mount, as {@code major:minor}; empty if it has none
   */
  record Held(String device, List<Integer> descriptors) {}

  /**
   * Makes this the set that is held, in place of the one before; at no time is a session of both
   * sets not held.
   *
   * @param sessions by names of letters and digits
   */
  void hold(Map<String, Held> sessions) throws IOException;

  /**
   * Holds one more session, for a short time and at little cost.
   *
   * @param process whose end is the session's, or comes before it
   * @return false if that takes {@link #hold}
   */
  default boolean holdMore(String name, Held session, int process) {
    return false;
  }

  /** Lets go of what {@link #holdMore} has taken, if it is not held by {@link #hold} as well. */
  default void letGo(String name) {}

  /**
   * Says that this process is well, to be called every second or so.
   *
   * @return false if nothing is held any more
   */
  boolean beat();

  /** Returns the id of the process that does nothing else, 0 if there is none. */
  long pid();
}
