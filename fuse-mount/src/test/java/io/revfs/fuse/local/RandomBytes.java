package io.revfs.fuse.local;

import io.revfs.posix.FileCalls;
import io.revfs.posix.Posix;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Random reads, writes, mappings, changes of size, holes and copies of one file, against an array:
 * each read must give what the array has. The file may hold something before. A program of its own,
 * since a mount is never used by the process that serves it.
 */
public final class RandomBytes {
  private static final int MOST = 300_000;
  private static final int LONGEST = 70_000;
  private static final long LIMIT_MINUTES = 5;
  private static final int REMEMBERED = 30;
  private static final int KEEP_SIZE = 1;
  private static final int PUNCH = 2 | KEEP_SIZE;
  private static final int ZERO = 16;

  private final Random random;
  private final Path file;
  private final byte[] model = new byte[MOST];
  private int size;

  /** What was done last, for who reads of a failure. */
  private final Deque<String> log = new ArrayDeque<>();

  private int fd = -1;

  private RandomBytes(long seed, Path file) {
    this.random = new Random(seed);
    this.file = file;
  }

  /** Runs as a child process on a file; returns what it says, which is "same" if all was. */
  public static String start(long seed, int steps, Path file, Path notes) throws IOException {
    return start(seed, steps, file, notes, () -> {});
  }

  /** As {@link #start(long, int, Path, Path)}; {@code meanwhile} is run while it runs. */
  public static String start(long seed, int steps, Path file, Path notes, Runnable meanwhile)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(RandomBytes.class.getName(), Long.toString(seed)));
    command.addAll(List.of(Integer.toString(steps), file.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(notes.toFile())
            .start();
    meanwhile.run();
    try {
      if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IOException("no end: " + Files.readString(notes));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return Files.readString(notes).strip();
  }

  /** Arguments: seed, steps, the file. */
  public static void main(String[] args) throws IOException {
    RandomBytes all = new RandomBytes(Long.parseLong(args[0]), Path.of(args[2]));
    all.begin();
    int steps = Integer.parseInt(args[1]);
    for (int i = 0; i < steps; i++) {
      all.step(i);
    }
    all.reopen();
    all.read(0, all.size);
    System.out.println("same");
  }

  private void begin() throws IOException {
    if (Files.exists(file)) {
      byte[] before = Files.readAllBytes(file);
      System.arraycopy(before, 0, model, 0, before.length);
      size = before.length;
    }
    reopen();
  }

  private void reopen() throws IOException {
    if (fd >= 0) {
      check(Posix.close(fd), "close");
    }
    byte[] path = file.toString().getBytes(StandardCharsets.UTF_8);
    fd = Posix.open(Posix.AT_FDCWD, path, Posix.O_RDWR | Posix.O_CREAT, 0644);
    check(fd, "open");
  }

  private void step(int number) throws IOException {
    int at = random.nextInt(MOST);
    int length = random.nextInt(1 + Math.min(MOST - at, LONGEST));
    int kind = random.nextInt(20);
    log.addLast(number + ": " + kind + " at " + at + " of " + length + ", size " + size);
    if (log.size() > REMEMBERED) {
      log.removeFirst();
    }
    switch (kind) {
      case 0, 1, 2 -> write(at, length);
      case 3, 4, 5 -> mapAndWrite(at, length);
      case 6, 7, 8 -> read(at, length);
      case 9, 10 -> mapAndRead(at, length);
      case 11 -> truncate(random.nextBoolean() ? at : Math.min(at, size));
      case 12 -> truncate(Math.min(MOST, size + length / 8));
      case 13 -> allocate(at, length, 0);
      case 14 -> allocate(at, length, KEEP_SIZE);
      case 15 -> allocate(at, length, PUNCH);
      case 16 -> allocate(at, length, ZERO);
      case 17 -> copy(at, length);
      case 18 -> check(FileCalls.synchronize(fd, random.nextBoolean()), "fsync");
      default -> reopen();
    }
    check(size == fileSize() ? 0 : -1, "size " + fileSize() + " instead of " + size);
  }

  private long fileSize() {
    return io.revfs.posix.NameCalls.stat(fd) < 0 ? -1 : io.revfs.posix.NameCalls.details().size();
  }

  private void check(long result, String what) {
    if (result < 0) {
      System.out.println(what + " gave " + result + "\n" + String.join("\n", log));
      System.exit(1);
    }
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private void write(int at, int length) {
    byte[] bytes = bytes(length);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      int n = length == 0 ? 0 : FileCalls.write(fd, from, length, at);
      check(n == length ? 0 : Math.min(n, -1), "write");
    }
    if (length > 0) {
      System.arraycopy(bytes, 0, model, at, length);
      size = Math.max(size, at + length);
    }
  }

  private void read(int at, int length) {
    int there = Math.max(0, Math.min(length, size - at));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment to = arena.allocate(Math.max(1, length));
      int n = FileCalls.readAt(fd, to, length, at);
      check(n == there ? 0 : Math.min(n, -1), "read of " + there);
      compare(to, at, there, "read");
    }
  }

  private void compare(MemorySegment bytes, int at, int length, String what) {
    MemorySegment wanted = MemorySegment.ofArray(model).asSlice(at, length);
    long different = bytes.asSlice(0, length).mismatch(wanted);
    check(different < 0 ? 0 : -1, what + " differs at " + (at + different));
  }

  /** Maps what is in the file, through another descriptor. */
  private void map(int at, int length, FileChannel.MapMode mode, Mapped use) throws IOException {
    int there = Math.max(0, Math.min(length, size - at));
    if (there == 0) {
      return;
    }
    try (Arena arena = Arena.ofConfined();
        FileChannel channel =
            mode == FileChannel.MapMode.READ_ONLY
                ? FileChannel.open(file, StandardOpenOption.READ)
                : FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment map = channel.map(mode, at, there, arena);
      use.with(map, there);
      if (random.nextInt(4) == 0) {
        map.force();
      }
    }
  }

  /** Uses a mapping. */
  @FunctionalInterface
  private interface Mapped {
    void with(MemorySegment map, int length);
  }

  private void mapAndWrite(int at, int length) throws IOException {
    map(
        at,
        length,
        FileChannel.MapMode.READ_WRITE,
        (map, there) -> {
          byte[] bytes = bytes(there);
          map.copyFrom(MemorySegment.ofArray(bytes));
          System.arraycopy(bytes, 0, model, at, there);
        });
  }

  private void mapAndRead(int at, int length) throws IOException {
    map(
        at,
        length,
        FileChannel.MapMode.READ_ONLY,
        (map, there) -> compare(map, at, there, "mapping"));
  }

  private void truncate(int to) {
    check(FileCalls.truncate(fd, to), "truncate to " + to);
    Arrays.fill(model, Math.min(to, size), MOST, (byte) 0);
    size = to;
  }

  private void allocate(int at, int length, int mode) {
    if (length == 0) {
      return;
    }
    check(FileCalls.allocate(fd, mode, at, length), "fallocate " + mode);
    if ((mode & KEEP_SIZE) == 0) {
      size = Math.max(size, at + length);
    }
    if (mode == PUNCH || mode == ZERO) {
      Arrays.fill(model, at, Math.max(at, Math.min(at + length, size)), (byte) 0);
    }
  }

  /** Copies within the file, from what is there to where it does not overlap. */
  private void copy(int at, int length) {
    int there = Math.min(length, size - at);
    int to = random.nextInt(MOST);
    if (there <= 0 || to + there > MOST || Math.abs(to - at) < there) {
      return;
    }
    int done = 0;
    while (done < there) {
      long n = FileCalls.copy(fd, at + (long) done, fd, to + (long) done, there - done);
      check(n > 0 ? 0 : Math.min(n, -1), "copy to " + to);
      done += (int) n;
    }
    System.arraycopy(model, at, model, to, there);
    size = Math.max(size, to + there);
  }
}
