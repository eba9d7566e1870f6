package io.revfs.project;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock on a file below a mount of this process's. Locks of a mount are the kernel's, so whoever
 * shares them with people must lock what the mount shows; and as this process must not hold
 * anything open there, another does, which ends with this one. For one thread.
 */
final class LockProcess implements Closeable {
  private static final int TAKEN_BY_ANOTHER = 75;

  private static final Logger log = LoggerFactory.getLogger(LockProcess.class);

  private final Process holder;

  private LockProcess(Process holder) {
    this.holder = holder;
  }

  /** Takes the lock; empty if another has it. */
  static Optional<Closeable> take(Path file) throws IOException {
    Process holder =
        new ProcessBuilder(
                "flock",
                "--nonblock",
                "--conflict-exit-code",
                String.valueOf(TAKEN_BY_ANOTHER),
                file.toString(),
                "sh",
                "-c",
                "echo; read -r word")
            .directory(Path.of("/").toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    LockProcess lock = new LockProcess(holder);
    if (holder.getInputStream().read() >= 0) {
      return Optional.of(lock);
    }
    int exit = lock.end();
    if (exit != TAKEN_BY_ANOTHER) {
      throw new IOException(
          "%s cannot be locked: flock(1) of util-linux ended with %d".formatted(file, exit));
    }
    return Optional.empty();
  }

  /** The lock is free when this returns. */
  @Override
  public void close() throws IOException {
    int unused = end();
  }

  private int end() throws IOException {
    // Not by the pipe's end alone: what holds sessions of runs may have inherited our end of it.
    try (OutputStream to = holder.getOutputStream()) {
      to.write('\n');
    } catch (IOException e) {
      log.debug("{} has ended already", holder);
    }
    boolean interrupted = Thread.interrupted();
    try {
      return holder.waitFor();
    } catch (InterruptedException e) {
      interrupted = true;
      throw new InterruptedIOException("interrupted");
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
