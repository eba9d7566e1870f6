package io.revfs.workspace.store;

import io.revfs.posix.FileCalls;
import io.revfs.posix.PosixFailure;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The pieces of a file, read by a thread of its own before they are asked for; if a copy is wanted
 * that thread writes them too, so what is hashed is what was written. For one thread.
 */
final class ReadAhead implements FileHasher.Pieces, AutoCloseable {
  /** As far as the thread is ahead, writing may stop for a moment without hashing being idle. */
  private static final int PIECES = 64;

  private static final int END = -1;

  private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(PIECES);
  private final BlockingQueue<Read> full = new ArrayBlockingQueue<>(PIECES + 1);
  private final int fd;
  private final int copy;
  private final long size;
  private final String path;
  private final Thread thread;
  private byte @Nullable [] lent;

  /** A piece that was read; without bytes: the end, perhaps by a failure. */
  private record Read(byte[] bytes, int length, @Nullable IOException failure) {}

  private ReadAhead(int fd, int copy, long size, String path) {
    this.fd = fd;
    this.copy = copy;
    this.size = size;
    this.path = path;
    this.thread = Thread.ofPlatform().daemon().name("read-ahead").unstarted(this::run);
    for (long i = 0; i < PIECES && i * FileHasher.PIECE < size; i++) {
      free.add(new byte[FileHasher.PIECE]);
    }
  }

  /**
   * Begins to read the first {@code size} bytes.
   *
   * @param copy an empty file that gets them; -1: none
   */
  static ReadAhead start(int fd, int copy, long size, String path) {
    ReadAhead ahead = new ReadAhead(fd, copy, size, path);
    ahead.thread.start();
    return ahead;
  }

  private void run() {
    FileCalls.readAhead(fd);
    IOException failure = null;
    try (Arena own = Arena.ofConfined()) {
      MemorySegment block = own.allocate(FileHasher.PIECE, 4096);
      for (long done = 0; done < size; ) {
        byte[] to = free.take();
        long wanted = Math.min(FileHasher.PIECE, size - done);
        int length = (int) PosixFailure.check(FileCalls.read(fd, block, wanted), path);
        if (length == 0) {
          break; // shorter than it was: the caller compares, and sees
        }
        if (copy >= 0) {
          PosixFailure.check(FileCalls.writeAll(copy, block, length), path);
        }
        MemorySegment.copy(block, ValueLayout.JAVA_BYTE, 0, to, 0, length);
        full.add(new Read(to, length, null));
        done += length;
      }
    } catch (IOException e) {
      failure = e;
    } catch (InterruptedException e) {
      failure = new InterruptedIOException(path); // nobody asks any more
    } finally {
      full.add(new Read(new byte[0], END, failure));
    }
  }

  @Override
  public ByteBuffer next() throws IOException {
    if (lent != null) {
      free.add(lent);
      lent = null;
    }
    try {
      Read read = full.take();
      if (read.failure() != null) {
        throw read.failure();
      }
      if (read.length() == END) {
        return ByteBuffer.allocate(0);
      }
      lent = read.bytes();
      return ByteBuffer.wrap(read.bytes(), 0, read.length());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(path);
    }
  }

  @Override
  public void close() {
    FileHasher.end(thread);
  }
}
