package io.revfs.workspace.store;

import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** The pieces of a file, read by a thread of its own before they are asked for. For one thread. */
final class ReadAhead implements FileHasher.Pieces, AutoCloseable {
  private static final int PIECES = 4;

  private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(PIECES);
  private final BlockingQueue<Piece> full = new ArrayBlockingQueue<>(PIECES + 1);
  private final int fd;
  private final long size;
  private final String path;
  private final Thread thread;

  /** A piece that was read; one without bytes is the end, perhaps by a failure. */
  private record Piece(byte[] bytes, int length, @Nullable IOException failure) {}

  private ReadAhead(int fd, long size, String path) {
    this.fd = fd;
    this.size = size;
    this.path = path;
    this.thread = Thread.ofPlatform().daemon().name("read-ahead").unstarted(this::run);
    for (int i = 0; i < PIECES; i++) {
      free.add(new byte[FileHasher.PIECE]);
    }
  }

  /** Begins to read the first {@code size} bytes. */
  static ReadAhead start(int fd, long size, String path) {
    ReadAhead ahead = new ReadAhead(fd, size, path);
    ahead.thread.start();
    return ahead;
  }

  private void run() {
    Posix.readAhead(fd);
    IOException failure = null;
    try (Arena own = Arena.ofConfined()) {
      MemorySegment block = own.allocate(FileHasher.PIECE, 4096);
      for (long done = 0; done < size; ) {
        byte[] to = free.take();
        long wanted = Math.min(FileHasher.PIECE, size - done);
        int length = (int) PosixFailure.check(Posix.read(fd, block, wanted), path);
        if (length == 0) {
          break;
        }
        MemorySegment.copy(block, ValueLayout.JAVA_BYTE, 0, to, 0, length);
        full.add(new Piece(to, length, null));
        done += length;
      }
    } catch (IOException e) {
      failure = e;
    } catch (InterruptedException e) {
      failure = new InterruptedIOException(path); // nobody asks any more
    } finally {
      full.add(new Piece(new byte[0], 0, failure));
    }
  }

  @Override
  public int next(byte[] into) throws IOException {
    try {
      Piece next = full.take();
      if (next.failure() != null) {
        throw next.failure();
      }
      System.arraycopy(next.bytes(), 0, into, 0, next.length());
      if (next.length() > 0) {
        free.add(next.bytes());
      }
      return next.length();
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
