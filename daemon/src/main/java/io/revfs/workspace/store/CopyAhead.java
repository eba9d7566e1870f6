package io.revfs.workspace.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.posix.FileCopy;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** The pieces of a file's copy, which a thread of its own makes before they are asked for. */
final class CopyAhead implements FileHasher.Pieces, AutoCloseable {
  /** So little that it is in the processor's cache still when it is hashed. */
  private static final long RANGE = 512 << 10;

  /** How far the copy may be ahead. */
  private static final long AHEAD = 64L << 20;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment block = arena.allocate(FileHasher.PIECE, 4096);
  private final int from;
  private final int to;
  private final long size;
  private final String path;
  private final Thread thread;
  private long at;

  @GuardedBy("this")
  private long copied;

  @GuardedBy("this")
  private long hashed;

  @GuardedBy("this")
  private boolean ended;

  @GuardedBy("this")
  private @Nullable IOException failure;

  private CopyAhead(int from, int to, long size, String path) {
    this.from = from;
    this.to = to;
    this.size = size;
    this.path = path;
    this.thread = Thread.ofPlatform().daemon().name("copy-ahead").unstarted(this::run);
  }

  /** Begins to copy the first {@code size} bytes to an empty file that can be read. */
  static CopyAhead start(int from, int to, long size, String path) {
    CopyAhead ahead = new CopyAhead(from, to, size, path);
    ahead.thread.start();
    return ahead;
  }

  private void run() {
    Posix.readAhead(from);
    IOException thrown = null;
    try {
      for (long done = 0; done < size; ) {
        long n = PosixFailure.check(FileCopy.some(from, to, Math.min(RANGE, size - done)), path);
        if (n == 0) {
          break; // shorter than it was: the caller compares, and sees
        }
        done += n;
        publish(done);
      }
    } catch (IOException e) {
      thrown = e;
    } catch (InterruptedException e) {
      thrown = new InterruptedIOException(path); // nobody asks any more
    }
    synchronized (this) {
      failure = thrown;
      ended = true;
      notifyAll();
    }
  }

  private synchronized void publish(long done) throws InterruptedException {
    copied = done;
    notifyAll();
    while (copied - hashed > AHEAD) {
      wait();
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  /** Waits until there is more; returns how much, 0 at the end. */
  private synchronized long available(long at) throws IOException {
    hashed = at;
    notifyAll();
    try {
      while (copied == at && !ended) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(path);
    }
    if (failure != null) {
      throw failure;
    }
    return copied - at;
  }

  @Override
  public int next(byte[] into) throws IOException {
    long there = available(at);
    if (there == 0) {
      return 0;
    }
    long wanted = Math.min(FileHasher.PIECE, there);
    int n = (int) PosixFailure.check(Posix.readAt(to, block, wanted, at), path);
    MemorySegment.copy(block, ValueLayout.JAVA_BYTE, 0, into, 0, n);
    at += n;
    return n;
  }

  @Override
  public void close() {
    FileHasher.end(thread);
    arena.close();
  }
}
