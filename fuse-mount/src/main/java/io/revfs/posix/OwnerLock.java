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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A file that one living process holds, and that says which. Thread-safe.
 *
 * <p>A process that was killed keeps its locks until its last thread has left the kernel, and a
 * thread that waits there for a file system of our own leaves only when who follows has answered.
 * So who was killed counts as gone: none of its own code runs any more. Who takes it over waits for
 * the lock; he is named in the file meanwhile, with the time of his start since numbers of
 * processes come again, and so nobody else takes it in the moment in which it is free.
 */
public final class OwnerLock implements Closeable {
  private static final int TRIES = 50;
  private static final long PAUSE_MILLISECONDS = 20;
  private static final int KILLED = 1 << (9 - 1); // SIGKILL in a mask of proc_pid_status(5)
  private static final int START = 19; // of proc_pid_stat(5), counted from the state
  private static final int MOST_BYTES = 64;

  /**
   * Files that this process has. It is not to open them again: whatever descriptor it closes, the
   * kernel takes the lock away (fcntl(2)).
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final FileChannel channel;
  private final Path file;

  private OwnerLock(FileChannel channel, Path file) {
    this.channel = channel;
    this.file = file;
  }

  /**
   * Takes it, and writes this process's id into the file.
   *
   * @return empty if a living process has it, this one too
   */
  public static Optional<OwnerLock> take(Path file) throws IOException {
    Path key = key(file);
    if (!HELD.add(key)) {
      return Optional.empty();
    }
    Optional<OwnerLock> taken = Optional.empty();
    try {
      taken = takeFor(key);
    } finally {
      if (taken.isEmpty()) {
        HELD.remove(key);
      }
    }
    return taken;
  }

  private static Path key(Path file) {
    return file.toAbsolutePath().normalize();
  }

  private static Optional<OwnerLock> takeFor(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      taken = isFree(channel);
      if (taken) {
        long pid = ProcessHandle.current().pid();
        String name = pid + "\n" + start(pid) + "\n";
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(name.getBytes(StandardCharsets.US_ASCII)), 0);
        return Optional.of(new OwnerLock(channel, file));
      }
      return Optional.empty();
    } finally {
      if (!taken) {
        channel.close();
      }
    }
  }

  private static boolean isFree(FileChannel channel) throws IOException {
    for (int i = 0; i < TRIES; i++) {
      FileLock lock = tryLock(channel);
      String name = read(channel);
      if (lock != null && !isOfAnother(name)) {
        return true;
      }
      if (lock != null) {
        lock.release(); // he waits for it, or has no files any more and is gone in a moment
        pause();
        continue;
      }
      OptionalLong owner = pid(name);
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

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // this process has it by another name
    }
  }

  /** Returns whether another process that lives has written its name. */
  private static boolean isOfAnother(String name) throws IOException {
    String[] lines = name.split("\n");
    OptionalLong pid = pid(name);
    return lines.length == 2
        && pid.isPresent()
        && pid.getAsLong() != ProcessHandle.current().pid()
        && lines[1].equals(start(pid.getAsLong()))
        && !isDying(pid.getAsLong());
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

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MOST_BYTES);
    int unused = channel.read(bytes, 0);
    return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
  }

  /** Returns the process that a lock's file names; empty if it names none, or is not there. */
  public static OptionalLong owner(Path file) throws IOException {
    if (HELD.contains(key(file))) {
      return OptionalLong.of(ProcessHandle.current().pid());
    }
    try {
      return pid(Files.readString(file, StandardCharsets.US_ASCII));
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
  }

  private static OptionalLong pid(String name) {
    String first = name.split("\n", 2)[0].strip();
    return first.matches("\\d{1,18}")
        ? OptionalLong.of(Long.parseLong(first))
        : OptionalLong.empty();
  }

  /** Returns when a process started, in ticks since the machine did; empty if it is gone. */
  private static String start(long pid) {
    try {
      String stat =
          Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
      // The name, in parentheses, may have anything in it.
      return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[START];
    } catch (IOException e) {
      return "";
    }
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
    try (channel) {
      if (channel.isOpen()) {
        channel.truncate(0); // this process may live on
      }
    } finally {
      HELD.remove(file);
    }
  }
}
