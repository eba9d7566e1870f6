package io.revfs.command.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.testing.DvcProject;
import io.revfs.testing.RecordedCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options that choose commits, what {@code exp save} takes, and the variables of experiments. */
class ExperimentOptionsTest {
  @TempDir Path directory;
  private DvcProject project;

  /** Two branches: {@code main} with tags first, second, third, and {@code side} from second. */
  @BeforeEach
  void make() throws IOException {
    project = DvcProject.makeWithRevisions(directory);
    project.write("params.yaml", "lr: 1\n");
    project.write(
        "dvc.yaml",
        """
        stages:
          train:
            cmd:
            - env | grep ^DVC_ | sort > seen.txt
            - cp params.yaml model.txt
            params: [lr]
            outs: [model.txt]
        """);
    project.write(".gitignore", "/seen.txt\n");
    String unused = project.ok("repro");
    project.commit("first");
    for (String name : List.of("second", "third")) {
      project.write(name + ".txt", name);
      project.commit(name);
    }
    project.sh("git checkout -q -b side second && echo s > side.txt");
    project.commit("fourth");
    for (String at : List.of("first", "second", "third", "side")) {
      project.sh("git checkout -q " + (at.equals("third") ? "main" : at));
      unused = project.ok("exp save", "name", "of-" + at);
    }
    project.sh("git checkout -q main");
  }

  @AfterEach
  void close() {
    project.close();
  }

  private String git(String command) throws IOException {
    return project.sh("git " + command);
  }

  /** Returns baselines by their names, each with its experiments, as {@code exp show} has them. */
  private List<String> shown(Object... pairs) {
    Object[] all = new Object[pairs.length + 2];
    System.arraycopy(pairs, 0, all, 0, pairs.length);
    all[pairs.length] = "json";
    all[pairs.length + 1] = true;
    RecordedCall call = project.run("exp show", all);
    assertEquals("", call.failure());
    List<String> rows = new ArrayList<>();
    for (JsonNode row : call.json()) {
      StringBuilder text = new StringBuilder(row.path("name").asText(row.path("rev").asText()));
      row.path("experiments").forEach(one -> text.append(' ').append(one.get("name").asText()));
      rows.add(text.toString());
    }
    return rows;
  }

  @Test
  void show_takesBranchesTagsParentsAndRevisions() throws IOException {
    assertEquals(List.of("workspace", "main of-third"), shown());
    assertEquals(
        List.of("workspace", "main of-third", "fourth of-side"), shown("all-branches", true));
    assertEquals(
        List.of("first of-first", "fourth of-side", "main of-third", "second of-second"),
        shown("all-tags", true, "hide-workspace", true).stream().sorted().toList());
    assertEquals(List.of("workspace", "main of-third", "second of-second"), shown("num", 2));
    assertEquals(
        List.of("workspace", "main of-third", "second of-second", "first of-first"),
        shown("num", -1));
    assertEquals(
        List.of("workspace", "second of-second", "first of-first"),
        shown("rev", List.of("second"), "num", 2));
    assertEquals(
        List.of("workspace", "main of-third", "second of-second", "fourth of-side"),
        shown("all-branches", true, "num", 2));
    assertEquals(5, shown("all-commits", true).size());
    project.fails(255, "unknown Git revision", "exp show", "rev", List.of("nowhere"));
  }

  @Test
  void show_withSha_namesCommitsByTheirIds() throws IOException {
    String head = git("rev-parse --short=7 HEAD");
    String table = project.ok("exp show", "sha", true, "md", true);
    assertTrue(table.contains("| " + head) && !table.contains("main"), table);
    assertTrue(table.contains("of-third"), table);
    assertFalse(project.ok("exp show", "md", true).contains("| " + head));
  }

  @Test
  void list_takesTheSameRevisions() throws IOException {
    assertEquals("of-third\n", project.ok("exp list", "name-only", true));
    assertEquals(
        "main:\nsecond:\n", sorted(project.ok("exp list", "num", 2).replaceAll("(?m)^\t.*\n", "")));
    assertEquals("of-first\n", project.ok("exp list", "rev", List.of("first"), "name-only", true));
    assertEquals(4, project.ok("exp list", "all-commits", true, "sha-only", true).lines().count());
    String shas = project.ok("exp list", "rev", List.of("side"), "sha-only", true).strip();
    assertEquals(git("rev-parse side"), git("rev-parse " + shas + "^"));
  }

  @Test
  void remove_takesRevisions_andKeepKeepsThem() throws IOException {
    String removed = project.ok("exp remove", "rev", List.of("second"), "num", 2);
    assertTrue(removed.contains("of-first") && removed.contains("of-second"), removed);
    assertEquals(
        "of-side\nof-third\n",
        sorted(project.ok("exp list", "all-commits", true, "name-only", true)));
    removed = project.ok("exp remove", "experiments", List.of("of-side"), "keep", true);
    assertTrue(removed.contains("of-third") && !removed.contains("of-side"), removed);
    assertEquals("of-side\n", project.ok("exp list", "all-commits", true, "name-only", true));
    removed = project.ok("exp remove", "all-commits", true);
    assertEquals("", project.ok("exp list", "all-commits", true));
    assertEquals("", git("for-each-ref refs/exps/" + git("rev-parse side").substring(0, 2)));
    project.fails(255, "Cannot use both", "exp remove", "queue", true, "keep", true);
    project.fails(255, "Either provide", "exp remove");
  }

  private static String sorted(String lines) {
    return String.join("\n", lines.lines().sorted().toList()) + "\n";
  }

  @Test
  void save_takesTargetsDirectoriesAndUntrackedFiles_andReplacesOnlyIfForced() throws IOException {
    project.write("sub/in.txt", "in\n");
    project.write("out/in.txt", "out\n");
    project.add("sub/in.txt", "out/in.txt");
    git("add -A");
    git("commit -qm data");
    project.sh("echo changed > sub/in.txt; echo changed > out/in.txt; echo 9 > model.txt");
    project.write("notes/a.txt", "a");
    project.write("notes/b.txt", "b");
    project.write("alone.txt", "c");
    RecordedCall call =
        project.run(
            "exp save",
            "name",
            "part",
            "targets",
            List.of("sub"),
            "recursive",
            true,
            "include-untracked",
            List.of("notes"));
    assertEquals("", call.failure());
    String kept = call.json().get("ref").asText();
    assertEquals("notes/a.txt\nnotes/b.txt\nsub/in.txt.dvc", git("diff --name-only HEAD " + kept));
    String warned = String.join("\n", call.warnings());
    assertTrue(warned.contains("alone.txt") && !warned.contains("notes"), warned);
    assertEquals("changed\n", project.read("out/in.txt"));
    project.fails(1, "conflicts with existing experiment 'part'", "exp save", "name", "part");
    assertEquals(kept, git("rev-parse refs/exps/" + refOf("part")));
    String unused =
        project.ok("exp save", "name", "part", "force", true, "targets", List.of("out/in.txt"));
    String replaced = git("rev-parse refs/exps/" + refOf("part"));
    assertNotEquals(kept, replaced);
    assertTrue(git("diff --name-only HEAD " + replaced).contains("out/in.txt.dvc"));
    project.fails(1, "'nothing'", "exp save", "targets", List.of("nothing"));
    project.fails(1, "Invalid exp name", "exp save", "name", "a/b");
  }

  private String refOf(String name) throws IOException {
    String head = git("rev-parse HEAD");
    return head.substring(0, 2) + "/" + head.substring(2) + "/" + name;
  }

  @Test
  void commandsOfExperiments_knowWhichTheyAre() throws IOException {
    String head = git("rev-parse HEAD");
    String unused = project.ok("exp run", "name", "here", "set-param", List.of("lr=2"));
    List<String> seen = Files.readAllLines(project.path("seen.txt"));
    assertTrue(seen.contains("DVC_EXP_BASELINE_REV=" + head), seen.toString());
    assertTrue(seen.contains("DVC_EXP_NAME=here"), seen.toString());
    assertTrue(seen.contains("DVC_ROOT=" + project.root()), seen.toString());
    assertTrue(seen.contains("DVC_STAGE=train"), seen.toString());
    project.write(".gitignore", "");
    project.write(
        "dvc.yaml",
        project.read("dvc.yaml").replace("[model.txt]", "[model.txt, seen.txt: {cache: false}]"));
    unused = project.ok("exp run", "name", "aside", "temp", true, "set-param", List.of("lr=3"));
    String there = git("show refs/exps/" + refOf("aside") + ":seen.txt");
    assertTrue(there.contains("DVC_EXP_NAME=aside"), there);
    assertTrue(
        there.contains("DVC_ROOT=" + project.root() + "\n"), "the project it is an experiment of");
  }

  @Test
  void sharing_isWantedByConfigurationOrVariable_withTheGitRemoteOfEither() throws IOException {
    project.sh("git init -q --bare ../far.git && git init -q --bare ../other.git");
    project.sh("git remote add far ../far.git && git remote add other ../other.git");
    String unused =
        project.ok(
            "remote add", "name", "s", "url", directory.resolve("s").toString(), "default", true);
    unused = project.ok("exp run", "name", "alone", "set-param", List.of("lr=2"));
    assertEquals("", listed("far") + listed("other"));
    unused = project.ok("config", "name", "exp.git_remote", "value", "far");
    unused = project.ok("config", "name", "exp.auto_push", "value", "true");
    unused = project.ok("exp run", "name", "one", "set-param", List.of("lr=3"));
    unused = project.ok("exp save", "name", "saved");
    assertEquals("one\nsaved\n", sorted(listed("far")));
    RecordedCall call =
        project.runWith(
            Map.of("DVC_EXP_GIT_REMOTE", "other"),
            "exp run",
            "name",
            "two",
            "set-param",
            List.of("lr=4"));
    assertTrue(call.out().contains("Pushing experiment to 'other'."), call.out());
    call =
        project.runWith(
            Map.of("DVC_EXP_AUTO_PUSH", "false"),
            "exp run",
            "name",
            "three",
            "set-param",
            List.of("lr=5"));
    assertEquals("", call.failure());
    unused = project.ok("config", "name", "exp.auto_push", "value", "false");
    call =
        project.runWith(
            Map.of("DVC_EXP_AUTO_PUSH", "true", "DVC_EXP_GIT_REMOTE", "other"),
            "exp run",
            "temp",
            true,
            "name",
            "four",
            "set-param",
            List.of("lr=6"));
    assertEquals("", call.failure());
    assertEquals("four\ntwo\n", sorted(listed("other")));
    assertEquals("one\nsaved\n", sorted(listed("far")));
    call =
        project.runWith(
            Map.of("DVC_EXP_AUTO_PUSH", "1", "DVC_EXP_GIT_REMOTE", "nowhere"),
            "exp run",
            "name",
            "five",
            "set-param",
            List.of("lr=7"));
    assertEquals("", call.failure(), "a failure to share is none of the experiment");
    assertTrue(
        String.join("", call.warnings()).contains("is not shared"), call.warnings().toString());
    assertTrue(project.ok("exp list", "name-only", true).contains("five\n"));
  }

  private String listed(String remote) {
    return project.ok("exp list", "git_remote", remote, "name-only", true, "all-commits", true);
  }

  @Test
  void pushPullRemove_takeRevisions_andMoveData() throws IOException {
    project.sh("git init -q --bare ../far.git && git remote add far ../far.git");
    Path store = directory.resolve("s");
    String unused = project.ok("remote add", "name", "s", "url", store.toString(), "default", true);
    unused = project.ok("exp push", "git_remote", "far", "rev", List.of("second"), "num", 2);
    assertEquals("of-first\nof-second\n", sorted(listed("far")));
    assertFalse(DvcProject.objects(store).isEmpty(), "their data is there too");
    unused = project.ok("exp push", "git_remote", "far", "no-cache", true);
    assertEquals("of-first\nof-second\nof-third\n", sorted(listed("far")));
    unused = project.ok("exp push", "git_remote", "far", "all-commits", true, "no-cache", true);
    assertEquals(4, listed("far").lines().count());
    unused = project.ok("exp remove", "all-commits", true);
    unused = project.ok("exp pull", "git_remote", "far", "num", 2, "no-cache", true);
    assertEquals(
        "of-second\nof-third\n",
        sorted(project.ok("exp list", "all-commits", true, "name-only", true)));
    project.sh("rm -rf .dvc/cache");
    unused = project.ok("exp pull", "git_remote", "far", "rev", List.of("first"));
    assertFalse(project.cache().isEmpty(), "the data came too");
    unused = project.ok("exp pull", "git_remote", "far", "all-commits", true, "no-cache", true);
    assertEquals(4, project.ok("exp list", "all-commits", true, "name-only", true).lines().count());
    unused =
        project.ok(
            "exp remove", "git-remote", "far", "experiments", List.of("of-first"), "keep", true);
    assertEquals("of-first\n", listed("far"));
    unused = project.ok("exp remove", "git-remote", "far", "rev", List.of("first"));
    assertEquals("", listed("far"));
    assertEquals(4, project.ok("exp list", "all-commits", true, "name-only", true).lines().count());
  }

  @Test
  void logs_areReadInTheEncodingThatIsNamed() throws IOException {
    String unused =
        project.ok("exp run", "queue", true, "name", "talks", "set-param", List.of("lr=2"));
    project.fails(255, "No output logs found", "queue logs", "task", "talks");
    String id = git("rev-parse refs/exps/celery/stash");
    project.write(".dvc/tmp/exps/run/%s/%s.out".formatted(id, id), "");
    Files.write(
        project.path(".dvc/tmp/exps/run/%s/%s.out".formatted(id, id)),
        "Gr\u00fc\u00dfe\nno end".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    assertEquals(
        "Gr\u00fc\u00dfe\nno end\n",
        project.ok("queue logs", "task", id.substring(0, 7), "encoding", "latin-1"));
    assertTrue(project.ok("queue logs", "task", "talks").startsWith("Gr\ufffd"));
    project.fails(254, "unknown encoding", "queue logs", "task", "talks", "encoding", "none");
    project.fails(255, "'nobody'", "queue logs", "task", "nobody");
  }

  @Test
  void clean_removesWhatNoTaskNames() throws IOException {
    String unused =
        project.ok("exp run", "queue", true, "name", "waiting", "set-param", List.of("lr=2"));
    project.write(".dvc/tmp/exps/views/left/file", "x");
    project.write(".dvc/tmp/exps/run/workspace/workspace.json", "{\"pid\": 999999999}");
    unused = project.ok("exp clean");
    assertFalse(project.has(".dvc/tmp/exps/views/left"));
    assertFalse(project.has(".dvc/tmp/exps/run/workspace"));
    assertTrue(project.ok("queue status").contains("waiting"));
  }
}
