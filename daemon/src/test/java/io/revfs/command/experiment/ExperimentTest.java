package io.revfs.command.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.experiment.ExperimentHash;
import io.revfs.testing.DvcProject;
import io.revfs.testing.RecordedCall;
import io.revfs.testing.ReferenceRepository;
import io.revfs.text.YamlDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Experiments run, saved, applied and removed: what Git has then, and what bad input gets. */
class ExperimentTest {
  @TempDir Path directory;
  private DvcProject project;

  @BeforeEach
  void make() throws IOException {
    project = DvcProject.makeWithRevisions(directory);
    project.write("params.yaml", "# kept\ntrain:\n  lr: 0.1 # rate\n  depth: 2\n");
    project.write("raw.txt", "one\n");
    project.write(
        "dvc.yaml",
        """
        stages:
          train:
            cmd:
            - echo "$DVC_EXP_NAME $DVC_EXP_BASELINE_REV" > seen.txt
            - cat raw.txt params.yaml > model.txt
            - awk '/lr:/{print "{\\"acc\\":" $2 "}"}' params.yaml > metrics.json
            deps: [raw.txt]
            params: [train.lr]
            outs: [model.txt]
            metrics:
            - metrics.json:
                cache: false
        """);
    project.write(".gitignore", "/seen.txt\n");
    project.add("raw.txt");
    String unused = project.ok("repro");
    project.commit("base");
  }

  @AfterEach
  void close() {
    project.close();
  }

  private String git(String command) throws IOException {
    return project.sh("git " + command);
  }

  private String ref(String name) throws IOException {
    String head = git("rev-parse HEAD");
    return "refs/exps/%s/%s/%s".formatted(head.substring(0, 2), head.substring(2), name);
  }

  private static Object params(String... settings) {
    return List.of(settings);
  }

  @Test
  void run_keepsTheResultAsDvcDoes_andMovesNothing() throws IOException {
    String head = git("rev-parse HEAD");
    String index = git("ls-files -s");
    String out = project.ok("exp run", "name", "warm", "set-param", params("train.lr=0.5"));
    assertTrue(out.contains("Reproducing experiment 'warm'"), out);
    assertTrue(out.contains("Ran experiment(s): warm"), out);
    assertEquals("refs/heads/main", git("symbolic-ref HEAD"));
    assertEquals(head, git("rev-parse HEAD"));
    assertEquals(index, git("ls-files -s"));
    assertEquals(head, git("rev-parse " + ref("warm") + "^"));
    assertEquals("warm " + head, project.read("seen.txt").strip());
    assertEquals(
        "# kept\ntrain:\n  lr: 0.5 # rate\n  depth: 2",
        git("show %s:params.yaml".formatted(ref("warm"))));
    Map<String, Object> lock = Map.of("train", entry(git("show " + ref("warm") + ":dvc.lock")));
    assertEquals(
        "dvc: commit experiment " + ExperimentHash.of(lock),
        git("cat-file -p " + ref("warm")).lines().toList().getLast());
    assertFalse(
        project
            .sh("git cat-file commit %s | tail -c1 | xxd -p".formatted(ref("warm")))
            .equals("0a"));
    assertEquals(
        "dvc.lock\nmetrics.json\nparams.yaml", git("diff --name-only HEAD " + ref("warm")));
  }

  private static Object entry(String lock) throws IOException {
    try {
      Object stages = YamlDocument.parse(lock).value().get("stages");
      return ((Map<?, ?>) stages).get("train");
    } catch (io.revfs.text.YamlSyntaxException e) {
      throw new IOException(e);
    }
  }

  @Test
  void messagesOfDvcsOwnExperiments_areWhatTheFormulaSays() throws IOException {
    Path unpacked = Files.createDirectories(directory.resolve("r"));
    Path repository = ReferenceRepository.unpack("06-experiments", unpacked).root().resolve("repo");
    try (DvcProject reference = DvcProject.open(repository, directory.resolve("r"))) {
      for (String name : List.of("fast", "temp-run", "second-base", "saved")) {
        String ref =
            reference.sh("git for-each-ref --format='%(refname)' refs/exps | grep /" + name);
        Map<String, Object> lock =
            Map.of("train", entry(reference.sh("git show " + ref + ":dvc.lock")));
        assertEquals(
            "dvc: commit experiment " + ExperimentHash.of(lock),
            reference.sh("git log -1 --format=%s " + ref),
            name);
      }
    }
  }

  @Test
  void dirtyWorkTree_isPartOfTheExperiment_andStaysAsItIs() throws IOException {
    project.write("notes.txt", "mine\n");
    project.write("params.yaml", "train:\n  lr: 0.1\n  depth: 9\n");
    project.sh("echo two > raw.txt");
    git("add params.yaml");
    String staged = git("diff --cached --name-only");
    String out = project.ok("exp run", "name", "dirty");
    assertTrue(out.contains("Ran experiment(s): dirty"), out);
    assertEquals(staged, git("diff --cached --name-only"));
    assertEquals("two\n", project.read("raw.txt"));
    assertTrue(git("show " + ref("dirty") + ":params.yaml").contains("depth: 9"));
    assertNotEquals("", git("diff HEAD " + ref("dirty") + " -- raw.txt.dvc"));
    assertEquals("", git("ls-tree " + ref("dirty") + " notes.txt"), "untracked files stay out");
    assertTrue(project.has("notes.txt"));
  }

  @Test
  void queueing_changesNothingInTheWorkTree() throws IOException {
    project.sh("echo two > raw.txt");
    String before = project.sh("git status --porcelain; cat raw.txt.dvc params.yaml raw.txt");
    String out =
        project.ok(
            "exp run",
            "queue",
            true,
            "name",
            "grid",
            "set-param",
            params("train.lr=0.2,0.3", "train.depth=range(1,3)"));
    assertTrue(
        out.contains(
            "Queueing with overrides '{'params.yaml': ['train.lr=0.2', 'train.depth=1']}'."),
        out);
    assertEquals(before, project.sh("git status --porcelain; cat raw.txt.dvc params.yaml raw.txt"));
    assertEquals(
        "grid-4\ngrid-3\ngrid-2\ngrid-1",
        git("reflog show --format=%gs refs/exps/celery/stash").replaceAll("(?m)^.*:", ""));
    String first = git("rev-parse 'refs/exps/celery/stash@{3}'");
    assertTrue(git("show " + first + ":params.yaml").contains("lr: 0.2 # rate"));
    assertTrue(
        git("show " + first + ":raw.txt.dvc")
            .contains(project.sh("md5sum < raw.txt").split(" ")[0]),
        "the data as it is now");
    JsonNode rows = project.run("exp show", "json", true).json();
    JsonNode queued = rows.get(1).get("experiments");
    assertEquals(4, queued.size());
    assertEquals("queued", queued.get(0).at("/executor/state").asText());
    assertEquals("{}", queued.get(0).at("/revs/0/data/metrics").toString());
    assertEquals(
        "grid-1",
        project.ok("exp remove", "experiments", List.of("grid-1")).replaceAll(".*'(.*)'\n", "$1"));
    String removed = project.ok("exp remove", "queue", true);
    assertTrue(removed.contains("grid-4"), removed);
    assertEquals("", git("for-each-ref refs/exps/celery"));
  }

  @Test
  void temp_runsBeside_andLeavesNothing() throws IOException {
    project.write("extra.txt", "x\n");
    String before = git("status --porcelain");
    String out =
        project.ok(
            "exp run",
            "temp",
            true,
            "name",
            "aside",
            "set-param",
            params("train.lr=0.7"),
            "copy-paths",
            List.of("extra.txt"));
    assertTrue(out.contains("dvc exp apply"), out);
    assertEquals(before, git("status --porcelain"));
    assertTrue(project.read("params.yaml").contains("lr: 0.1"));
    assertEquals("{\"acc\":0.7}", git("show " + ref("aside") + ":metrics.json"));
    assertEquals("", git("ls-tree " + ref("aside") + " extra.txt"), "a copy is no part of it");
    try (var views = Files.list(project.path(".dvc/tmp/exps/views"))) {
      assertEquals(List.of(), views.toList());
    }
    assertEquals("", git("for-each-ref refs/exps/celery refs/exps/stash"));
    String applied = project.ok("exp apply", "experiment", "aside");
    assertTrue(applied.contains("have been applied"), applied);
    assertTrue(project.read("model.txt").contains("lr: 0.7"), "the cache has what was made beside");
  }

  @Test
  void save_takesTheWorkTreeAsItIs() throws IOException {
    project.write("params.yaml", "train:\n  lr: 0.9\n  depth: 2\n");
    project.sh(
        "echo by hand > model.txt; echo '{\"acc\": 1}' > metrics.json; echo u > u.txt; echo v >"
            + " v.txt");
    RecordedCall call =
        project.run(
            "exp save",
            "name",
            "hand",
            "include-untracked",
            List.of("u.txt"),
            "message",
            "By hand");
    assertEquals("", call.failure());
    assertEquals(git("rev-parse " + ref("hand")), call.json().get("ref").asText());
    assertEquals("By hand", git("log -1 --format=%B " + ref("hand")));
    assertEquals("u.txt", git("ls-tree --name-only " + ref("hand") + " u.txt v.txt"));
    assertTrue(String.join("", call.warnings()).contains("v.txt"), call.warnings().toString());
    project.fails(1, "conflicts with existing experiment 'hand'", "exp save", "name", "hand");
    String unused = project.ok("exp save", "name", "hand", "force", true);
    assertEquals("by hand\n", project.read("model.txt"));
  }

  @Test
  void apply_keepsWhatWasThere_inAStashOfItsOwn() throws IOException {
    String unused = project.ok("exp run", "name", "warm", "set-param", params("train.lr=0.5"));
    git("checkout -q -f .");
    project.write("mine.txt", "mine\n");
    project.write("params.yaml", "train:\n  lr: 0.3\n  depth: 3\n");
    unused = project.ok("exp apply", "experiment", "warm");
    assertTrue(project.read("params.yaml").contains("lr: 0.5"));
    assertEquals("mine\n", project.read("mine.txt"));
    assertEquals("{}", project.run("status", "json", true).json().toString());
    assertEquals(git("rev-parse " + ref("warm")), git("rev-parse refs/exps/exec/EXEC_APPLY"));
    git("reset -q --hard");
    Files.delete(project.path("mine.txt"));
    git("stash apply -q refs/exps/apply/stash");
    assertTrue(project.read("params.yaml").contains("lr: 0.3"));
    assertEquals("mine\n", project.read("mine.txt"));
    project.fails(255, "does not appear to be an experiment", "exp apply", "experiment", "nothing");
  }

  @Test
  void namesThatGitRefuses_orThatAreTaken_areRefusedBeforeAnythingRuns() throws IOException {
    for (String name : List.of("a/b", "a..b", "a b", "x.lock", "-x", "a~1", "a:b", "@{x}")) {
      project.fails(255, "Invalid exp name " + name, "exp run", "name", name);
    }
    String unused = project.ok("exp run", "name", "one", "set-param", params("train.lr=0.2"));
    String commit = git("rev-parse " + ref("one"));
    project.fails(
        255,
        "conflicts with existing experiment 'one'",
        "exp run",
        "name",
        "one",
        "set-param",
        params("train.lr=0.4"));
    assertTrue(project.read("params.yaml").contains("lr: 0.2"), "nothing was changed");
    unused =
        project.ok("exp run", "name", "one", "force", true, "set-param", params("train.lr=0.4"));
    assertNotEquals(commit, git("rev-parse " + ref("one")));
    unused = project.ok("exp run", "name", "two", "set-param", params("train.lr=0.6"));
    project.fails(255, "'two'", "exp rename", "names", List.of("one", "two"));
    project.fails(255, "Invalid exp name", "exp rename", "names", List.of("one", "t/wo"));
    project.fails(
        255,
        "'gone' is not a valid experiment name",
        "exp remove",
        "experiments",
        List.of("gone", "one"));
    assertEquals("one\ntwo\n", project.ok("exp list", "name-only", true), "all or none is removed");
    unused = project.ok("exp rename", "names", List.of("one", "two"), "force", true);
    assertEquals("two\n", project.ok("exp list", "name-only", true));
    project.fails(255, "already exists", "exp branch", "experiment", "two", "branch", "main");
    project.fails(255, "not a valid branch", "exp branch", "experiment", "two", "branch", "a..b");
  }

  @Test
  void parametersThatAreWrong_areSaidInOneLine_andNothingIsWritten() throws IOException {
    String before = project.read("params.yaml");
    for (String[] bad :
        new String[][] {
          {"train.new=1", "there is no such parameter"},
          {"+train.lr=1", "An item is already at 'train.lr'"},
          {"~train.gone", "'train.gone' does not exist"},
          {"train.lr=[1", "is missing"},
          {"train.lr", "'=' and a value are missing"},
          {"train.lr=glob(*)", "glob() is not supported"},
          {"none.yaml:a=1", "'none.yaml' does not exist"},
          {"train.lr=1,2", "can't be used without `--queue`"}
        }) {
      project.fails(255, bad[1], "exp run", "set-param", params(bad[0]));
    }
    assertEquals(before, project.read("params.yaml"));
    project.write("params.yaml", "train: [\n");
    project.fails(255, "params.yaml", "exp run", "set-param", params("train.lr=1"));
    JsonNode workspace = project.run("exp show", "json", true).json().get(0);
    assertTrue(workspace.at("/error/msg").asText().contains("params.yaml"), workspace.toString());
  }

  @Test
  void metricsThatAreNoNumbers_orAreMissing_areShown() throws IOException {
    String unused = project.ok("exp run", "name", "fine", "set-param", params("train.lr=0.5"));
    project.sh("echo '{\"acc\": NaN, \"top\": Infinity, \"note\": \"text\"}' > metrics.json");
    unused = project.ok("exp save", "name", "odd");
    git("rm -q --cached metrics.json");
    Files.delete(project.path("metrics.json"));
    git("commit -qm without");
    RecordedCall call = project.run("exp show", "json", true, "all-commits", true);
    assertEquals("", call.failure());
    String json = call.json().toString();
    assertTrue(json.contains("FileNotFoundError"), json);
    JsonNode made = call.json().get(2).get("experiments");
    JsonNode odd = made.get(made.get(0).get("name").asText().equals("odd") ? 0 : 1);
    assertEquals("NaN", odd.at("/revs/0/data/metrics/metrics.json/data/acc").asText());
    assertEquals("Infinity", odd.at("/revs/0/data/metrics/metrics.json/data/top").asText());
    String table = project.ok("exp show", "all-commits", true, "sort-by", "acc");
    assertTrue(table.contains("nan") && table.contains("inf") && table.contains("text"), table);
    project.fails(255, "Unknown sort column 'none'", "exp show", "sort-by", "none");
    project.fails(254, "--drop", "exp show", "drop", List.of("("));
    String diff = project.ok("exp diff", "a_rev", "fine", "b_rev", "odd");
    assertTrue(diff.contains("acc"), diff);
  }

  @Test
  void detachedHead_isABaselineLikeAnyOther() throws IOException {
    git("checkout -q --detach HEAD");
    String unused = project.ok("exp run", "name", "loose", "set-param", params("train.lr=0.5"));
    assertEquals("HEAD", git("rev-parse --abbrev-ref HEAD"));
    assertEquals(git("rev-parse HEAD"), git("rev-parse " + ref("loose") + "^"));
    assertTrue(project.ok("exp list").startsWith("base:\n"), "the tag names it");
    git("commit -q --allow-empty -m next");
    assertEquals("", project.ok("exp list"));
    assertTrue(project.ok("exp list", "num", 2).contains("[loose]"));
  }

  @Test
  void aRunThatFails_leavesNoExperiment_andSaysWhy() throws IOException {
    project.write(
        "dvc.yaml", project.read("dvc.yaml").replace("cat raw.txt", "exit 3; cat raw.txt"));
    project.fails(
        255,
        "failed to reproduce 'train'",
        "exp run",
        "name",
        "bad",
        "set-param",
        params("train.lr=0.5"));
    assertEquals("", project.ok("exp list"));
    assertFalse(project.has(".dvc/tmp/exps/run/workspace"));
    project.fails(255, "failed to reproduce 'train'", "exp run", "temp", true, "name", "bad");
    try (var views = Files.list(project.path(".dvc/tmp/exps/views"))) {
      assertEquals(List.of(), views.toList());
    }
  }

  @Test
  void sharing_whatTheRemoteRejects_isSaid_andNothingIsLost() throws IOException {
    project.sh("git init -q --bare ../far.git && git remote add far ../far.git");
    for (String name : List.of("one", "two")) {
      String unused =
          project.ok(
              "exp run",
              "name",
              name,
              "set-param",
              params("train.lr=0." + name.length()),
              "force",
              true);
    }
    Path hook = directory.resolve("far.git/hooks/update");
    Files.writeString(
        hook, "#!/bin/sh\ncase $1 in */two) echo 'no twos here' >&2; exit 1;; esac\n");
    assertTrue(hook.toFile().setExecutable(true));
    RecordedCall call = project.run("exp push", "git_remote", "far", "no-cache", true);
    assertEquals(255, call.exit());
    assertTrue(
        call.failure().contains("rejected 'two'") && call.failure().contains("no twos here"),
        call.failure());
    assertFalse(call.failure().contains("\n"), call.failure());
    assertTrue(call.out().contains("Pushed experiment one"), call.out());
    assertEquals("one\ntwo\n", project.ok("exp list", "name-only", true));
    assertEquals("main:\n\tone\n", project.ok("exp list", "git_remote", "far"));
    String unused =
        project.ok("exp run", "name", "one", "set-param", params("train.lr=0.8"), "force", true);
    String newer = git("rev-parse " + ref("one"));
    call =
        project.run(
            "exp push", "git_remote", "far", "experiments", List.of("one"), "no-cache", true);
    assertTrue(
        String.join("", call.warnings()).contains("has diverged"), call.warnings().toString());
    call =
        project.run(
            "exp pull", "git_remote", "far", "experiments", List.of("one"), "no-cache", true);
    assertTrue(
        String.join("", call.warnings()).contains("has diverged"), call.warnings().toString());
    assertEquals(newer, git("rev-parse " + ref("one")));
    unused =
        project.ok(
            "exp pull",
            "git_remote",
            "far",
            "experiments",
            List.of("one"),
            "no-cache",
            true,
            "force",
            true);
    assertNotEquals(newer, git("rev-parse " + ref("one")));
    unused = project.ok("exp rename", "git-remote", "far", "names", List.of("one", "uno"));
    assertEquals("uno\n", project.ok("exp list", "git_remote", "far", "name-only", true));
    unused = project.ok("exp remove", "git-remote", "far", "experiments", List.of("uno"));
    assertEquals("", project.ok("exp list", "git_remote", "far", "name-only", true));
    project.fails(
        255,
        "does not exist in 'far'",
        "exp pull",
        "git_remote",
        "far",
        "experiments",
        List.of("uno"));
    project.fails(255, "'nowhere' cannot be reached", "exp push", "git_remote", "nowhere");
  }

  @Test
  void sharedData_travelsWithItsExperiment() throws IOException {
    project.sh("git init -q --bare ../far.git && git remote add far ../far.git");
    String unused =
        project.ok(
            "remote add",
            "name",
            "store",
            "url",
            directory.resolve("store").toString(),
            "default",
            true);
    unused = project.ok("exp run", "name", "one", "set-param", params("train.lr=0.5"));
    String model = project.sh("md5sum < model.txt").split(" ")[0];
    unused = project.ok("exp push", "git_remote", "far", "experiments", List.of("one"));
    assertTrue(
        DvcProject.objects(directory.resolve("store"))
            .contains("files/md5/" + model.substring(0, 2) + "/" + model.substring(2)));
    unused = project.ok("exp remove", "experiments", List.of("one"));
    project.sh("rm -rf .dvc/cache");
    unused = project.ok("exp pull", "git_remote", "far", "experiments", List.of("one"));
    assertTrue(
        project.cache().contains("files/md5/" + model.substring(0, 2) + "/" + model.substring(2)));
  }

  @Test
  void autoPush_sharesEachExperiment_andAFailureIsOnlyTold() throws IOException {
    String unused = project.ok("config", "name", "exp.auto_push", "value", "true");
    project.sh("git init -q --bare ../far.git");
    RecordedCall call = project.run("exp run", "name", "one", "set-param", params("train.lr=0.5"));
    assertEquals("", call.failure());
    assertTrue(String.join("", call.warnings()).contains("is not shared"), call.out());
    project.sh("git remote add origin ../far.git");
    unused =
        project.ok(
            "remote add", "name", "s", "url", directory.resolve("s").toString(), "default", true);
    unused = project.ok("exp run", "name", "two", "set-param", params("train.lr=0.6"));
    assertEquals("two\n", project.ok("exp list", "git_remote", "origin", "name-only", true));
    assertFalse(DvcProject.objects(directory.resolve("s")).isEmpty());
  }

  @Test
  void aPipelineThatCannotBeRead_isSaidBeforeParametersChange() throws IOException {
    String before = project.read("params.yaml");
    project.write("dvc.yaml", "stages: [\n");
    project.fails(255, "dvc.yaml", "exp run", "set-param", params("train.lr=0.5"));
    assertEquals(before, project.read("params.yaml"));
  }

  @Test
  void withoutGit_orWithoutCommits_experimentsSaySo() throws IOException {
    Path other = Files.createDirectories(directory.resolve("other"));
    try (DvcProject empty = DvcProject.makeWithRevisions(other)) {
      empty.fails(255, "Empty Git repo", "exp show");
    }
  }
}
