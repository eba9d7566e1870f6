package io.revfs.fuse.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Random operations on files, done alike in two directories and compared after each: what they
 * give, and from time to time all that is there. A program of its own, since a mount is never used
 * by the process that serves it.
 */
public final class RandomOperations {
  /** Lists what a directory holds, for comparison. */
  public static final String LIST =
      "find . -printf '%p %y %m %n %l\\n' | sort; find . -type f | sort | xargs -r -d '\\n' md5sum";

  private static final long LIMIT_MINUTES = 5;

  /** How often all that is there is compared: it takes as long as hundreds of operations. */
  private static final int COMPARISONS = 20;

  private static final int NAMES = 12;

  /** Set where nobody can look at an open file that has no name left. */
  public static final String BY_PATHS = "revfs.test.paths";

  private final Random random;
  private final List<Path> roots;

  /** Files held open in both directories, which go on being used when their names are gone. */
  private final List<List<FileChannel>> open = new ArrayList<>();

  private RandomOperations(long seed, List<Path> roots) {
    this.random = new Random(seed);
    this.roots = roots;
  }

  /** Set for an ordinary user, who is to be able to look into directories. */
  public static final String ENTERED = "revfs.test.entered";

  /** Runs as a child process; returns what it says, which ends with "same" if all was. */
  public static String start(long seed, int steps, Path plain, Path mounted, String... flags)
      throws IOException {
    return start(seed, steps, plain, mounted, () -> {}, flags);
  }

  /** As {@link #start(long, int, Path, Path, String...)}; does something while it runs. */
  public static String start(
      long seed, int steps, Path plain, Path mounted, Runnable meanwhile, String... flags)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(List.of(flags));
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(RandomOperations.class.getName());
    command.add(Long.toString(seed));
    command.add(Integer.toString(steps));
    command.add(plain.toString());
    command.add(mounted.toString());
    Path output = plain.resolveSibling("random-" + seed + ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    meanwhile.run();
    try {
      if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IOException("no end: " + Files.readString(output));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return Files.readString(output).strip();
  }

  /** Arguments: seed, steps, the two directories. */
  public static void main(String[] args) throws IOException {
    long seed = Long.parseLong(args[0]);
    RandomOperations all = new RandomOperations(seed, List.of(Path.of(args[2]), Path.of(args[3])));
    int steps = Integer.parseInt(args[1]);
    int every = Math.max(1, steps / COMPARISONS);
    for (int i = 0; i < steps; i++) {
      all.step(i);
      if (i % every == 0 || i == steps - 1) {
        all.compareAll(i);
      }
    }
    System.out.println("same");
  }

  /** One operation, in one of the directories. */
  @FunctionalInterface
  private interface Operation {
    Object in(Path root) throws IOException;
  }

  private String name() {
    StringBuilder path = new StringBuilder();
    int depth = random.nextInt(3);
    for (int i = 0; i < depth; i++) {
      path.append('d').append(random.nextInt(3)).append('/');
    }
    return path.append(random.nextInt(4) == 0 ? 'd' : 'f').append(random.nextInt(NAMES)).toString();
  }

  private byte[] bytes(int most) {
    byte[] bytes = new byte[random.nextInt(most) + 1];
    random.nextBytes(bytes);
    return bytes;
  }

  private void step(int number) throws IOException {
    String a = name();
    String b = name();
    String d = a.replace('f', 'd');
    byte[] data = bytes(random.nextInt(20) == 0 ? 300_000 : 5000);
    long at = random.nextInt(20_000);
    int what = random.nextInt(26);
    switch (what) {
      case 0, 1 -> both(number, "create " + a, r -> Files.write(r.resolve(a), data));
      case 2 ->
          both(
              number,
              "createNew " + a,
              r -> Files.write(r.resolve(a), data, StandardOpenOption.CREATE_NEW));
      case 3 ->
          both(
              number,
              "append " + a,
              r -> Files.write(r.resolve(a), data, StandardOpenOption.APPEND));
      case 4, 5 -> both(number, "writeAt " + a, r -> writeAt(r.resolve(a), data, at));
      case 6 -> both(number, "truncate " + a, r -> truncate(r.resolve(a), at));
      case 7 -> both(number, "mkdir " + d, r -> Files.createDirectory(r.resolve(d)));
      case 8 -> both(number, "delete " + a, r -> delete(r.resolve(a)));
      case 9 -> both(number, "rmdir " + d, r -> delete(r.resolve(d)));
      case 10, 11 ->
          both(
              number,
              "rename " + a + " " + b,
              r -> Files.move(r.resolve(a), r.resolve(b), StandardCopyOption.ATOMIC_MOVE));
      case 12 ->
          both(
              number,
              "renameDirectory " + d + " " + b,
              r -> Files.move(r.resolve(d), r.resolve(b), StandardCopyOption.ATOMIC_MOVE));
      case 13 ->
          both(number, "link " + a + " " + b, r -> Files.createLink(r.resolve(b), r.resolve(a)));
      case 14 ->
          both(number, "symlink " + b, r -> Files.createSymbolicLink(r.resolve(b), Path.of(a)));
      case 15 -> {
        String less = Boolean.getBoolean(ENTERED) ? "rwx------" : "rw-r-----";
        String mode = random.nextBoolean() ? less : "rwxr-xr-x";
        both(
            number,
            "chmod " + a,
            r ->
                Files.setPosixFilePermissions(r.resolve(a), PosixFilePermissions.fromString(mode)));
      }
      case 16 ->
          both(
              number,
              "utimes " + a,
              r -> Files.setLastModifiedTime(r.resolve(a), FileTime.fromMillis(at * 1000)));
      case 17 -> both(number, "mmap " + a, r -> map(r.resolve(a), data, at));
      case 18 ->
          both(
              number,
              "setxattr " + a,
              r -> attributes(r.resolve(a)).write("x" + at % 3, ByteBuffer.wrap(data, 0, 1)));
      case 19 -> hold(number, a);
      case 20, 21, 22 -> useHeld(number, data, at);
      case 23 -> release();
      case 24 -> both(number, "list " + d, r -> list(r.resolve(d)));
      default -> both(number, "read " + a, r -> describe(r.resolve(a)));
    }
  }

  private static UserDefinedFileAttributeView attributes(Path file) throws IOException {
    var view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
    if (!Files.isRegularFile(file) || view == null) {
      throw new IOException("no file");
    }
    return view;
  }

  private static Object delete(Path path) throws IOException {
    Files.delete(path);
    return "deleted";
  }

  private static Object writeAt(Path file, byte[] data, long at) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      return channel.write(ByteBuffer.wrap(data), at);
    }
  }

  private static Object truncate(Path file, long size) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
      return channel.size();
    }
  }

  private static Object map(Path file, byte[] data, long at) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      int length = Math.min(data.length, 4000);
      MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_WRITE, at, length);
      map.put(0, data, 0, length);
      ByteBuffer back = ByteBuffer.allocate(length);
      channel.read(back, at);
      return hash(back.array());
    }
  }

  private static int hash(byte[] bytes) {
    return java.util.Arrays.hashCode(bytes);
  }

  private static Object list(Path directory) throws IOException {
    try (var names = Files.list(directory)) {
      return names.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  private static Object describe(Path path) throws IOException {
    Map<String, Object> all =
        new TreeMap<>(
            Files.readAttributes(path, "unix:mode,nlink,uid,gid", LinkOption.NOFOLLOW_LINKS));
    if (Files.isSymbolicLink(path)) {
      all.put("target", Files.readSymbolicLink(path).toString());
    } else if (Files.isRegularFile(path)) {
      all.put("size", Files.size(path));
      all.put("bytes", hash(Files.readAllBytes(path)));
      all.put("attributes", new ArrayList<>(new java.util.TreeSet<>(attributes(path).list())));
    } else {
      all.put("names", list(path));
    }
    return all;
  }

  private void hold(int number, String name) throws IOException {
    List<FileChannel> channels = new ArrayList<>();
    Set<OpenOption> how =
        random.nextBoolean()
            ? Set.of(StandardOpenOption.READ)
            : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    both(
        number,
        "hold " + name,
        root -> {
          channels.add(FileChannel.open(root.resolve(name), how));
          return "open";
        });
    if (channels.size() == roots.size()) {
      open.add(channels);
    } else {
      for (FileChannel channel : channels) {
        channel.close();
      }
    }
  }

  private void useHeld(int number, byte[] data, long at) throws IOException {
    if (open.isEmpty()) {
      return;
    }
    List<FileChannel> channels = open.get(random.nextInt(open.size()));
    int what = Boolean.getBoolean(BY_PATHS) ? 2 * random.nextInt(2) : random.nextInt(3);
    both(
        number,
        "held " + what,
        root -> {
          FileChannel channel = channels.get(roots.indexOf(root));
          if (what == 0) {
            return write(channel, data, at);
          }
          if (what == 1) {
            return channel.size();
          }
          ByteBuffer back = ByteBuffer.allocate(10_000);
          int n = channel.read(back, at);
          return n + " " + hash(back.array());
        });
  }

  private static Object write(FileChannel channel, byte[] data, long at) throws IOException {
    try {
      return channel.write(ByteBuffer.wrap(data), at);
    } catch (java.nio.channels.NonWritableChannelException e) {
      return "read only";
    }
  }

  private void release() throws IOException {
    if (!open.isEmpty()) {
      for (FileChannel channel : open.remove(random.nextInt(open.size()))) {
        channel.close();
      }
    }
  }

  private void both(int number, String what, Operation operation) throws IOException {
    List<String> results = new ArrayList<>();
    for (Path root : roots) {
      String result;
      try {
        Object given = operation.in(root);
        result = given instanceof Path ? "done" : String.valueOf(given);
      } catch (IOException | UncheckedIOException e) {
        result = String.valueOf(e).replace(root.toString(), "ROOT");
      }
      results.add(result);
    }
    if (!results.get(0).equals(results.get(1))) {
      System.out.println("step " + number + ", " + what + ": " + results);
      System.exit(1);
    }
  }

  private void compareAll(int number) throws IOException {
    both(
        number,
        "everything",
        root -> {
          StringBuilder all = new StringBuilder();
          try (var paths = Files.walk(root)) {
            for (Path path : paths.sorted().toList()) {
              all.append(root.relativize(path)).append(' ').append(describe(path)).append('\n');
            }
          }
          return new String(
              all.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        });
  }
}
