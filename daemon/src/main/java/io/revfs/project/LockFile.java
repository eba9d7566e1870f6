package io.revfs.project;

import io.revfs.fuse.FileNames;
import io.revfs.posix.FileCalls;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import io.revfs.reach.Passages;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A file that one process, of either kind, locks at a time, in one of DVC's two ways: by {@code
 * flock}, or, where file systems do not have that between machines, by a hard link ({@code
 * core.hardlink_lock}).
 */
final class LockFile {
  private static final int EAGAIN = 11;
  private static final long ASK_AGAIN = TimeUnit.MILLISECONDS.toNanos(50);

  /** DVC's own patience. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** A link stands for a lock until the time that it carries: DVC sets it a year ahead. */
  private static final Duration LIFETIME = Duration.ofDays(365);

  private final Path file;
  private final boolean byHardLink;

  LockFile(Path file, boolean byHardLink) {
    this.file = file;
    this.byHardLink = byHardLink;
  }

  /**
   * Takes the lock.
   *
   * @param wait whether to wait for as long as it takes, rather than three seconds
   * @return empty if another has it
   */
  Optional<Closeable> take(boolean wait) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Optional<Closeable> taken = attempt();
    while (taken.isEmpty() && (wait || System.nanoTime() < end)) {
      LockSupport.parkNanos(ASK_AGAIN);
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted");
      }
      taken = attempt();
    }
    return taken;
  }

  private Optional<Closeable> attempt() throws IOException {
    return byHardLink ? link() : flock();
  }

  private Optional<Closeable> flock() throws IOException {
    Path shown = Passages.shown(file);
    if (!shown.equals(file)) {
      return LockProcess.take(shown);
    }
    byte[] name = FileNames.encode(file.toString());
    int flags = Posix.O_WRONLY | Posix.O_CREAT;
    int fd =
        (int) PosixFailure.check(Posix.open(Posix.AT_FDCWD, name, flags, 0666), file.toString());
    int locked = FileCalls.lock(fd);
    if (locked < 0) {
      Posix.close(fd);
      if (locked != -EAGAIN) {
        PosixFailure.check(locked, file.toString());
      }
      return Optional.empty();
    }
    writeOwner(fd);
    return Optional.of(() -> Posix.close(fd));
  }

  /** For people who look into the file. */
  private static void writeOwner(int fd) {
    byte[] text = (" " + ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(text.length);
      bytes.copyFrom(MemorySegment.ofArray(text));
      int unused = FileCalls.writeAll(fd, bytes, text.length);
    }
  }

  private Optional<Closeable> link() throws IOException {
    Path claim =
        file.resolveSibling(UUID.randomUUID().toString().replace("-", "") + file.getFileName());
    Files.writeString(claim, claim.toString());
    Files.setLastModifiedTime(claim, FileTime.from(Instant.now().plus(LIFETIME)));
    try {
      Files.createLink(file, claim);
      return Optional.of(
          () -> {
            Files.deleteIfExists(file);
            Files.deleteIfExists(claim);
          });
    } catch (FileAlreadyExistsException e) {
      Files.delete(claim);
      removeExpired();
      return Optional.empty();
    } catch (IOException e) {
      Files.deleteIfExists(claim);
      throw e;
    }
  }

  private void removeExpired() throws IOException {
    try {
      if (Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now())) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException e) {
      // Given back meanwhile.
    }
  }
}
