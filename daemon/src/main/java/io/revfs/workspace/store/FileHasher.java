package io.revfs.workspace.store;

import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.posix.Posix;
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
 * Reads files once, from the begin to the end, and hashes them. Of a file of more than one block a
 * second thread reads ahead (and copies, if a copy is wanted) while this one hashes. For one
 * thread.
 */
public final class FileHasher implements AutoCloseable {
  /** Files of up to this many bytes are in memory as a whole after they were hashed. */
  public static final int BLOCK = 1 << 20;

  private static final int BLOCKS_AHEAD = 4;

  private final Arena arena = Arena.ofConfined();
  private final Progress progress;

  /** Made for the first file that is read: of most files the digest is known. */
  private @Nullable Buffers buffers;

  private int held;

  private record Buffers(MemorySegment block, byte[] heap) {}

  FileHasher(Progress progress) {
    this.progress = progress;
  }

  /** Returns the bytes of the last file, if it was not larger than a block. */
  MemorySegment block() {
    return buffers().block().asSlice(0, held);
  }

  private Buffers buffers() {
    if (buffers == null) {
      buffers = new Buffers(arena.allocate(BLOCK, 4096), new byte[BLOCK]);
    }
    return buffers;
  }

  /**
   * Hashes an open file.
   *
   * @param size how many bytes it is expected to have; what follows is not read
   * @param copy a descriptor that gets the same bytes, if the file is larger than a block; -1: none
   * @param path for messages
   */
  Digest hash(int fd, long size, Digest.Algorithm algorithm, int copy, String path)
      throws IOException {
    Hasher hasher = Hasher.of(algorithm, size).orElseThrow();
    if (size > BLOCK) {
      hashAhead(fd, size, hasher, copy, path);
      return hasher.finish();
    }
    held = 0;
    MemorySegment block = buffers().block();
    byte[] heap = buffers().heap();
    while (held < size) {
      int n = (int) PosixFailure.check(Posix.read(fd, block.asSlice(held), size - held), path);
      if (n == 0) {
        break; // shorter than it was: the caller compares, and sees
      }
      held += n;
    }
    MemorySegment.copy(block, ValueLayout.JAVA_BYTE, 0, heap, 0, held);
    hasher.update(ByteBuffer.wrap(heap, 0, held));
    progress.done(0, held);
    return hasher.finish();
  }

  /** A block that was read; one without bytes is the end. */
  private record Block(byte[] bytes, int length) {}

  private void hashAhead(int fd, long size, Hasher hasher, int copy, String path)
      throws IOException {
    BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(BLOCKS_AHEAD);
    BlockingQueue<Block> full = new ArrayBlockingQueue<>(BLOCKS_AHEAD + 1);
    for (int i = 0; i < BLOCKS_AHEAD; i++) {
      free.add(new byte[BLOCK]);
    }
    Reader reader = new Reader(fd, size, copy, path, free, full);
    Thread thread = Thread.ofPlatform().daemon().name("read-ahead").start(reader);
    try {
      for (Block next = full.take(); next.length() > 0; next = full.take()) {
        hasher.update(ByteBuffer.wrap(next.bytes(), 0, next.length()));
        progress.done(0, next.length());
        free.add(next.bytes());
      }
    } catch (InterruptedException e) {
      throw new InterruptedIOException(path);
    } finally {
      thread.interrupt();
      join(thread);
    }
    if (reader.failure != null) {
      throw reader.failure;
    }
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // it ends by itself within one block
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the second thread does. */
  private static final class Reader implements Runnable {
    private final int fd;
    private final long size;
    private final int copy;
    private final String path;
    private final BlockingQueue<byte[]> free;
    private final BlockingQueue<Block> full;
    volatile @Nullable IOException failure;

    Reader(
        int fd,
        long size,
        int copy,
        String path,
        BlockingQueue<byte[]> free,
        BlockingQueue<Block> full) {
      this.fd = fd;
      this.size = size;
      this.copy = copy;
      this.path = path;
      this.free = free;
      this.full = full;
    }

    @Override
    public void run() {
      Posix.readAhead(fd);
      try (Arena own = Arena.ofConfined()) {
        MemorySegment from = own.allocate(BLOCK, 4096);
        for (long done = 0; done < size; ) {
          byte[] to = free.take();
          int length = fill(from, Math.min(BLOCK, size - done));
          if (length == 0) {
            break;
          }
          if (copy >= 0) {
            PosixFailure.check(Posix.writeAll(copy, from, length), path);
          }
          MemorySegment.copy(from, ValueLayout.JAVA_BYTE, 0, to, 0, length);
          full.add(new Block(to, length));
          done += length;
        }
      } catch (IOException e) {
        failure = e;
      } catch (InterruptedException e) {
        failure = new InterruptedIOException(path);
      } finally {
        full.add(new Block(new byte[0], 0));
      }
    }

    /** Fills the block, since legacy digests depend on where blocks begin. */
    private int fill(MemorySegment to, long length) throws IOException {
      int filled = 0;
      while (filled < length) {
        int n = (int) PosixFailure.check(Posix.read(fd, to.asSlice(filled), length - filled), path);
        if (n == 0) {
          break;
        }
        filled += n;
      }
      return filled;
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
