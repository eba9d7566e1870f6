package io.revfs.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.TestData;
import io.revfs.workspace.store.LinkType;
import io.revfs.workspace.store.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Work that is killed or interrupted anywhere leaves nothing half-done, and goes on from there. */
class KilledWorkTest {
  private static final int FOLDERS = 60;
  private static final int FILES = 4;
  private static final int TIMES = 3;

  /** Each folder is a step of add and of checkout, each object one of push. */
  private static final int STEPS = 2 * FOLDERS + FOLDERS * FILES;

  @TempDir Path directory;
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @BeforeEach
  void fill() throws IOException {
    for (int i = 0; i < FOLDERS; i++) {
      Path folder = Files.createDirectories(directory.resolve("data/d" + i));
      for (int j = 0; j < FILES; j++) {
        byte[] bytes = new byte[random.nextInt(i == 0 ? 3_000_000 : 20_000) + 8];
        random.nextBytes(bytes);
        Files.write(folder.resolve("f" + j), bytes);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"COPY", "HARDLINK"})
  void killed_thenRunAgain_isDone(LinkType type) throws Exception {
    Map<String, String> before = tree("data");
    for (int i = 0; i < TIMES; i++) {
      kill(type, random.nextInt(STEPS));
      check("cache/files/md5");
      check("remote/files/md5");
    }
    finish(type, before);
  }

  @ParameterizedTest
  @EnumSource(names = {"COPY", "HARDLINK"})
  void interrupted_thenRunAgain_isDone(LinkType type) throws Exception {
    Map<String, String> before = tree("data");
    for (int i = 0; i < TIMES; i++) {
      AtomicInteger left = new AtomicInteger(random.nextInt(STEPS));
      Thread caller = Thread.currentThread();
      Progress interrupting =
          (files, bytes) -> {
            if (left.getAndDecrement() == 0) {
              caller.interrupt();
            }
          };
      try {
        var unused = new KilledWork(directory, interrupting).run(type);
        assertTrue(Thread.interrupted() || left.get() >= 0, "seed " + seed);
      } catch (InterruptedIOException e) {
        assertTrue(Thread.interrupted(), "seed " + seed);
      }
      check("cache/files/md5");
      check("remote/files/md5");
      assertFalse(hasTemporaries(), "seed " + seed);
    }
    finish(type, before);
  }

  private void finish(LinkType type, Map<String, String> before) throws IOException {
    var unused = new KilledWork(directory, Progress.NONE).run(type);
    assertEquals(before, tree("data"), "seed " + seed);
    assertEquals(before, tree("out"), "seed " + seed);
    assertEquals(FOLDERS * FILES + 1, check("cache/files/md5"), "seed " + seed);
    assertEquals(FOLDERS * FILES + 1, check("remote/files/md5"), "seed " + seed);
  }

  private boolean hasTemporaries() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.anyMatch(file -> file.toString().endsWith(".tmp"));
    }
  }

  private void kill(LinkType type, int after) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(System.getProperty("revfs.jvm.flags").split(" ")));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(KilledWork.class.getName(), directory.toString(), type.name()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (InputStream dots = process.getInputStream()) {
      for (int i = 0; i < after && dots.read() >= 0; i++) {
        // one more step
      }
      process.destroyForcibly();
    }
    int unused = process.waitFor();
  }

  /** Every object holds what its name says; returns how many there are. */
  private int check(String objects) throws IOException {
    Path root = directory.resolve(objects);
    int count = 0;
    if (!Files.exists(root)) {
      return 0;
    }
    List<Path> files;
    try (Stream<Path> all = Files.walk(root)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      String name = file.getParent().getFileName() + file.getFileName().toString();
      if (!name.contains("tmp")) {
        String digits = name.replace(".dir", "");
        assertEquals(digits, TestData.md5(Files.readAllBytes(file)), "seed " + seed);
        count++;
      }
    }
    return count;
  }

  private Map<String, String> tree(String name) throws IOException {
    Path root = directory.resolve(name);
    Map<String, String> tree = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        tree.put(root.relativize(file).toString(), TestData.md5(Files.readAllBytes(file)));
      }
    }
    return tree;
  }
}
