package io.revfs.trace.run;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.revfs.fuse.Await;
import io.revfs.fuse.MemoryTree;
import io.revfs.fuse.Shell;
import io.revfs.fuse.keeper.DescriptorHolder;
import io.revfs.mount.KeptSessions;
import io.revfs.trace.Deed;
import io.revfs.trace.Listings;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceStore;
import io.revfs.trace.TracedPath;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs in real mount name spaces. */
class TracedRunTest {
  private static final String MD5 = "md5:0123456789abcdef0123456789abcdef";

  @TempDir Path directory;
  private MemoryTrees trees;
  private Workspaces workspaces;
  private TraceStore store;
  private KeptSessions kept;
  private TracedRuns runs;
  private Path root;

  @BeforeEach
  void open() throws IOException {
    assumeTrue(Shell.isRoot(), "mounting needs root");
    workspaces = Workspaces.open(directory.resolve("states"));
    trees = new MemoryTrees(workspaces.reader());
    store = TraceStore.open(directory.resolve("traces"), Duration.ZERO, Long.MAX_VALUE);
    kept = KeptSessions.open(directory.resolve("sessions"), DescriptorHolder.NONE, Map.of());
    runs = new TracedRuns(directory.resolve("runs"), trees, store, kept, Clock.systemUTC());
    root = Files.createDirectories(directory.resolve("work tree"));
    Files.createDirectory(root.resolve("sub"));
    trees
        .workingCopy
        .file("a", "content of a\n")
        .attribute("a", MemoryTrees.DIGEST, MD5.getBytes(US_ASCII))
        .file("sub/b", "content of b\n")
        .file("sub/c", "content of c\n")
        .file("program", "#!/bin/sh\ncat sub/c\n".getBytes(US_ASCII), true);
  }

  @AfterEach
  void close() throws Exception {
    runs.close();
    kept.close();
    store.close();
    workspaces.close();
    // The last process of each is gone, and that is heard.
    Await.until("directories of runs that are over go", () -> left().isEmpty());
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> left = Files.list(directory.resolve("runs"))) {
      return left.toList();
    }
  }

  /** What a run printed and left. */
  private record Outcome(Trace trace, String output) {}

  private Outcome run(String... command) throws Exception {
    return run("", Map.of(), command);
  }

  private Outcome run(String below, Map<String, String> environment, String... command)
      throws Exception {
    Path output = directory.resolve("output" + System.nanoTime());
    try (TracedRun run =
        runs.begin(new TracedRuns.Wanted(root, below, List.of(command), "c0ffee"))) {
      Process process = start(run, below, environment, output, command);
      assertTrue(process.waitFor(120, TimeUnit.SECONDS));
      return new Outcome(run.end(process.exitValue(), ""), Files.readString(output));
    }
  }

  private Process start(
      TracedRun run, String below, Map<String, String> environment, Path output, String... command)
      throws IOException {
    List<String> words = new ArrayList<>(run.launcher());
    words.addAll(List.of(command));
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(root.resolve(below).toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static TracedPath path(Trace trace, String path) {
    return trace.path(path).orElseThrow(() -> new AssertionError(path + " in " + trace.paths()));
  }

  @Test
  void whatIsReadListedAndLookedFor_isToldByPath() throws Exception {
    Outcome outcome =
        run("sh", "-c", "cat a; ls sub; [ -e missing ] || cat sub/b; test -e sub/c; exit 3");
    assertEquals("content of a\nb\nc\ncontent of b\n", outcome.output());
    Trace trace = outcome.trace();
    assertEquals(3, trace.exit());
    assertEquals("c0ffee", trace.commit());
    assertTrue(trace.isComplete());
    assertEquals(EnumSet.of(Deed.READ), path(trace, "a").deeds());
    assertEquals(Optional.of(MD5), path(trace, "a").before().map(Object::toString));
    assertEquals(EnumSet.of(Deed.READ), path(trace, "sub/b").deeds());
    assertEquals(EnumSet.of(Deed.STATTED), path(trace, "sub/c").deeds());
    assertEquals(EnumSet.of(Deed.ABSENT), path(trace, "missing").deeds());
    assertEquals(EnumSet.of(Deed.LISTED), path(trace, "sub").deeds());
    assertEquals(Optional.of(Listings.digest(List.of("b", "c"))), path(trace, "sub").listing());
    assertEquals(Optional.of(trace), store.get(trace.id()));
  }

  @Test
  void processes_areATree() throws Exception {
    Trace trace = run("sh", "-c", "cat a >/dev/null; (cat sub/b; true) | sort").trace();
    var first = trace.processes().getFirst();
    assertEquals(0, first.parent());
    assertEquals("sh", first.command().getFirst());
    var cat =
        trace.processes().stream()
            .filter(process -> process.command().equals(List.of("cat", "sub/b")))
            .findFirst()
            .orElseThrow(() -> new AssertionError(trace.processes().toString()));
    assertTrue(cat.executable().endsWith("/cat"), cat.executable());
    var between = trace.processes().stream().filter(each -> each.pid() == cat.parent()).findFirst();
    assertEquals(first.pid(), between.orElseThrow().parent());
  }

  @Test
  void aProgramOfTheWorkingCopy_isExecutedInIt() throws Exception {
    Outcome outcome = run("./program");
    assertEquals("content of c\n", outcome.output());
    assertTrue(path(outcome.trace(), "program").isInput());
    assertTrue(path(outcome.trace(), "sub/c").isInput());
  }

  @Test
  void directoryAndEnvironment_areTheCallers() throws Exception {
    Map<String, String> more = Map.of("SOME", "thing\nwith lines", "PWD", root + "/sub");
    Outcome outcome = run("sub", more, "env", "-0");
    Path output = directory.resolve("plain");
    ProcessBuilder plain =
        new ProcessBuilder("env", "-0")
            .directory(root.resolve("sub").toFile())
            .redirectOutput(output.toFile());
    plain.environment().putAll(more);
    assertEquals(0, plain.start().waitFor());
    assertEquals(
        Stream.of(Files.readString(output).split("\0")).sorted().toList(),
        Stream.of(outcome.output().split("\0")).sorted().toList());
    assertEquals(root + "/sub\n", run("sub", Map.of(), "pwd").output());
    assertEquals("sub", outcome.trace().directory());
  }

  @Test
  void aSignal_leavesATraceThatIsIncomplete() throws Exception {
    Trace trace = run("sh", "-c", "cat a; kill -9 $$").trace();
    assertEquals(137, trace.exit());
    assertFalse(trace.isComplete());
    assertTrue(trace.incomplete().contains("signal 9"), trace.incomplete());
    assertEquals(EnumSet.of(Deed.READ), path(trace, "a").deeds());
  }

  @Test
  void aCommandThatIsNotThere_isRecordedAndFails() throws Exception {
    Outcome outcome = run("no-such-command-anywhere");
    assertEquals(127, outcome.trace().exit());
  }

  @Test
  void runsAtTheSameTime_doNotMix() throws Exception {
    Path output = directory.resolve("output");
    try (TracedRun one = runs.begin(new TracedRuns.Wanted(root, "", List.of("1"), ""));
        TracedRun two = runs.begin(new TracedRuns.Wanted(root, "", List.of("2"), ""))) {
      Process first = start(one, "", Map.of(), output, "sh", "-c", "cat a; cat");
      Process second = start(two, "", Map.of(), output, "cat", "sub/b");
      assertEquals(0, second.waitFor());
      first.getOutputStream().close();
      assertEquals(0, first.waitFor());
      Trace traceOfOne = one.end(0, "");
      Trace traceOfTwo = two.end(0, "");
      assertTrue(traceOfOne.path("sub/b").isEmpty());
      assertTrue(traceOfTwo.path("a").isEmpty());
    }
  }

  @Test
  void nobodyElse_seesTheMount() throws Exception {
    Files.writeString(root.resolve("below"), "real", StandardOpenOption.CREATE);
    try (TracedRun run = runs.begin(new TracedRuns.Wanted(root, "", List.of("cat"), ""))) {
      Process process = start(run, "", Map.of(), directory.resolve("output"), "cat");
      String mounts = Shell.run(directory, "cat /proc/self/mountinfo").output();
      assertFalse(mounts.contains(directory + "/work\\040tree"), mounts);
      assertEquals("real", Shell.run(root, "cat below").output());
      process.getOutputStream().close();
      assertEquals(0, process.waitFor());
      assertTrue(run.end(0, "").path("below").isEmpty());
    }
  }

  @Test
  void mountsOfRevisions_areRecordedApart() throws Exception {
    checkRevisions(Files.createDirectory(directory.resolve("repo")));
  }

  @Test
  void aMountOfRevisionsInTheWorkingCopy_isRecordedApartToo() throws Exception {
    trees.workingCopy.directory("mnt");
    checkRevisions(Files.createDirectory(root.resolve("mnt")));
  }

  private void checkRevisions(Path mount) throws Exception {
    MemoryTree revisions =
        new MemoryTree()
            .file("commits/1/data", "old data\n")
            .attribute("commits/1/data", "user.revfs.digest", MD5.getBytes(US_ASCII))
            .link("current", "commits/1");
    trees.revisions.add(new SessionTrees.Revisions(mount, revisions));
    Outcome outcome = run("cat", mount + "/current/data", "a");
    assertEquals("old data\ncontent of a\n", outcome.output());
    assertEquals(
        List.of("a"),
        outcome.trace().paths().stream()
            .filter(TracedPath::isInput)
            .map(TracedPath::path)
            .toList());
    TracedPath data =
        outcome.trace().outside().stream()
            .filter(path -> path.path().equals(mount + "/commits/1/data"))
            .findFirst()
            .orElseThrow();
    assertEquals(Optional.of(MD5), data.before().map(Object::toString));
    assertEquals(EnumSet.of(Deed.READ), data.deeds());
  }

  @Test
  void filesOutside_areToldApart_byWhatTheyAreInTheEnd() throws Exception {
    Path out = Files.createDirectory(directory.resolve("outside"));
    Files.writeString(out.resolve("in"), "read\n");
    Files.writeString(out.resolve("both"), "read and written\n");
    Files.writeString(out.resolve("old"), "overwritten\n");
    Files.writeString(out.resolve("gone"), "deleted\n");
    Files.writeString(out.resolve("script"), "#!/bin/sh\n:\n");
    assertTrue(out.resolve("script").toFile().setExecutable(true));
    Path listed = Files.createDirectory(out.resolve("listed"));
    Files.writeString(Files.createDirectory(listed.resolve("sub")).resolve("x"), "");
    Files.writeString(listed.resolve("name"), "");
    String script =
        "cd %s; cat in <both >/dev/null; echo more >>both; echo new >old; echo x >gone; rm gone;"
            + " echo a >temporary; cat temporary >second; rm temporary; mv second renamed;"
            + " ls listed; ./script";
    Trace trace = run("sh", "-c", script.formatted(out)).trace();
    assertEquals("", trace.outsideGap());
    Map<String, EnumSet<Deed>> told = new java.util.TreeMap<>();
    for (TracedPath path : trace.outside()) {
      if (path.path().startsWith(out + "/")) {
        told.put(path.path().substring(out.toString().length() + 1), EnumSet.copyOf(path.deeds()));
      }
    }
    assertEquals(
        Map.of(
            "in", EnumSet.of(Deed.READ),
            "both", EnumSet.of(Deed.READ, Deed.WRITTEN),
            "old", EnumSet.of(Deed.WRITTEN),
            "gone", EnumSet.of(Deed.DELETED),
            "renamed", EnumSet.of(Deed.CREATED, Deed.WRITTEN),
            "listed", EnumSet.of(Deed.LISTED),
            "script", EnumSet.of(Deed.EXECUTED)),
        told);
    assertEquals(
        Optional.of(Listings.digest(List.of("sub/", "name"))),
        trace.outside().stream()
            .filter(path -> path.path().equals(listed.toString()))
            .findFirst()
            .orElseThrow()
            .listing());
    assertTrue(
        trace.outside().stream()
            .anyMatch(path -> path.path().endsWith("/cat") && path.has(Deed.EXECUTED)));
    assertTrue(trace.path("a").isEmpty());
  }

  @Test
  void whatOthersDoOutsideMeanwhile_isNotToldOf() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "x");
    try (TracedRun run = runs.begin(new TracedRuns.Wanted(root, "", List.of("cat"), ""))) {
      Process process = start(run, "", Map.of(), directory.resolve("output"), "cat", "-", "a");
      while (Shell.run(directory, "cat file; pgrep -f -x 'cat - a'").exit() != 0) {
        Thread.onSpinWait();
      }
      process.getOutputStream().close();
      assertEquals(0, process.waitFor());
      Trace trace = run.end(0, "");
      assertTrue(trace.outside().stream().noneMatch(path -> path.path().equals(file.toString())));
    }
  }

  @Test
  void whereTheSystemRefusesNameSpaces_thatIsFoundBeforeTheCommand() throws Exception {
    Path refusing =
        Files.writeString(directory.resolve("refusing"), "#!/bin/sh\necho no >&2; exit 1\n");
    assertTrue(refusing.toFile().setExecutable(true));
    try (TracedRuns others =
        new TracedRuns(
            directory.resolve("runs"),
            trees,
            store,
            kept,
            Clock.systemUTC(),
            new NameSpaces(refusing.toString()))) {
      NotRecordedException e =
          assertThrows(
              NotRecordedException.class,
              () -> others.begin(new TracedRuns.Wanted(root, "", List.of("x"), "")));
      assertTrue(e.getMessage().endsWith("not started: no"), e.getMessage());
      assertTrue(e.whatToDo().contains("revfs attach"), e.whatToDo());
    }
  }

  @Test
  void whereNoNameSpaceIsAllowed_nothingRuns_andThatIsSaid() throws Exception {
    Path bin = Files.createDirectory(directory.resolve("bin"));
    Files.writeString(
        bin.resolve("unshare"), "#!/bin/sh\necho 'Operation not permitted' >&2\nexit 1\n");
    assertTrue(bin.resolve("unshare").toFile().setExecutable(true));
    try (TracedRun run = runs.begin(new TracedRuns.Wanted(root, "", List.of("touch"), ""))) {
      List<String> words = new ArrayList<>(run.launcher());
      words.addAll(List.of("touch", directory.resolve("ran").toString()));
      words.set(0, bin.resolve("unshare").toString());
      Process process = new ProcessBuilder(words).directory(root.toFile()).start();
      int exit = process.waitFor();
      NotRecordedException e = assertThrows(NotRecordedException.class, () -> run.end(exit, ""));
      assertTrue(e.getMessage().contains("allows no mount name space"), e.getMessage());
      assertFalse(Files.exists(directory.resolve("ran")));
    }
    assertEquals(List.of(), store.list(""));
  }

  @Test
  void theEndOfTheDaemon_endsTheRecord() throws Exception {
    try (TracedRun run = runs.begin(new TracedRuns.Wanted(root, "", List.of("cat"), ""))) {
      Process process =
          start(run, "", Map.of(), directory.resolve("output"), "sh", "-c", "cat a; cat");
      while (!Files.exists(directory.resolve("output"))
          || Files.size(directory.resolve("output")) == 0) {
        Thread.onSpinWait();
      }
      runs.close();
      process.getOutputStream().close();
      assertEquals(0, process.waitFor());
    }
    assertEquals("the daemon was stopped", store.list("").getFirst().incomplete());
  }
}
