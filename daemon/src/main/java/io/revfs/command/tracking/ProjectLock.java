package io.revfs.command.tracking;

import io.revfs.command.CommandFailure;
import io.revfs.fuse.FileNames;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * DVC's lock on a project, {@code .dvc/tmp/lock}: held by one process, of either kind, at a time.
 */
final class ProjectLock implements Closeable {
  private static final int EAGAIN = 11;
  private static final long ASK_AGAIN = TimeUnit.MILLISECONDS.toNanos(100);

  private final int fd;

  private ProjectLock(int fd) {
    this.fd = fd;
  }

  /**
   * Takes the lock.
   *
   * @param wait whether to wait for it
   * @throws CommandFailure if another has it
   */
  static ProjectLock take(Path file, boolean wait) throws IOException {
    byte[] name = FileNames.encode(file.toString());
    int fd =
        (int)
            PosixFailure.check(
                Posix.open(Posix.AT_FDCWD, name, Posix.O_WRONLY | Posix.O_CREAT, 0666),
                file.toString());
    try {
      int locked = Posix.lock(fd);
      while (locked == -EAGAIN && wait) {
        LockSupport.parkNanos(ASK_AGAIN);
        if (Thread.interrupted()) {
          throw new InterruptedIOException("interrupted");
        }
        locked = Posix.lock(fd);
      }
      if (locked == -EAGAIN) {
        throw new CommandFailure(
            "Unable to acquire lock. Most likely another DVC process is running or was terminated"
                + " abruptly",
            "wait until it ends, or add --wait-for-lock",
            CommandFailure.OTHER);
      }
      PosixFailure.check(locked, file.toString());
      writeOwner(fd);
      return new ProjectLock(fd);
    } catch (IOException | RuntimeException e) {
      Posix.close(fd);
      throw e;
    }
  }

  /** For people who look into the file. */
  private static void writeOwner(int fd) {
    byte[] text = (" " + ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(text.length);
      bytes.copyFrom(MemorySegment.ofArray(text));
      int unused = Posix.writeAll(fd, bytes, text.length);
    }
  }

  @Override
  public void close() {
    Posix.close(fd);
  }
}
