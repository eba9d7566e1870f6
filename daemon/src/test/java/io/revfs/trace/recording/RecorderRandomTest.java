package io.revfs.trace.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.revfs.object.Digest;
import io.revfs.trace.Deed;
import io.revfs.trace.Trace;
import io.revfs.trace.TracedPath;
import io.revfs.trace.journal.EventLog;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever is done, the trace says how the tree before differs from the tree after; also where
 * another process goes on in the midst of it.
 */
class RecorderRandomTest {
  private static final int ROUNDS = 60;
  private static final int STEPS = 60;
  private static final List<String> NAMES =
      List.of("a", "b", "c", "d/a", "d/b", "e/a", "e/d/a", "d", "e");

  @TempDir Path directory;

  @Test
  void traces_sayWhatChanged() throws IOException {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (Workspaces workspaces = Workspaces.open(directory.resolve("states"))) {
      for (int round = 0; round < ROUNDS; round++) {
        Path work = Files.createDirectory(directory.resolve("work" + round));
        check("seed " + seed + ", round " + round, work, workspaces, random);
      }
    }
  }

  private void check(String message, Path work, Workspaces workspaces, Random random)
      throws IOException {
    Files.createDirectories(work.resolve("d"));
    Files.createDirectories(work.resolve("e/d"));
    for (String name : List.of("a", "d/a", "d/b", "e/d/a")) {
      Files.writeString(work.resolve(name), name + random.nextInt());
    }
    Map<String, String> before = snapshot(work);
    Path journal = Files.createDirectory(work.resolveSibling(work.getFileName() + ".journal"));
    Recorder.Beginning beginning =
        new Recorder.Beginning("1", List.of("x"), work.toString(), "", "", Instant.now());
    EventLog events = EventLog.begin(journal);
    Recorder recorder = new Recorder(beginning, events);
    DirectoryFiles files = new DirectoryFiles(work, workspaces.reader());
    HeardDirectory heard = new HeardDirectory(work, recorder.workingCopy(files));
    for (String path : before.keySet()) {
      heard.stat(path); // so that the trace knows of all that a rename takes along
    }
    Map<String, String> read = new HashMap<>();
    List<String> steps = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      step(work, heard, before, read, random, steps);
      if (random.nextInt(STEPS / 2) == 0) {
        steps.add("another process");
        events.close(); // first: what is hashed from now on is lost
        recorder.close();
        int count = EventLog.count(journal);
        events = EventLog.begin(journal);
        recorder = new Recorder(beginning, events);
        heard = new HeardDirectory(work, recorder.workingCopy(files));
        recorder.replay(to -> EventLog.read(journal, count, to));
      }
    }
    Map<String, String> after = snapshot(work);
    Trace trace = recorder.end(0, "");
    recorder.close();
    events.close();
    compare(message + " " + steps, before, after, read, trace);
  }

  private static void step(
      Path work,
      HeardDirectory heard,
      Map<String, String> before,
      Map<String, String> read,
      Random random,
      List<String> steps)
      throws IOException {
    String path = NAMES.get(random.nextInt(NAMES.size()));
    String other = NAMES.get(random.nextInt(NAMES.size()));
    Path place = work.resolve(path);
    boolean parent = Files.isDirectory(place.getParent());
    boolean isFile = Files.isRegularFile(place);
    switch (random.nextInt(7)) {
      case 0 -> heard.stat(path);
      case 1 -> {
        if (isFile) {
          steps.add("read " + path);
          read.putIfAbsent(path, heard.read(path));
        }
      }
      case 2, 3 -> {
        if (parent && !Files.isDirectory(place)) {
          steps.add("write " + path);
          heard.write(path, path + random.nextInt());
        }
      }
      case 4 -> {
        if (parent && !Files.exists(place)) {
          steps.add("mkdir " + path);
          heard.makeDirectory(path);
        }
      }
      case 5 -> {
        if (isFile || (Files.isDirectory(place) && isEmpty(place))) {
          steps.add("delete " + path);
          heard.delete(path);
        }
      }
      default -> {
        Path target = work.resolve(other);
        boolean possible =
            Files.exists(place)
                && Files.isDirectory(target.getParent())
                && !target.startsWith(place)
                && (!Files.exists(target) || (isFile && Files.isRegularFile(target)));
        if (possible) {
          steps.add("rename " + path + " " + other);
          heard.rename(path, other);
        }
      }
    }
  }

  private static boolean isEmpty(Path place) throws IOException {
    try (Stream<Path> names = Files.list(place)) {
      return names.findAny().isEmpty();
    }
  }

  /** Contents by path; of directories "/". */
  private static Map<String, String> snapshot(Path work) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(work)) {
      for (Path path : paths.toList()) {
        if (!path.equals(work)) {
          all.put(
              work.relativize(path).toString(),
              Files.isDirectory(path) ? "/" : Files.readString(path));
        }
      }
    }
    return all;
  }

  private static void compare(
      String message,
      Map<String, String> before,
      Map<String, String> after,
      Map<String, String> read,
      Trace trace) {
    Map<String, TracedPath> told = new TreeMap<>();
    trace.paths().forEach(path -> told.put(path.path(), path));
    Map<String, String> all = new TreeMap<>(before);
    all.putAll(after);
    for (String path : all.keySet()) {
      String text = message + ": " + path;
      String was = before.get(path);
      String is = after.get(path);
      TracedPath of = told.get(path);
      assertEquals(was == null, of != null && of.has(Deed.CREATED), text);
      assertEquals(is == null, of != null && of.has(Deed.DELETED), text);
      if (is != null && !is.equals("/") && !is.equals(was)) {
        assertNotNull(of, text);
        assertEquals(Optional.of(RecorderTest.md5(is)), of.after(), text);
      }
      if (of != null && of.isInput() && of.before().isPresent()) {
        assertEquals(Optional.of(RecorderTest.md5(was)), of.before(), text);
      }
      if (was != null && was.equals(read.get(path))) {
        Optional<Digest> digest = of.before();
        assertEquals(Optional.of(RecorderTest.md5(was)), digest, text);
      }
    }
    for (TracedPath path : trace.paths()) {
      boolean there = all.containsKey(path.path());
      assertEquals(!there, path.has(Deed.ABSENT), message + ": " + path);
    }
  }
}
