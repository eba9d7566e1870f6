package io.revfs.image;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Puts {@code .} and {@code ..} among a directory's names: they are sorted like any other. */
final class Dots {
  static final byte[] SELF = {'.'};
  static final byte[] PARENT = {'.', '.'};

  private static final byte[][] BOTH = {SELF, PARENT};

  private int added;

  /** Takes {@link #SELF} or {@link #PARENT}. */
  @FunctionalInterface
  interface Sink<E extends Exception> {
    void add(byte[] name) throws E;
  }

  /**
   * Adds what comes before a name and was not added yet.
   *
   * @param name null if there are no more names
   */
  <E extends Exception> void addBefore(byte @Nullable [] name, Sink<E> sink) throws E {
    while (added < BOTH.length && (name == null || Arrays.compareUnsigned(BOTH[added], name) < 0)) {
      sink.add(BOTH[added]);
      added++;
    }
  }
}
