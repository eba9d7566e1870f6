package io.revfs.cli.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.cli.replay.Playground;
import io.revfs.cli.replay.Playground.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The queue: what its workers make of it when they are killed, stopped, or fail. */
class ExperimentQueueIT {
  private static final int EXPERIMENTS = 50;
  private static final int KILLS = 25;

  @TempDir static Path directory;
  private static Playground playground;

  @BeforeAll
  static void begin() throws IOException {
    playground = new Playground(directory);
  }

  @AfterAll
  static void end() throws IOException {
    playground.close();
  }

  private static Outcome ok(Path copy, String... words) throws IOException {
    Outcome outcome = playground.dvc(copy, ".", List.of(words));
    assertEquals(0, outcome.exit(), () -> List.of(words) + " " + outcome);
    return outcome;
  }

  private static String git(Path copy, String command) throws IOException {
    Outcome outcome = playground.run(copy.resolve("repo"), "git " + command);
    assertEquals(0, outcome.exit(), outcome::toString);
    return outcome.out().strip();
  }

  /** A project whose stage writes down each time it begins and ends. */
  private static Path project(String name, String command) throws IOException {
    Path copy = directory.resolve(name);
    Path repository = Files.createDirectories(copy.resolve("repo"));
    Outcome made = playground.run(repository, "git init -q -b main");
    assertEquals(0, made.exit(), made::toString);
    Outcome unused = ok(copy, "init", "-q");
    Files.writeString(repository.resolve("params.yaml"), "n: -1\n");
    Files.writeString(
        repository.resolve("dvc.yaml"),
        "stages:\n  s:\n    cmd: %s\n    params: [n]\n    outs: [out]\n".formatted(command));
    String unusedGit = git(copy, "add -A") + git(copy, "commit -qm base");
    return copy;
  }

  @Test
  void fiftyExperiments_whoseWorkersAreKilledAtRandom_allFinish_noneTwice() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Path copy =
        project("fifty", "echo $DVC_EXP_NAME >> %s/begun; cp params.yaml out".formatted(directory));
    Outcome queued =
        ok(copy, "exp", "run", "--queue", "-n", "e", "-S", "n=range(0," + EXPERIMENTS + ")");
    assertTrue(queued.out().contains("Queued experiment 'e-50'"), queued.out());
    int kills = 0;
    TreeSet<String> finished = finished(copy);
    while (finished.size() < EXPERIMENTS) {
      Outcome unused = ok(copy, "queue", "start", "-j", "3");
      List<ProcessHandle> victims = runners();
      if (kills < KILLS && !victims.isEmpty()) {
        victims.get(random.nextInt(victims.size())).destroyForcibly();
        kills++;
      }
      finished = finished(copy);
    }
    String note = "seed " + seed + ", " + kills + " kills";
    Outcome rest = ok(copy, "exp", "run", "--run-all", "-j", "2"); // waits for what still ends
    assertEquals(EXPERIMENTS, finished(copy).size(), note + rest);
    String commits = git(copy, "for-each-ref --format='%(objectname)' refs/exps");
    assertEquals(EXPERIMENTS, commits.lines().distinct().count(), note);
    for (String ref : finished) {
      int number = Integer.parseInt(ref.substring(ref.lastIndexOf('-') + 1)) - 1;
      assertEquals("n: " + number, git(copy, "show " + ref + ":params.yaml"), note);
      assertEquals(git(copy, "rev-parse HEAD"), git(copy, "rev-parse " + ref + "^"), note);
    }
    Outcome status = ok(copy, "queue", "status");
    assertEquals(
        EXPERIMENTS,
        status.out().lines().filter(line -> line.endsWith("Success")).count(),
        () -> note + status.out());
    assertTrue(kills > 0, note);
    long begun = Files.readAllLines(directory.resolve("begun")).size();
    assertTrue(begun <= EXPERIMENTS + kills, note + ": begun " + begun);
    assertEquals("", git(copy, "for-each-ref refs/exps/celery"), note);
    assertEquals(List.of(), list(copy.resolve("repo/.dvc/tmp/exps/views")), note);
  }

  private static TreeSet<String> finished(Path copy) throws IOException {
    TreeSet<String> refs = new TreeSet<>();
    git(copy, "for-each-ref --format='%(refname)' refs/exps")
        .lines()
        .filter(ref -> Pattern.matches("refs/exps/../.{38}/e-\\d+", ref))
        .forEach(refs::add);
    return refs;
  }

  /** Workers and the processes that run a task, of this test's daemon only. */
  private static List<ProcessHandle> runners() throws IOException {
    List<ProcessHandle> found = new ArrayList<>();
    String mine = "XDG_RUNTIME_DIR=" + directory.resolve("run") + "\0";
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : all) {
        String command = text(process.resolve("cmdline"));
        boolean runs = command.contains("\0queue-worker\0") || command.contains("\0exec-run\0");
        if (runs && text(process.resolve("environ")).contains(mine)) {
          ProcessHandle.of(Long.parseLong(process.getFileName().toString())).ifPresent(found::add);
        }
      }
    }
    return found;
  }

  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return ""; // it has gone
    }
  }

  private static List<Path> list(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (var all = Files.list(directory)) {
      return all.toList();
    }
  }

  @Test
  void failedOnes_keepLogsAndOutputs_untilTheyAreRemoved() throws Exception {
    Path copy =
        project(
            "failing",
            "echo talk; echo half > half.txt; grep -q 1 params.yaml && cp params.yaml out");
    Outcome unused = ok(copy, "exp", "run", "--queue", "-n", "f", "-S", "n=1,2");
    Outcome all = playground.dvc(copy, ".", List.of("exp", "run", "--run-all", "-j", "2"));
    assertEquals(255, all.exit(), all::toString);
    assertTrue(all.out().contains("Ran experiment(s): f-1"), all.out());
    assertTrue(all.err().contains("Failed to reproduce experiment(s) 'f-2'"), all.err());
    Outcome logs = ok(copy, "queue", "logs", "f-2");
    assertTrue(
        logs.out().contains("talk") && logs.out().contains("failed to reproduce"), logs.out());
    List<Path> views = list(copy.resolve("repo/.dvc/tmp/exps/views"));
    assertEquals(1, views.size(), views.toString());
    assertEquals("half\n", Files.readString(views.getFirst().resolve("half.txt")));
    assertTrue(git(copy, "reflog show --format=%gs refs/exps/celery/failed").endsWith(":f-2"));
    Outcome shown = ok(copy, "exp", "show", "--csv");
    assertTrue(shown.out().contains("Failed"), shown.out());
    unused = ok(copy, "queue", "remove", "--failed");
    assertEquals(List.of(), list(copy.resolve("repo/.dvc/tmp/exps/views")));
    assertEquals("", git(copy, "for-each-ref refs/exps/celery"));
    assertEquals(255, playground.dvc(copy, ".", List.of("queue", "logs", "f-2")).exit());
  }

  @Test
  void killed_byUsOrAsDvcDoes_aTaskFails_andTheNextGoesOn() throws Exception {
    Path copy =
        project(
            "killing",
            "touch %s/begun-$DVC_EXP_NAME; test $(cut -d' ' -f2 params.yaml) = 2 || sleep 600; cp params.yaml out"
                .formatted(directory));
    Outcome unused = ok(copy, "exp", "run", "--queue", "-n", "k", "-S", "n=1,2,3");
    unused = ok(copy, "queue", "start");
    while (!Files.exists(directory.resolve("begun-k-1"))) {
      unused = ok(copy, "queue", "status");
    }
    unused = ok(copy, "queue", "kill", "k-1");
    while (!Files.exists(directory.resolve("begun-k-3"))) {
      unused = ok(copy, "queue", "status");
    }
    Outcome interrupted =
        playground.run(
            copy.resolve("repo"),
            """
            run=$(git rev-parse refs/exps/celery/stash)
            cd .dvc/tmp/exps/run/$run
            grep -q '"status":2' $run.run && kill -s INT -- -$(cut -d' ' -f5 /proc/$(cat $run.pid)/stat)
            """);
    assertEquals(0, interrupted.exit(), interrupted::toString);
    unused = playground.dvc(copy, ".", List.of("exp", "run", "--run-all"));
    Outcome status = ok(copy, "queue", "status", "--json");
    assertEquals(3, status.out().split("it was killed", -1).length, status.out());
    assertTrue(ok(copy, "exp", "list", "--name-only").out().equals("k-2\n"));
    assertEquals("", git(copy, "for-each-ref refs/exps/celery/stash"));
  }

  @Test
  void stopped_workersEndAfterWhatTheyRun_andTheRestWaits() throws Exception {
    Path copy =
        project(
            "stopping",
            "touch %s/up; until test -e %s/go; do sleep 0.1; done; cp params.yaml out"
                .formatted(directory, directory));
    Outcome unused = ok(copy, "exp", "run", "--queue", "-n", "s", "-S", "n=1,2");
    unused = ok(copy, "queue", "start");
    while (!Files.exists(directory.resolve("up"))) {
      unused = ok(copy, "queue", "status");
    }
    Outcome stopped = ok(copy, "queue", "stop");
    assertTrue(stopped.out().contains("will stop after running tasks"), stopped.out());
    Files.createFile(directory.resolve("go"));
    Outcome status = ok(copy, "queue", "status");
    while (!status.out().contains("0 active, 0 idle")) {
      status = ok(copy, "queue", "status");
    }
    String rows = status.out().replaceAll("(?m)^\\S+ +(s-\\d) .* (\\w+)$", "$1 $2");
    assertTrue(rows.contains("s-2 Queued") && rows.contains("s-1 Success"), status.out());
    assertEquals("s-1\n", ok(copy, "exp", "list", "--name-only").out());
  }

  @Test
  void liveFiles_areFollowedWhileAnExperimentRuns() throws Exception {
    Path copy = project("live", "sh train.sh");
    Files.writeString(
        copy.resolve("repo/train.sh"),
        """
        mkdir -p dvclive
        for i in 1 2 3; do
          echo '{"step": '$i', "train": {"loss": 0.'$i'}}' > dvclive/metrics.json
          until [ -e %s/seen$i ]; do sleep 0.1; done
        done
        cp params.yaml out
        """
            .formatted(directory));
    String unusedGit = git(copy, "add -A") + git(copy, "commit -qm script");
    Outcome unused = ok(copy, "exp", "run", "--queue", "-n", "watched", "-S", "n=1");
    unused = ok(copy, "queue", "start");
    Outcome status = ok(copy, "queue", "status");
    while (!status.out().contains("Running")) {
      status = ok(copy, "queue", "status");
    }
    // Each step goes on when it was seen.
    Outcome live =
        playground.run(
            copy.resolve("repo"),
            """
            dvc exp show --live > %1$s/live.log & watching=$!
            for i in 1 2 3; do
              until grep -q "watched  step $i  train.loss=0.$i" %1$s/live.log; do
                kill -0 $watching || exit 1
                sleep 0.1
              done
              touch %1$s/seen$i
            done
            wait $watching
            """
                .formatted(directory));
    assertEquals(0, live.exit(), live::toString);
    String seen = Files.readString(directory.resolve("live.log"));
    assertTrue(seen.contains("watched  ended"), seen);
    unused = ok(copy, "exp", "run", "--run-all");
    assertEquals("watched\n", ok(copy, "exp", "list", "--name-only").out());
  }
}
