package io.revfs.workspace.watch;

import java.io.DataOutputStream;
import java.io.IOException;

/**
 * Remembers what is watched for the next process, which goes on with the same watches: what holds
 * when this one is killed, and nothing happened to since, it need not look for. Thread-safe; never
 * fails: what cannot be remembered is looked for.
 */
interface WatchMemory {
  /** Remembers nothing. */
  WatchMemory NONE =
      new WatchMemory() {
        @Override
        public void reading(boolean now) {}

        @Override
        public Slot take() {
          return Slot.NONE;
        }
      };

  /**
   * Says whether events are being taken from the kernel: who is killed meanwhile has them, and has
   * not said what they mean.
   */
  void reading(boolean now);

  /** Returns a place for one thing that is watched; {@link Slot#NONE} if there is none left. */
  Slot take();

  /** Writes what a thing is. */
  @FunctionalInterface
  interface Writer {
    void write(DataOutputStream out) throws IOException;
  }

  /** The place of one thing. */
  interface Slot {
    Slot NONE =
        new Slot() {
          @Override
          public int number() {
            return -1;
          }

          @Override
          public void write(Writer writer) {}

          @Override
          public void holds(boolean now) {}

          @Override
          public void end() {}
        };

    /** Returns its number, by which others name it; -1: the next process will not know it. */
    int number();

    /** Says what it is; to be called before {@link #holds}. */
    void write(Writer writer);

    /** Says whether what is known of it holds, without a look at anything. */
    void holds(boolean now);

    /** Gives the place back. */
    void end();
  }
}
