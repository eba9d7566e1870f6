package io.revfs.cli.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.cli.replay.Playground;
import io.revfs.cli.replay.Playground.Outcome;
import io.revfs.fuse.Shell;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Experiments that run beside the work tree see all data, and only what they read is fetched. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExperimentViewsIT {
  private static final int FILES = 64;
  private static final long FILE_BYTES = 16L << 30;
  private static final ObjectMapper JSON = new ObjectMapper();

  private Path directory = Path.of("");
  private @Nullable Playground playground;

  /** Returns how many run at once; scripts/bench has 32. */
  int experiments() {
    return 8;
  }

  /** Returns whose daemon it is; empty: root's. */
  OptionalInt user() {
    return OptionalInt.empty();
  }

  /** Called when a project is made and committed, in its directory. */
  void begin(Path copy) throws IOException {}

  @BeforeAll
  void begin(@TempDir Path shared, TestInfo unused) throws IOException {
    assumeTrue(Shell.isRoot(), "mounting needs root");
    directory = shared;
    playground = new Playground(directory, user());
  }

  @AfterAll
  void end() throws IOException {
    if (playground != null) {
      playground.close();
    }
  }

  final Playground playground() {
    return Objects.requireNonNull(playground);
  }

  private Outcome ok(Path copy, String... words) throws IOException {
    Outcome outcome = playground().dvc(copy, ".", List.of(words));
    assertEquals(0, outcome.exit(), () -> List.of(words) + " " + outcome);
    return outcome;
  }

  final String sh(Path copy, String script) throws IOException {
    Outcome outcome = playground().run(copy.resolve("repo"), script);
    assertEquals(0, outcome.exit(), outcome::toString);
    return outcome.out().strip();
  }

  final Path project(String name) throws IOException {
    Path copy = Files.createDirectories(directory.resolve(name));
    Files.createDirectories(copy.resolve("repo"));
    playground().give(copy);
    return copy;
  }

  /**
   * A project with a terabyte of data that only the remote has: files of a size that nobody could
   * copy, as they are holes. Nobody reads one to its end, so nobody finds that its digest is wrong.
   */
  private Path terabyte() throws IOException {
    Path copy = project("terabyte");
    Path repository = copy.resolve("repo");
    Path remote = directory.resolve("remote/files/md5");
    String unused =
        sh(copy, "git init -q -b main && dvc init -q && dvc remote add -q -d r ../../remote");
    StringBuilder manifest = new StringBuilder("[");
    for (int i = 0; i < FILES; i++) {
      String digest = "%032x".formatted(0xabc0000L + i);
      Path object = remote.resolve(digest.substring(0, 2)).resolve(digest.substring(2));
      Files.createDirectories(object.getParent());
      try (FileChannel file =
          FileChannel.open(object, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        file.write(java.nio.ByteBuffer.wrap(("file " + i + "\n").getBytes()), 0);
        file.write(java.nio.ByteBuffer.wrap(new byte[1]), FILE_BYTES - 1);
      }
      manifest.append(i == 0 ? "" : ", ");
      manifest.append("{\"md5\": \"%s\", \"relpath\": \"f%02d\"}".formatted(digest, i));
    }
    Path list = directory.resolve("list");
    Files.writeString(list, manifest.append("]"));
    String digest = sh(copy, "md5sum < " + list).substring(0, 32);
    Path there = remote.resolve(digest.substring(0, 2)).resolve(digest.substring(2) + ".dir");
    Files.createDirectories(there.getParent());
    Files.copy(list, there);
    Files.writeString(
        repository.resolve("data.dvc"),
        "outs:\n- md5: %s.dir\n  size: %d\n  nfiles: %d\n  hash: md5\n  path: data\n"
            .formatted(digest, FILES * FILE_BYTES, FILES));
    Files.writeString(repository.resolve("params.yaml"), "n: 0\n");
    Files.writeString(
        repository.resolve("dvc.yaml"),
        """
        stages:
          read:
            cmd:
            - ls data | wc -l > seen
            - head -c 7 data/f07 > head
            - paste -d' ' seen head params.yaml > out
            deps: [data]
            params: [n]
            outs: [out]
          next:
            cmd: mkdir -p more && cp out more/copy
            deps: [out]
            outs: [more]
        """);
    Files.writeString(repository.resolve(".gitignore"), "/data\n/seen\n/head\n");
    playground().give(copy);
    unused = sh(copy, "git add -A && git commit -qm base");
    begin(copy);
    return copy;
  }

  /** By a process that may look into the mount; nothing that is not there is in it. */
  final List<String> names(Path copy, String place) throws IOException {
    return sh(copy, "test ! -d %1$s || find %1$s -type f -printf '%%P\\n'".formatted(place))
        .lines()
        .toList();
  }

  @Test
  void aTerabyte_isSeenByAll_andFetchedAsFarAsItIsRead() throws IOException {
    Path copy = terabyte();
    Outcome unused =
        ok(copy, "exp", "run", "--queue", "-n", "t", "-S", "n=range(0," + experiments() + ")");
    Outcome all = ok(copy, "exp", "run", "--run-all", "-j", "8");
    assertFalse((all.out() + all.err()).contains("linked"), all::toString);
    List<String> names = ok(copy, "exp", "list", "--name-only").out().lines().sorted().toList();
    assertEquals(experiments(), names.size(), names.toString());
    String lock = sh(copy, "git show $(dvc exp list --sha-only | head -1):dvc.lock");
    assertTrue(lock.contains("size: " + FILES * FILE_BYTES), lock);
    assertTrue(lock.contains("nfiles: " + FILES), lock);
    String made = sh(copy, "dvc get -q . more/copy --rev t-2 -o ../made && tr '\\n' ' ' < ../made");
    assertEquals("64 file 7 n: 1", made);

    Path cache = directory.resolve("home/.cache/revfs");
    List<String> partial = names(copy, cache.resolve("partial").toString());
    assertEquals(1, partial.size(), partial.toString());
    assertTrue(partial.getFirst().replace("/", "").contains("abc0007"), partial.toString());
    List<String> own = names(copy, ".dvc/cache");
    assertFalse(own.stream().anyMatch(name -> name.contains("abc0")), own.toString());
    String used = sh(copy, "du -sm " + cache + " | cut -f1");
    assertTrue(Integer.parseInt(used) < 512, used + " MB");
    assertEquals(List.of(), names(copy, ".dvc/tmp/exps/views"));
    assertEquals("", sh(copy, "git status --porcelain"));

    JsonNode traces = JSON.readTree(sh(copy, "revfs trace show t-2 --json"));
    List<String> read = new ArrayList<>();
    traces
        .get(0)
        .path("paths")
        .forEach(
            path -> {
              if (path.path("path").asText().startsWith("data/") && path.has("before")) {
                read.add(path.path("path").asText());
              }
            });
    assertEquals(2, traces.size(), "a trace for each stage");
    assertEquals(List.of("data/f07"), read, traces.toString());
  }

  @Test
  void whatStagesWriteAndDelete_staysInTheirView() throws IOException {
    Path copy = project("small");
    String unused =
        sh(
            copy,
            "git init -q -b main && dvc init -q && dvc remote add -q -d r ../remote && mkdir data"
                + " && echo a > data/a && echo b > data/b && echo old > kept && dvc add -q data &&"
                + " printf 'n: 0\\n"
                + "' > params.yaml");
    Files.writeString(
        copy.resolve("repo/dvc.yaml"),
        """
        stages:
          change:
            cmd:
            - test ! -e made
            - echo more >> data/a
            - rm data/b
            - echo c > data/c
            - cat data/* > made
            - cat params.yaml >> log
            - test $(cut -d' ' -f2 params.yaml) != 3
            deps: [kept]
            params: [n]
            outs:
            - made
            - log: {persist: true}
          after:
            cmd: cat data/a made > last
            deps: [data, made]
            outs: [last]
        """);
    playground().give(copy);
    unused =
        sh(
            copy,
            "echo first > made && cp made last && echo start > log && dvc commit -q -f && git add"
                + " -A && git commit -qm base && dvc push -q && rm -rf .dvc/cache data made last");
    begin(copy);
    Outcome ran = ok(copy, "exp", "run", "--temp", "-n", "one", "-S", "n=1");
    assertFalse(ran.out().contains("undeclared"), ran.out());
    assertEquals("", sh(copy, "git status --porcelain"));
    unused = sh(copy, "dvc pull -q && dvc exp apply -q one");
    assertEquals("a\nmore\nc", sh(copy, "cat made"));
    assertEquals("a\nmore\na\nmore\nc", sh(copy, "cat last"));
    String lock = sh(copy, "cat dvc.lock");
    assertTrue(lock.contains("nfiles: 2"), lock);
    unused = sh(copy, "git checkout -q -f . && rm -rf made last && dvc checkout -q -f data.dvc");
    unused = sh(copy, "rm -rf .dvc/cache");

    Outcome queued = ok(copy, "exp", "run", "--queue", "-n", "bad", "-S", "n=3");
    assertTrue(queued.out().contains("'bad'"), queued.out());
    assertEquals(255, playground().dvc(copy, ".", List.of("exp", "run", "--run-all")).exit());
    assertEquals(
        "a\nmore\na\nmore\nc",
        sh(copy, "cd .dvc/tmp/exps/views/*; cat data/a made; test ! -e data/b"));
    String trace = sh(copy, "revfs trace show bad");
    assertTrue(trace.contains("data/c") && trace.contains("exit"), trace);
    assertTrue(sh(copy, "dvc queue logs bad").contains("failed to reproduce"));
    unused = sh(copy, "dvc queue remove --failed");
    assertEquals(List.of(), names(copy, ".dvc/tmp/exps/views"));
    assertEquals(
        List.of(),
        names(copy, ".dvc/tmp/exps/traces").stream()
            .filter(name -> name.contains("/bad/"))
            .toList());
    assertTrue(playground().run(copy.resolve("repo"), "revfs trace show bad").exit() != 0);
  }
}
