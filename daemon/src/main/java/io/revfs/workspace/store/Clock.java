package io.revfs.workspace.store;

import io.revfs.posix.FileCalls;
import io.revfs.posix.FileStat;
import io.revfs.posix.Posix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How finely a file system tells times apart. A file that is written twice within one tick has the
 * same times after both, so what was seen of it after the first write says nothing. Since Linux
 * 6.13 most file systems give a file a new time whenever it is written after somebody asked for its
 * times; where that is so nothing need be waited for. It is tried, once for each device.
 * Thread-safe.
 */
public final class Clock {
  private static final int TRIES = 8;

  /** Ticks of the kernel are at most this long (HZ=100), doubled. */
  private static final long TICK = 20_000_000L;

  /** File systems that count in whole seconds, or in two as FAT. */
  private static final long COARSE = 2_100_000_000L;

  private static final long SECOND = 1_000_000_000L;

  private final Map<Long, Boolean> fine = new ConcurrentHashMap<>();

  /**
   * Returns whether a file as the kernel describes it now could be written without this description
   * changing.
   *
   * @param now nanoseconds since 1970, taken before the file was asked for
   */
  public boolean isSettled(FileStat stat, long now) {
    if (fine.getOrDefault(stat.device(), false)) {
      return true;
    }
    long latest = Math.max(stat.modified(), stat.isProtected() ? 0 : stat.changed());
    return now - latest > (latest % SECOND == 0 ? COARSE : TICK);
  }

  /** Returns the time as files have it. */
  public static long now() {
    java.time.Instant now = java.time.Instant.now();
    return now.getEpochSecond() * SECOND + now.getNano();
  }

  /** Tries a file system, in an open directory where files can be made; later calls do nothing. */
  public void probe(int directory, long device) {
    fine.computeIfAbsent(device, d -> isFine(directory));
  }

  private static boolean isFine(int directory) {
    byte[] name =
        ".revfs-clock-%x"
            .formatted(ThreadLocalRandom.current().nextLong())
            .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    int fd = Posix.open(directory, name, Posix.O_WRONLY | Posix.O_CREAT | Posix.O_EXCL, 0600);
    if (fd < 0) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocate(1);
      for (int i = 0; i < TRIES; i++) {
        FileStat before = Posix.stat(fd);
        int written = FileCalls.writeAll(fd, one, 1);
        FileStat after = Posix.stat(fd);
        if (written < 0
            || before == null
            || after == null
            || before.modified() == after.modified()
            || before.changed() == after.changed()) {
          return false;
        }
      }
      return true;
    } finally {
      Posix.close(fd);
      Posix.unlink(directory, name);
    }
  }
}
