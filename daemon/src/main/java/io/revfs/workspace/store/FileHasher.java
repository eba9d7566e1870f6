package io.revfs.workspace.store;

import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.posix.FileCalls;
import io.revfs.posix.PosixFailure;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Reads files once, from the begin to the end, and hashes them. Of a file of more than one block,
 * and while not all cores are busy with such files, a second thread reads ahead. If a copy is
 * wanted the second thread makes it, and what is hashed is what it wrote, so the copy has the
 * digest whatever happens to the file meanwhile. For one thread.
 */
public final class FileHasher implements AutoCloseable {
  /** Files of up to this many bytes are in memory as a whole after they were hashed. */
  public static final int BLOCK = 1 << 20;

  /** What is read at once of larger files: it stays in the processor's cache until it is hashed. */
  static final int PIECE = 128 << 10;

  private static final AtomicInteger LARGE_FILES = new AtomicInteger();
  private static final int CORES = Runtime.getRuntime().availableProcessors();

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
    if (size <= BLOCK) {
      hashSmall(fd, size, hasher, path);
      return hasher.finish();
    }
    try {
      boolean idle = LARGE_FILES.incrementAndGet() * 2 <= CORES;
      if (copy >= 0 || idle) {
        try (ReadAhead ahead = ReadAhead.start(fd, copy, size, path)) {
          hashPieces(ahead, hasher);
        }
      } else {
        FileCalls.readAhead(fd);
        byte[] heap = buffers().heap();
        long[] left = {size};
        hashPieces(
            () -> {
              int n = read(fd, Math.min(PIECE, left[0]), heap, path);
              left[0] -= n;
              return ByteBuffer.wrap(heap, 0, n);
            },
            hasher);
      }
    } finally {
      LARGE_FILES.decrementAndGet();
    }
    return hasher.finish();
  }

  private void hashSmall(int fd, long size, Hasher hasher, String path) throws IOException {
    MemorySegment block = buffers().block();
    byte[] heap = buffers().heap();
    held = 0;
    while (held < size) {
      int n = (int) PosixFailure.check(FileCalls.read(fd, block.asSlice(held), size - held), path);
      if (n == 0) {
        break; // shorter than it was: the caller compares, and sees
      }
      held += n;
    }
    MemorySegment.copy(block, ValueLayout.JAVA_BYTE, 0, heap, 0, held);
    hasher.update(ByteBuffer.wrap(heap, 0, held));
    progress.done(0, held);
  }

  /** What comes of a file, one piece after the other. */
  @FunctionalInterface
  interface Pieces {
    /** Returns the next piece, good until the next call; an empty one at the end. */
    ByteBuffer next() throws IOException;
  }

  private void hashPieces(Pieces pieces, Hasher hasher) throws IOException {
    for (ByteBuffer piece = pieces.next(); piece.hasRemaining(); piece = pieces.next()) {
      int length = piece.remaining();
      hasher.update(piece);
      progress.done(0, length);
      if (Thread.interrupted()) {
        Thread.currentThread().interrupt();
        throw new java.io.InterruptedIOException("interrupted");
      }
    }
  }

  private int read(int fd, long length, byte[] into, String path) throws IOException {
    MemorySegment block = buffers().block();
    int n = (int) PosixFailure.check(FileCalls.read(fd, block, length), path);
    MemorySegment.copy(block, ValueLayout.JAVA_BYTE, 0, into, 0, n);
    return n;
  }

  /**
   * Ends a thread that works ahead, and returns when it has ended: it uses descriptors of the
   * caller's.
   */
  static void end(Thread thread) {
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // it ends by itself within one piece
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
