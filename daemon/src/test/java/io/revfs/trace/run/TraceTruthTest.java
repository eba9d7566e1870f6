package io.revfs.trace.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.revfs.fuse.Shell;
import io.revfs.trace.Deed;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceStore;
import io.revfs.trace.TracedPath;
import io.revfs.workingcopy.Unmounted;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Traces of real programs say of files what strace says of them. */
class TraceTruthTest {
  @TempDir Path directory;
  private Workspaces workspaces;
  private TraceStore store;
  private TracedRuns runs;

  /** A program, and what it finds. */
  enum Program {
    C_BUILD(
        """
        mkdir src include
        for i in 1 2 3 4; do echo "int h$i(void);" >include/h$i.h; done
        for i in 1 2 3 4; do printf '#include "h%s.h"\\nint h%s(void) { return %s; }\\n' $i $i $i >src/h$i.c; done
        printf '#include "h1.h"\\nint main(void) { return h1() - 1; }\\n' >src/main.c
        printf 'build/p: $(patsubst src/%%.c,build/%%.o,$(wildcard src/*.c))\\n\\tcc -o $@ $^\\n' >Makefile
        printf 'build/%%.o: src/%%.c\\n\\tmkdir -p build; cc -Imissing -Iinclude -c -o $@ $<\\n' >>Makefile
        """,
        "make -s -j2 && ./build/p"),
    PYTHON(
        """
        mkdir lib; echo 'import lib.other' >lib/__init__.py; echo 'VALUE = 3' >lib/other.py
        seq 1000 >data.csv
        cat >main.py <<'X'
        import json, lib.other
        total = sum(int(line) for line in open("data.csv")) * lib.other.VALUE
        json.dump({"total": total}, open("result.json", "w"))
        X
        """,
        "PYTHONDONTWRITEBYTECODE= python3 main.py"),
    TAR(
        "mkdir -p tree/a tree/b; for i in 1 2 3; do seq $i >tree/a/$i; seq $i >tree/b/$i; done",
        "tar cf all.tar tree && mkdir out && tar xf all.tar -C out && rm -r tree/b"),
    GIT(
        """
        git init -q -b main . && git config user.name n && git config user.email e@example.com
        for i in 1 2 3; do seq $i >f$i; done; git add f1 && git commit -qm one
        """,
        "git add f2 f3 && git commit -qm two && git rm -q f1 && git status -s >status"),
    SORT(
        "seq 60000 | sort -R --random-source=/dev/zero >lines",
        "sort -S 64K -T . --parallel=1 -o sorted lines && sort -o lines lines"),
    PIPELINE(
        "seq 1000 >numbers; seq 500 900 >more",
        "cat numbers more | grep 7 | sort -n | tee all | uniq >some; head -1 <all >first"),
    MAPPING(
        """
        seq 1000 >mapped; seq 100 >changed
        cat >map.py <<'X'
        import mmap
        with open("mapped", "rb") as f:
            total = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)[:]
        with open("changed", "r+b") as f:
            m = mmap.mmap(f.fileno(), 0); m[0:2] = b"XX"; m.flush(); m.close()
        X
        """,
        "python3 map.py"),
    FORKING(
        """
        echo in >input
        cat >fork.py <<'X'
        import os
        with open("input") as f:
            text = f.read()
        if os.fork() == 0:
            with open("child", "w") as f:
                f.write(text)
            os._exit(0)
        os.wait()
        with open("child") as f:
            open("parent", "w").write(f.read())
        X
        """,
        "python3 fork.py"),
    REPLACING(
        """
        mkdir -p old/deep; seq 3 >old/deep/file; seq 5 >text; seq 4 >gone; seq 6 >moved; seq 7 >copied
        """,
        """
        sed -i s/3/three/ text; rm gone; mv moved renamed; cp copied copy; ln copied linked
        ln -s copied symbolic; mkdir fresh; seq 2 >fresh/x; mv fresh final; mv old new
        touch -d 2020-01-01 renamed; truncate -s 1 copy
        """);

    final String preparation;
    final String command;

    Program(String preparation, String command) {
      this.preparation = preparation;
      this.command = command;
    }
  }

  @BeforeEach
  void open() throws IOException {
    assumeTrue(Shell.isRoot(), "mounting needs root");
    workspaces = Workspaces.open(directory.resolve("states"));
    store = TraceStore.open(directory.resolve("traces"), Duration.ZERO, Long.MAX_VALUE);
    SessionTrees trees =
        new WorkingCopyTrees(
            workspaces.reader(), top -> Optional.empty(), Unmounted.NONE, List::of);
    runs = new TracedRuns(directory.resolve("runs"), trees, store, Clock.systemUTC());
  }

  @AfterEach
  void close() {
    runs.close();
    store.close();
    workspaces.close();
  }

  @ParameterizedTest
  @EnumSource
  void readsAndWrites_areThoseOfStrace(Program program) throws Exception {
    Path prepared = Files.createDirectory(directory.resolve("prepared"));
    shell(prepared, program.preparation);
    // Git looks into files that are as young as its index.
    shell(prepared, "find . -exec touch -h -d 2020-01-01 {} +; git update-index -q --refresh || :");
    Path plain = copy(prepared, "plain/root");
    Path recorded = copy(prepared, "recorded/root");
    TreeSet<String> before = files(plain);

    Path log = directory.resolve("strace");
    List<String> strace =
        List.of("strace", "-ff", "-ttt", "-y", "-s", "4096", "-o", log.toString());
    String script = script(program);
    start(plain, strace, script);
    TreeSet<String> after = files(plain);
    StraceLog truth = StraceLog.read(log, plain, before);

    Trace trace;
    try (TracedRun run =
        runs.begin(new TracedRuns.Wanted(recorded, "", List.of("bash", "-c", script), ""))) {
      trace = run.end(start(recorded, run.launcher(), script), "");
    }
    assertEquals(after, files(recorded), "the run did the same");
    assertTrue(trace.isComplete(), trace.incomplete());

    truth.read.retainAll(before); // what the run made itself it may read as it likes
    assertEquals(
        truth.read, paths(trace, path -> before.contains(path.path()) && isRead(path)), "read");
    truth.written.retainAll(after);
    assertEquals(truth.written, paths(trace, TracedPath::isOutput), "written");
    TreeSet<String> gone = new TreeSet<>(before);
    gone.removeAll(after);
    gone.removeIf(path -> wentAlong(trace, path, each -> each.has(Deed.RENAMED)));
    TreeSet<String> deleted = paths(trace, path -> path.has(Deed.DELETED));
    deleted.retainAll(before);
    assertEquals(gone, deleted, "deleted");
    TreeSet<String> made = new TreeSet<>(after);
    made.removeAll(before);
    made.removeIf(path -> wentAlong(trace, path, each -> !each.from().isEmpty()));
    TreeSet<String> created = paths(trace, path -> path.has(Deed.CREATED));
    created.removeIf(path -> Files.isDirectory(recorded.resolve(path), LinkOption.NOFOLLOW_LINKS));
    assertEquals(made, created, "created");
  }

  /** Whether a directory above was renamed, which the trace tells of that directory. */
  private static boolean wentAlong(Trace trace, String path, Predicate<TracedPath> renamed) {
    return trace.paths().stream()
        .anyMatch(each -> path.startsWith(each.path() + "/") && renamed.test(each));
  }

  private static boolean isRead(TracedPath path) {
    return path.has(Deed.READ) || path.has(Deed.EXECUTED);
  }

  private static TreeSet<String> paths(Trace trace, Predicate<TracedPath> wanted) {
    TreeSet<String> paths = new TreeSet<>();
    trace.paths().stream().filter(wanted).forEach(path -> paths.add(path.path()));
    return paths;
  }

  private static String script(Program program) {
    return "export GIT_AUTHOR_DATE='2020-02-02 00:00:00 +0000' GIT_COMMITTER_DATE='2020-02-02"
        + " 00:00:00 +0000' GIT_CONFIG_NOSYSTEM=1 LC_ALL=C\n"
        + program.command;
  }

  private Path copy(Path prepared, String name) throws IOException {
    Path place = directory.resolve(name);
    Files.createDirectories(place.getParent());
    shell(directory, "cp -a " + prepared + " " + place);
    return place;
  }

  private static void shell(Path place, String script) throws IOException {
    Shell.Result result = Shell.run(place, script);
    assertEquals(0, result.exit(), result.output());
  }

  private int start(Path root, List<String> launcher, String script) throws Exception {
    List<String> words = new ArrayList<>(launcher);
    words.addAll(List.of("bash", "-c", script));
    Path output = directory.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    Process process = builder.start();
    assertTrue(process.waitFor(120, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), Files.readString(output));
    return process.exitValue();
  }

  /** What is there but directories. */
  private static TreeSet<String> files(Path root) throws IOException {
    TreeSet<String> all = new TreeSet<>();
    try (Stream<Path> paths = Files.walk(root)) {
      paths
          .filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
          .forEach(path -> all.add(root.relativize(path).toString()));
    }
    return all;
  }
}
