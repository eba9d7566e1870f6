package io.revfs.fuse;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * A regular file, open. Thread-safe: reads of one open file run concurrently. {@link #close} is
 * called once, after the last read; it never fails.
 */
public sealed interface OpenFile extends Closeable {
  /** Returns the size in bytes. */
  long size();

  /**
   * Reads at {@code offset} into {@code target} until it is full or the file ends.
   *
   * @return the bytes read; 0 at and past the end
   * @throws FuseException EIO when the bytes cannot be had, SlowAnswer when they must be waited for
   */
  int read(RequestContext context, ByteBuffer target, long offset) throws FuseException;

  /**
   * Waits until a read of this range has nothing to wait for any more, as far as that can be known;
   * so a caller can take memory for the bytes afterwards.
   *
   * @throws FuseException as {@link #read} does
   */
  default void await(RequestContext context, long offset, int length) throws FuseException {}

  /**
   * Returns whether the node's attributes may have said another size than {@link #size}, so that
   * reads must not be cut to what the kernel believes.
   */
  default boolean sizeMayDiffer() {
    return false;
  }

  @Override
  void close();

  /** A complete, immutable local file: a session that can lets the kernel read it by itself. */
  non-sealed interface Backed extends OpenFile {
    /**
     * Returns the local file, open for reading while this is open, even if it is evicted.
     *
     * @throws IOException if somebody took the file away; reads may succeed all the same
     */
    FileChannel channel() throws IOException;

    @Override
    default int read(RequestContext context, ByteBuffer target, long offset) throws FuseException {
      try {
        int total = 0;
        while (target.hasRemaining()) {
          int n = channel().read(target, offset + total);
          if (n < 0) {
            break;
          }
          total += n;
        }
        return total;
      } catch (IOException e) {
        throw FuseException.of(e);
      }
    }
  }

  /** A file each read of which is answered here. */
  non-sealed interface Served extends OpenFile {
    /**
     * Returns whether all bytes come at once: after {@link #await} of the whole, opening the file
     * anew gives a {@link Backed}, unless there was no room for it.
     */
    default boolean comesWhole() {
      return false;
    }
  }

  /**
   * A file of a {@link WritableTree} that lies in a local file system: the session reads and writes
   * it by its descriptor, or lets the kernel do so.
   */
  non-sealed interface Local extends OpenFile {
    /** Returns a descriptor that was opened as the caller wanted, valid until {@link #close}. */
    int descriptor();

    /** Returns whether the caller may write. */
    boolean isWritable();

    /**
     * Returns whether {@link WritableTree#flushed} is to be told when the file is closed, before
     * close(2) returns to who closes it.
     */
    boolean tellsOfClose();

    /**
     * Returns whether the kernel may read and write the file by itself: not where writing has to
     * take rights away from it (set-id bits), which the kernel would not do for root.
     */
    boolean allowsPassthrough();
  }
}
