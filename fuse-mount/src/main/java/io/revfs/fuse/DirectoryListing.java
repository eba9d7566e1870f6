package io.revfs.fuse;

import java.io.Closeable;

/** A directory opened for listing. Not thread-safe. {@link #close} never fails. */
public interface DirectoryListing extends Closeable {
  /** The position of the first entry. */
  long START = 0;

  /**
   * Offers entries from {@code position} on to {@code sink}, in a fixed order without {@code .} and
   * {@code ..}, until it refuses one or none is left.
   *
   * @param position {@link #START}, or a {@code next} of an entry offered before
   */
  void list(RequestContext context, long position, EntrySink sink) throws FuseException;

  @Override
  void close();

  /** Takes entries. */
  @FunctionalInterface
  interface EntrySink {
    /**
     * Takes one entry.
     *
     * @param name the bytes of its name: a listing of a million entries makes no strings of them
     * @param next the position after it, greater than 0
     * @return false if there was no room: the entry was not taken and the listing stops
     */
    boolean accept(byte[] name, long node, FileKind kind, long next) throws FuseException;
  }
}
