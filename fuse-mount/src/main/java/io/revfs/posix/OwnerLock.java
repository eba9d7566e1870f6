package io.revfs.posix;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A file that one living process holds, and that says which. Thread-safe.
 *
 * <p>A process that was killed keeps its locks until its last thread has left the kernel, and a
 * thread that waits there for a file system of our own leaves only when who follows has answered.
 * So who was killed counts as gone: none of its own code runs any more.
 */
public final class OwnerLock implements Closeable {
  private static final int TRIES = 50;
  private static final long PAUSE_MILLISECONDS = 20;
  private static final int KILLED = 1 << (9 - 1); // SIGKILL in a mask of proc_pid_status(5)

  private final FileChannel channel;

  private OwnerLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes it, and writes this process's id into the file.
   *
   * @return empty if a living process has it
   */
  public static Optional<OwnerLock> take(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      taken = isFree(channel, file);
      if (taken) {
        channel.truncate(0);
        String pid = ProcessHandle.current().pid() + "\n";
        channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
        return Optional.of(new OwnerLock(channel));
      }
      return Optional.empty();
    } finally {
      if (!taken) {
        channel.close();
      }
    }
  }

  private static boolean isFree(FileChannel channel, Path file) throws IOException {
    for (int i = 0; i < TRIES; i++) {
      if (tryLock(channel)) {
        return true;
      }
      OptionalLong owner = owner(file);
      if (owner.isPresent() && isDying(owner.getAsLong())) {
        Thread.ofPlatform().daemon().name("lock").start(() -> lockWhenGone(channel));
        return true;
      }
      if (owner.isPresent() && isAlive(owner.getAsLong())) {
        return false;
      }
      pause(); // it has just ended, or has not said its name yet
    }
    return false;
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // this process has it
    }
  }

  private static void lockWhenGone(FileChannel channel) {
    try {
      FileLock unused = channel.lock();
    } catch (IOException e) {
      return; // closed: nobody needs it any more
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(PAUSE_MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for a lock", e);
    }
  }

  /** Returns the process that a lock's file names; empty if it names none, or is not there. */
  public static OptionalLong owner(Path file) throws IOException {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.US_ASCII).strip();
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
    return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
  }

  private static boolean isAlive(long pid) {
    return Files.exists(Path.of("/proc/" + pid));
  }

  /** Returns whether a process was killed and is not gone yet. */
  static boolean isDying(long pid) throws IOException {
    List<String> status;
    try {
      status = Files.readAllLines(Path.of("/proc/" + pid + "/status"));
    } catch (IOException e) {
      if (isAlive(pid)) {
        throw e;
      }
      return false; // gone: before it was opened, or while it was read (ESRCH)
    }
    boolean killed = false;
    for (String line : status) {
      if (line.startsWith("State:")) {
        killed |= line.contains("Z (") || line.contains("X (");
      } else if (line.startsWith("SigPnd:") || line.startsWith("ShdPnd:")) {
        killed |= (Long.parseUnsignedLong(line.substring(7).strip(), 16) & KILLED) != 0;
      }
    }
    return killed;
  }

  /** Gives it back. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
