package io.revfs.command.experiment.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.testing.DvcProject;
import io.revfs.testing.DvcSide;
import io.revfs.testing.RecordedCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One queue for DVC and revfs: each sees and runs what the other queued, and nothing runs twice.
 */
class SharedQueueTest {
  @TempDir Path directory;
  private DvcProject project;
  private DvcSide dvc;

  @BeforeEach
  void make() throws IOException {
    project = DvcProject.makeWithRevisions(directory);
    project.write("params.yaml", "n: -1\n");
    project.write(
        "dvc.yaml",
        """
        stages:
          s:
            cmd: echo $DVC_EXP_NAME >> %s/begun; cat params.yaml; cp params.yaml out; ! grep -qx 'n. 13' params.yaml
            params: [n]
            outs: [out]
        """
            .formatted(directory));
    project.commit("base");
    dvc = new DvcSide(directory, project.root());
  }

  @AfterEach
  void close() {
    project.close();
  }

  private void queue(String name, String values) {
    String unused =
        project.ok("exp run", "queue", true, "name", name, "set-param", List.of("n=" + values));
  }

  /** Returns the tasks of a status by {@code queue status}. */
  private List<JsonNode> tasks(String status) {
    List<JsonNode> tasks = new ArrayList<>();
    for (JsonNode task : project.run("queue status", "json", true).json()) {
      if (task.path("status").asText().equals(status)) {
        tasks.add(task);
      }
    }
    return tasks;
  }

  private Set<String> names(String status) {
    Set<String> names = new TreeSet<>();
    tasks(status).forEach(task -> names.add(task.path("name").asText()));
    return names;
  }

  private RecordedCall run(JsonNode task) {
    return project.run("exp exec-run", "task", task.path("rev").asText());
  }

  private Set<String> experiments() {
    return new TreeSet<>(project.ok("exp list", "name-only", true).lines().toList());
  }

  private List<String> lines(String file) throws IOException {
    Path path = directory.resolve(file);
    return Files.exists(path) ? Files.readAllLines(path) : List.of();
  }

  private List<Path> files(String place) throws IOException {
    try (Stream<Path> all = Files.list(project.path(".dvc/tmp/exps/celery/" + place))) {
      return all.sorted().toList();
    }
  }

  @Test
  void whatIsQueuedHere_isSeenAndRunByDvc() throws Exception {
    queue("ours", "1,13,3");
    Set<String> all = Set.of("ours-1", "ours-2", "ours-3");
    assertEquals(all, dvc.names("queued"));
    assertEquals(all, names("Queued"));
    dvc.work();
    assertEquals(Set.of("ours-1", "ours-3"), dvc.names("success"));
    assertEquals(Set.of("ours-1", "ours-3"), names("Success"));
    assertEquals(Set.of("ours-2"), names("Failed"));
    assertEquals(3, lines("begun").size());
    assertEquals(Set.of("ours-1", "ours-3"), experiments());
    assertEquals("Kombu runs ours-2\n", project.ok("queue logs", "task", "ours-2"));
    JsonNode shown = project.run("exp show", "json", true).json().get(1).get("experiments");
    assertEquals(3, shown.size(), shown::toPrettyString);
    Set<String> states = new HashSet<>();
    shown.forEach(row -> states.add(row.at("/executor/state").asText()));
    assertEquals(Set.of("success", "failed"), states);
    assertEquals("", project.sh("git for-each-ref refs/exps/celery/stash"));
    String unused = project.ok("queue remove", "all", true);
    assertEquals(List.of(), files("broker/processed"));
    assertEquals("", project.sh("git for-each-ref refs/exps/celery"));
  }

  @Test
  void whatDvcQueued_isSeenAndRunHere() throws Exception {
    dvc.put(List.of("theirs-1", "theirs-13"));
    assertEquals(Set.of("theirs-1", "theirs-13"), names("Queued"));
    JsonNode shown = project.run("exp show", "json", true).json().get(1).get("experiments");
    assertEquals(2, shown.size());
    assertEquals("queued", shown.get(0).at("/executor/state").asText());
    Set<Integer> numbers = new HashSet<>();
    shown.forEach(row -> numbers.add(row.at("/revs/0/data/params/params.yaml/data/n").asInt()));
    assertEquals(Set.of(1, 13), numbers);
    for (JsonNode task : tasks("Queued")) {
      var unused = run(task);
    }
    assertEquals(Set.of("theirs-1"), names("Success"));
    assertEquals(Set.of("theirs-1"), dvc.names("success"));
    assertEquals(Set.of("theirs-13"), names("Failed"));
    assertEquals(Set.of("theirs-13"), dvc.names("failed"));
    assertEquals(Set.of("theirs-1"), experiments());
    String ref = project.sh("git for-each-ref --format='%(refname)' refs/exps | grep theirs-1$");
    assertEquals("n: 1", project.sh("git show " + ref + ":params.yaml"));
    assertEquals("", project.sh("git ls-tree -r --name-only " + ref + " .dvc/tmp"));
    assertEquals("", project.sh("git for-each-ref refs/exps/celery/stash"));
    String unused = project.ok("queue remove", "all", true);
    assertEquals(Set.of(), dvc.names("success"));
    assertEquals(List.of(), files("result"));
  }

  @Test
  void whatOneRemoves_isGoneForTheOther() throws Exception {
    queue("ours", "1,2");
    dvc.put(List.of("theirs-1", "theirs-2"));
    String unused = dvc.run("", "remove", project.root().toString(), "ours-1");
    unused = project.ok("queue remove", "task", List.of("theirs-1"));
    assertEquals(Set.of("ours-2", "theirs-2"), names("Queued"));
    assertEquals(Set.of("ours-2", "theirs-2"), dvc.names("queued"));
    assertEquals(2, project.sh("git reflog --format=%gs refs/exps/celery/stash").lines().count());
    for (JsonNode task : tasks("Queued")) {
      var unusedRun = run(task);
    }
    unused = dvc.run("", "remove", project.root().toString(), "ours-2");
    assertEquals(Set.of("theirs-2"), names("Success"));
    assertEquals(Set.of("ours-2", "theirs-2"), experiments());
    assertEquals(
        List.of(),
        DvcProject.objects(project.path(".dvc/tmp/exps/tasks")).stream()
            .filter(file -> file.endsWith(".json"))
            .filter(file -> !file.startsWith("."))
            .skip(1)
            .toList());
  }

  @Test
  void whatSomebodyTook_andLeft_isRunByUs() throws Exception {
    dvc.put(List.of("left-1"));
    Process worker = dvc.consume("600", directory.resolve("log"));
    while (lines("begun").isEmpty()) {
      assertTrue(worker.isAlive());
    }
    JsonNode running = tasks("Running").getFirst();
    assertEquals("left-1", running.path("name").asText());
    assertTrue(run(running).out().contains("is another's"), "a worker of DVC's lives");
    JsonNode shown = project.run("exp show", "json", true).json().get(1).get("experiments");
    assertEquals("running", shown.get(0).at("/executor/state").asText());
    ProcessHandle runner = worker.descendants().findFirst().orElseThrow();
    worker.destroyForcibly().waitFor();
    assertEquals(Set.of("left-1"), names("Running"), "what the worker started goes on");
    assertTrue(runner.destroyForcibly());
    while (tasks("Queued").isEmpty()) {
      assertEquals(Set.of(), names("Failed"));
    }
    JsonNode left = tasks("Queued").getFirst();
    assertTrue(run(left).out().contains("Ran experiment(s): left-1"));
    assertEquals(Set.of("left-1"), dvc.names("success"));
    assertEquals(List.of("left-1", "left-1"), lines("begun"));
  }

  @Test
  void whatWasCutOffHere_isMendedOrRun() throws Exception {
    queue("cut", "1,2,3");
    Path tasks = project.path(".dvc/tmp/exps/tasks");
    List<Path> waiting = files("broker/in");
    Path first = waiting.getFirst();
    Files.move(
        first,
        project
            .path(".dvc/tmp/exps/celery/broker/processed")
            .resolve(first.getFileName() + ".revfs")); // taken, no more
    assertTrue(Files.deleteIfExists(waiting.get(1))); // as if it had not been told yet
    String second = project.sh("git rev-parse 'refs/exps/celery/stash@{1}'");
    Path file = tasks.resolve(second + ".json");
    Files.writeString(file, Files.readString(file).replace("\"shared\":true", "\"shared\":false"));
    assertEquals(Set.of("cut-1", "cut-2", "cut-3"), names("Queued"));
    assertEquals(Set.of("cut-1", "cut-2", "cut-3"), dvc.names("queued"));
    dvc.work();
    assertEquals(Set.of("cut-1", "cut-2", "cut-3"), experiments());
    assertEquals(3, lines("begun").size());
  }

  @Test
  void takersOfBothKinds_killedAtRandom_finishAll_noneTwice() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String note = "seed " + seed;
    dvc.put(IntStream.rangeClosed(1, 10).mapToObj(i -> "theirs-" + (20 + i)).toList());
    queue("ours", "range(100,120)");
    List<Thread> takers = new ArrayList<>();
    List<String> done = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 2; i++) {
      takers.add(Thread.ofPlatform().start(() -> take(new Random(random.nextLong()), done)));
    }
    int kills = 0;
    Path log = directory.resolve("log");
    Process worker = dvc.consume("0.1", log);
    while (kills < 3 && !worker.waitFor(300 + random.nextInt(1000), TimeUnit.MILLISECONDS)) {
      worker.destroyForcibly().waitFor();
      kills++;
      worker = dvc.consume("0.1", log);
    }
    assertTrue(worker.waitFor(5, TimeUnit.MINUTES), note);
    for (Thread taker : takers) {
      taker.join();
    }
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (names("Success").size() < 30) { // what the workers that were killed had
      for (JsonNode task : tasks("Queued")) {
        ran(run(task), done);
      }
      assertEquals(Set.of(), names("Failed"), note);
      assertTrue(System.nanoTime() < deadline, note);
    }
    List<String> all = new ArrayList<>(done);
    all.addAll(lines("done"));
    assertEquals(new HashSet<>(all).size(), all.size(), note + all);
    assertEquals(30, experiments().size(), note);
    assertEquals(experiments(), dvc.names("success"), note);
    int begun = lines("begun").size();
    assertTrue(begun <= 30 + kills, note + ": begun " + begun + ", kills " + kills);
    assertEquals("", project.sh("git for-each-ref refs/exps/celery"), note);
  }

  private void take(Random random, List<String> done) {
    List<JsonNode> waiting = tasks("Queued");
    while (!waiting.isEmpty()) {
      ran(run(waiting.get(random.nextInt(waiting.size()))), done);
      waiting = tasks("Queued");
    }
  }

  private static void ran(RecordedCall call, List<String> done) {
    call.out()
        .lines()
        .filter(line -> line.startsWith("Ran experiment(s): "))
        .forEach(line -> done.add(line.replaceFirst(".*: ", "")));
  }

  private void assertWarns(String... texts) {
    List<String> warnings = project.run("queue status").warnings();
    assertEquals(texts.length, warnings.size(), warnings::toString);
    for (String text : texts) {
      assertTrue(warnings.stream().anyMatch(line -> line.contains(text)), warnings::toString);
    }
  }

  @Test
  void messagesThatAreNone_areToldOf_andStay() throws Exception {
    dvc.put(List.of("good-1"));
    Path in = project.path(".dvc/tmp/exps/celery/broker/in");
    String good = Files.readString(files("broker/in").getFirst());
    Files.writeString(in.resolve("1_a.celery.msg"), "no JSON");
    Files.writeString(in.resolve("1_b.celery.msg"), "[1]");
    Files.writeString(
        in.resolve("1_c.celery.msg"), good.replaceFirst("\"body\": \"[^\"]*", "\"body\": \"W10="));
    Files.writeString(in.resolve("1_d.celery.msg"), "");
    Files.writeString(in.resolve("1_e.celery.pidbox.msg"), "another's");
    Files.writeString(
        in.resolve("1_f.celery.msg"), good.replace("queue.tasks.run_exp", "queue.tasks.other"));
    assertWarns("1_a.celery.msg", "1_b.celery.msg", "no commit as stash_rev");
    assertEquals(Set.of("good-1"), names("Queued"));
    assertTrue(run(tasks("Queued").getFirst()).out().contains("Ran experiment(s)"));
    assertEquals(6, files("broker/in").size());
  }

  @Test
  void entriesWithoutMessages_andMessagesWithoutCommits_areToldOf() throws Exception {
    dvc.put(List.of("entry-1", "gone-2", "code-3"));
    List<Path> waiting = files("broker/in");
    Files.delete(waiting.getFirst());
    assertWarns("has no message in the queue");
    assertEquals(Set.of("gone-2", "code-3"), names("Queued"));
    String gone = project.sh("git rev-parse 'refs/exps/celery/stash@{1}'");
    String message = Files.readString(waiting.get(1));
    String body = message.replaceFirst("(?s).*\"body\": \"([^\"]*).*", "$1");
    String other =
        new String(
                java.util.Base64.getDecoder().decode(body), java.nio.charset.StandardCharsets.UTF_8)
            .replace(gone, "0".repeat(39) + "1");
    Files.writeString(
        waiting.get(1),
        message.replace(
            body,
            java.util.Base64.getEncoder()
                .encodeToString(other.getBytes(java.nio.charset.StandardCharsets.UTF_8))));
    project.sh(
        """
        export GIT_INDEX_FILE=.git/bad
        git read-tree refs/exps/celery/stash
        blob=$(printf 'cos\\nsystem\\n(Vtouch ran\\ntR.' | git hash-object -w --stdin)
        git update-index --add --cacheinfo 100644,$blob,.dvc/tmp/repro.dat
        git commit-tree $(git write-tree) -p HEAD -m x > ../bad
        """);
    String code = project.sh("git rev-parse refs/exps/celery/stash");
    String bad = lines("bad").getFirst();
    message = Files.readString(waiting.get(2));
    body = message.replaceFirst("(?s).*\"body\": \"([^\"]*).*", "$1");
    other =
        new String(
                java.util.Base64.getDecoder().decode(body), java.nio.charset.StandardCharsets.UTF_8)
            .replace(code, bad);
    Files.writeString(
        waiting.get(2),
        message.replace(
            body,
            java.util.Base64.getEncoder()
                .encodeToString(other.getBytes(java.nio.charset.StandardCharsets.UTF_8))));
    List<String> warnings = project.run("queue status").warnings();
    assertTrue(
        warnings.toString().contains("'gone-2' is not run by revfs: its commit 0000000 is not"),
        warnings::toString);
    assertTrue(
        warnings
            .toString()
            .contains(
                "'code-3' is not run by revfs: its arguments (.dvc/tmp/repro.dat) cannot be read:"
                    + " it is a program"),
        warnings::toString);
    for (JsonNode task : tasks("Queued")) {
      assertTrue(run(task).out().contains("is another's, or gone"));
    }
    assertFalse(project.has("ran"));
    assertEquals(2, files("broker/in").size(), "DVC may run them");
    assertEquals(1, project.run("exp show", "json", true).json().get(1).get("experiments").size());
    String unused = project.ok("queue remove", "queued", true);
    assertEquals(List.of(), files("broker/in"));
  }

  @Test
  void killed_whatDvcRuns_failsAsWithDvc() throws Exception {
    dvc.put(List.of("theirs-1"));
    project.fails(255, "not a valid running experiment", "queue kill", "task", List.of("theirs-1"));
    Process worker = dvc.consume("600", directory.resolve("log"));
    while (lines("begun").isEmpty()) {
      assertTrue(worker.isAlive());
    }
    String killed = project.ok("queue kill", "task", List.of("theirs-1"));
    assertEquals("theirs-1 has been killed.\n", killed);
    assertTrue(worker.waitFor(1, TimeUnit.MINUTES), "it has nothing more to do");
    assertEquals(Set.of("theirs-1"), names("Failed"));
    assertEquals(Set.of("theirs-1"), dvc.names("failed"));
    assertTrue(project.sh("git reflog --format=%gs refs/exps/celery/failed").endsWith(":theirs-1"));
  }
}
