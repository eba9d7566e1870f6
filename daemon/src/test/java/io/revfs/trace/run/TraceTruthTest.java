package io.revfs.trace.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.fuse.MountOptions;
import io.revfs.fuse.Shell;
import io.revfs.fuse.keeper.DescriptorHolder;
import io.revfs.mount.AttachedCopies;
import io.revfs.mount.KeptSessions;
import io.revfs.testing.OpenRepositories;
import io.revfs.trace.Deed;
import io.revfs.trace.Listings;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceJson;
import io.revfs.trace.TraceStore;
import io.revfs.trace.TracedPath;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Traces of real programs say of files what strace says of them. */
class TraceTruthTest {
  /** What programs do, each found out once. */
  private static final Map<Program, Truth> TRUTHS = new EnumMap<>(Program.class);

  @TempDir static Path shared;
  @TempDir Path directory;
  private Workspaces workspaces;
  private TraceStore store;
  private KeptSessions kept;
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
    LOOKING(
        """
        mkdir -p d/deep never; for i in 1 2 3 4 5 6 7 8 9; do seq $i >d/$i; done; seq 9 >d/deep/x
        seq 3 >read; ln -s d/9 symbolic; seq 4 >asked; seq 5 >made; seq 6 >never/a; seq 7 >mode
        seq 8 >newer; printf 'made: asked\\n\\tcp asked made\\n' >Makefile
        """,
        """
        ls d >/dev/null; ls never >/dev/null; stat d/1 >/dev/null; test -e d/2; [ -r d/3 ]
        ls -l d/deep >listing; stat -L symbolic >/dev/null; readlink symbolic >target; cat read
        touch -d 2020-01-02 made; make -s; find d/deep -newer newer -name z; chmod 640 mode
        python3 -c 'import os; os.access("d/4", os.R_OK); os.stat("d/5"); os.path.exists("no")'
        ls d | wc -l; du -s d/deep >usage; cat d/7
        """),
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
        new WorkingCopyTrees(workspaces.reader(), top -> Optional.empty(), List::of);
    kept = KeptSessions.open(directory.resolve("sessions"), DescriptorHolder.NONE, Map.of());
    runs = new TracedRuns(directory.resolve("runs"), trees, store, kept, Clock.systemUTC());
  }

  @AfterEach
  void close() {
    runs.close();
    kept.close();
    store.close();
    workspaces.close();
  }

  /** What a program does, as strace saw it. */
  private record Truth(
      Path prepared, TreeSet<String> before, TreeSet<String> after, StraceLog strace) {}

  /** Lets a program run under strace. */
  private Truth truth(Program program) throws Exception {
    Truth known = TRUTHS.get(program);
    if (known != null) {
      return known;
    }
    Path own = Files.createDirectories(shared.resolve(program.name()));
    Path prepared = Files.createDirectory(own.resolve("prepared"));
    shell(prepared, program.preparation);
    // Git looks into files that are as young as its index.
    shell(
        prepared,
        "find . -exec touch -h -d 2020-01-01 {} +; [ ! -d .git ] || git update-index -q --refresh");
    Path plain = copy(prepared, own.resolve("plain"));
    TreeSet<String> before = files(plain);
    Path log = own.resolve("strace");
    List<String> words = List.of("strace", "-ff", "-ttt", "-y", "-s", "4096", "-o", log.toString());
    start(plain, words, script(program));
    StraceLog strace = StraceLog.read(log, plain, prepared, before);
    Truth truth = new Truth(prepared, before, files(plain), strace);
    TRUTHS.put(program, truth);
    return truth;
  }

  @ParameterizedTest
  @EnumSource
  void readsAndWrites_areThoseOfStrace(Program program) throws Exception {
    Truth truth = truth(program);
    Path recorded = copy(truth.prepared(), directory.resolve("recorded"));
    Trace trace = record(runs, recorded, "", program);
    compare(truth, "", trace, files(recorded));

    Path copy = Files.createDirectory(directory.resolve("copy"));
    copy(truth.prepared(), copy.resolve("root"));
    try (OpenRepositories open = OpenRepositories.open(directory.resolve("repositories"));
        AttachedCopies copies =
            new AttachedCopies(
                open.repositories(),
                open.cache(),
                workspaces.reader(),
                kept,
                directory.resolve("state"));
        TracedRuns own = runs(copies, new NameSpaces("unshare"));
        TracedRuns refused = runs(copies, new NameSpaces("false"))) {
      shell(copy, "git init -q");
      copies.attach(copy, MountOptions.Backend.AUTO);
      Trace inCopy = record(own, copy, "root", program);
      copies.detach(copy, false);
      compare(truth, "root/", inCopy, files(copy.resolve("root")));

      shell(copy, "rm -r root");
      copy(truth.prepared(), copy.resolve("root"));
      copies.attach(copy, MountOptions.Backend.AUTO);
      Trace heard = record(refused, copy, "root", program);
      copies.detach(copy, false);
      compare(truth, "root/", heard, files(copy.resolve("root")));
    }
  }

  private TracedRuns runs(AttachedCopies copies, NameSpaces nameSpaces) {
    SessionTrees trees = new WorkingCopyTrees(workspaces.reader(), copies::served, List::of);
    return new TracedRuns(
        directory.resolve("runs"), trees, store, kept, Clock.systemUTC(), nameSpaces);
  }

  private Trace record(TracedRuns by, Path root, String below, Program program) throws Exception {
    List<String> command = List.of("bash", "-c", script(program));
    try (TracedRun run = by.begin(new TracedRuns.Wanted(root, below, command, ""))) {
      return run.end(start(root.resolve(below), run.launcher(), script(program)), "");
    }
  }

  @Test
  void anOrdinaryUsersTraces_areThoseOfStraceToo() throws Exception {
    shell(directory, "chmod 711 . && mkdir user");
    List<Truth> truths = new ArrayList<>();
    List<String> words = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534"));
    words.addAll(List.of("--clear-groups", "--inh-caps=-all,+dac_read_search"));
    words.add("--ambient-caps=-all,+dac_read_search"); // the class path may be another's
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of(System.getProperty("revfs.jvm.flags").split(" ")));
    words.addAll(List.of("-cp", System.getProperty("java.class.path")));
    words.addAll(List.of(RecordingUser.class.getName(), directory.resolve("user").toString()));
    for (Program program : Program.values()) {
      truths.add(truth(program));
      copy(truths.getLast().prepared(), directory.resolve("user").resolve(program.name()));
      words.addAll(List.of(program.name(), script(program)));
    }
    shell(directory, "chown -R 65534:65534 user");
    Path output = directory.resolve("said");
    Process process =
        new ProcessBuilder(words)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertTrue(process.waitFor(300, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), Files.readString(output));
    for (int i = 0; i < truths.size(); i++) {
      String name = Program.values()[i].name();
      Path json = directory.resolve("user").resolve(name + ".json");
      Trace trace = TraceJson.read(new ObjectMapper().readTree(json.toFile()));
      compare(truths.get(i), "", trace, files(directory.resolve("user").resolve(name)));
    }
  }

  /** {@code prefix}: what the trace's paths have before those of strace. */
  private static void compare(Truth truth, String prefix, Trace whole, TreeSet<String> left) {
    assertEquals(truth.after(), left, "the run did the same");
    assertTrue(whole.isComplete(), whole.incomplete());
    List<TracedPath> trace = below(prefix, whole);
    TreeSet<String> before = truth.before();
    TreeSet<String> after = truth.after();

    TreeSet<String> read = new TreeSet<>(truth.strace().read);
    read.retainAll(before); // what the run made itself it may read as it likes
    assertEquals(read, paths(trace, path -> before.contains(path.path()) && isRead(path)), "read");
    TreeSet<String> written = new TreeSet<>(truth.strace().written);
    written.retainAll(after);
    assertEquals(written, paths(trace, TracedPath::isOutput), "written");
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
    created.retainAll(after); // no directories
    assertEquals(made, created, "created");
    TreeSet<String> executed = new TreeSet<>(truth.strace().executed);
    executed.retainAll(before);
    TreeSet<String> told = paths(trace, path -> path.has(Deed.EXECUTED));
    told.retainAll(before);
    assertEquals(executed, told, "executed");
    assertEquals(onlyLooked(truth), paths(trace, path -> isOnlyLooked(before, path)), "looked at");
    TreeSet<String> missed = new TreeSet<>(truth.strace().missed);
    missed.removeIf(path -> isThere(after, path));
    TreeSet<String> absent = paths(trace, path -> path.has(Deed.ABSENT));
    assertTrue(absent.containsAll(missed), "looked for in vain: " + missed + " in " + absent);
    checkListings(truth, trace);
  }

  /** What was there before, and was asked for by name and neither opened nor changed. */
  private static TreeSet<String> onlyLooked(Truth truth) {
    TreeSet<String> looked = new TreeSet<>(truth.strace().looked);
    looked.retainAll(truth.before());
    looked.retainAll(truth.after());
    looked.removeAll(truth.strace().read);
    looked.removeAll(truth.strace().written);
    looked.removeAll(truth.strace().attributes);
    looked.removeIf(path -> Files.isSymbolicLink(truth.prepared().resolve(path)));
    return looked;
  }

  private static boolean isOnlyLooked(TreeSet<String> before, TracedPath path) {
    return before.contains(path.path()) && path.deeds().equals(EnumSet.of(Deed.STATTED));
  }

  private static boolean isThere(TreeSet<String> all, String path) {
    return all.contains(path) || all.stream().anyMatch(each -> each.startsWith(path + "/"));
  }

  /** Opening a directory counts as listing it, so there may be more. */
  private static void checkListings(Truth truth, List<TracedPath> trace) {
    TreeSet<String> directories = new TreeSet<>(List.of(""));
    for (String path : truth.before()) {
      for (int at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
        directories.add(path.substring(0, at));
      }
    }
    TreeSet<String> listed = new TreeSet<>(truth.strace().listed);
    listed.retainAll(directories);
    TreeSet<String> told = paths(trace, path -> path.has(Deed.LISTED));
    assertTrue(told.containsAll(listed), "listed: " + listed + " in " + told);
    for (TracedPath path : trace) {
      if (listed.contains(path.path()) && path.listing().isPresent()) {
        assertEquals(Listings.digest(names(truth, path.path())), path.listing().get(), "" + path);
      }
    }
  }

  private static TreeSet<String> names(Truth truth, String directory) {
    TreeSet<String> names = new TreeSet<>();
    try (Stream<Path> all = Files.list(truth.prepared().resolve(directory))) {
      all.forEach(
          each ->
              names.add(
                  each.getFileName()
                      + (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS) ? "/" : "")));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return names;
  }

  /** Returns what is told of paths below a directory, from there. */
  private static List<TracedPath> below(String prefix, Trace trace) {
    List<TracedPath> found = new ArrayList<>();
    for (TracedPath path : trace.paths()) {
      boolean itself = (path.path() + "/").equals(prefix);
      if (itself || path.path().startsWith(prefix)) {
        String from = path.from().startsWith(prefix) ? path.from() : "";
        found.add(
            new TracedPath(
                itself ? "" : path.path().substring(prefix.length()),
                path.deeds(),
                path.before(),
                path.after(),
                path.listing(),
                from,
                path.processes(),
                path.firstMillis()));
      }
    }
    return found;
  }

  /** Whether a directory above was renamed, which the trace tells of that directory. */
  private static boolean wentAlong(
      List<TracedPath> trace, String path, Predicate<TracedPath> renamed) {
    return trace.stream()
        .anyMatch(each -> path.startsWith(each.path() + "/") && renamed.test(each));
  }

  private static boolean isRead(TracedPath path) {
    return path.has(Deed.READ) || path.has(Deed.EXECUTED);
  }

  private static TreeSet<String> paths(List<TracedPath> trace, Predicate<TracedPath> wanted) {
    TreeSet<String> paths = new TreeSet<>();
    trace.stream().filter(wanted).forEach(path -> paths.add(path.path()));
    return paths;
  }

  private static String script(Program program) {
    return "export PATH=/usr/bin:/bin GIT_AUTHOR_DATE='2020-02-02 00:00:00 +0000'"
        + " GIT_COMMITTER_DATE='2020-02-02 00:00:00 +0000' GIT_CONFIG_NOSYSTEM=1 LC_ALL=C\n"
        + program.command;
  }

  private Path copy(Path prepared, Path place) throws IOException {
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
    assertTrue(process.waitFor(300, TimeUnit.SECONDS));
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
