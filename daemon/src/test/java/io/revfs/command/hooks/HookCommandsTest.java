package io.revfs.command.hooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import io.revfs.testing.RecordedCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** install, git-hook and the merge driver. */
class HookCommandsTest {
  @TempDir Path directory;
  private DvcProject project;

  @BeforeEach
  void make() throws IOException {
    project = DvcProject.make(directory);
    project.write("data/a", "1\n");
    project.write("data/sub/b", "22\n");
    project.add("data");
    project.commit("v1");
  }

  @AfterEach
  void close() {
    project.close();
  }

  @Test
  void install_makesHooksAndDriver_once() throws IOException {
    project.sh("rm -f .git/hooks/*");
    project.ok("install");
    for (String hook : List.of("pre-commit", "pre-push", "post-checkout")) {
      assertEquals(
          "#!/bin/sh\nexec dvc git-hook %s $@\n".formatted(hook),
          project.read(".git/hooks/" + hook));
      assertEquals("777", project.sh("stat -c %a .git/hooks/" + hook));
    }
    assertEquals(
        "dvc git-hook merge-driver --ancestor %O --our %A --their %B",
        project.sh("git config merge.dvc.driver"));
    assertEquals("DVC merge driver", project.sh("git config merge.dvc.name"));
    project.sh("rm .git/hooks/pre-push");
    project.fails(1, "Hook 'post-checkout' already exists", "install");
    assertFalse(project.has(".git/hooks/pre-push"));
  }

  @Test
  void install_inAWorkTreeBesides_goesToTheSharedHooks() throws IOException {
    project.sh("rm -f .git/hooks/*; git worktree add -q ../tree");
    try (DvcProject tree =
        DvcProject.open(directory.resolve("tree"), directory.resolve("of-tree"))) {
      tree.ok("install");
    }
    assertTrue(project.has(".git/hooks/pre-push"));
  }

  @Test
  void install_forThePreCommitTool_addsToItsFile_once() throws IOException {
    project.write(".pre-commit-config.yaml", "# ours\nrepos:\n- repo: local\n  hooks: []\n");
    project.ok("install", "use-pre-commit-tool", true);
    String once = project.read(".pre-commit-config.yaml");
    project.ok("install", "use-pre-commit-tool", true);
    assertEquals(once, project.read(".pre-commit-config.yaml"));
    assertEquals(
        """
        # ours
        repos:
        - repo: local
          hooks: []
        - repo: https://github.com/treeverse/dvc
          rev: 3.67.1
          hooks:
          - id: dvc-pre-commit
            additional_dependencies:
            - .[all]
            language_version: python3
            stages:
            - pre-commit
          - id: dvc-pre-push
            additional_dependencies:
            - .[all]
            language_version: python3
            stages:
            - pre-push
          - id: dvc-post-checkout
            additional_dependencies:
            - .[all]
            language_version: python3
            stages:
            - post-checkout
            always_run: true
        """,
        once);
  }

  @Test
  void preCommit_saysTheStatus() throws IOException {
    assertTrue(project.ok("git-hook pre-commit").contains("up to date"));
    project.write("data/a", "changed\n");
    assertTrue(project.ok("git-hook pre-commit", "args", List.of("x")).contains("modified:"));
  }

  @Test
  void prePush_pushes() {
    Path remote = directory.resolve("r");
    project.ok("remote add", "name", "r", "url", remote.toString(), "default", true);
    project.ok("git-hook pre-push", "args", List.of("origin", "url"));
    assertTrue(Files.isDirectory(remote.resolve("files/md5")));
  }

  @Test
  void postCheckout_ofABranchOnly_checksOut() throws IOException {
    project.sh("rm -r data");
    project.ok("git-hook post-checkout", "args", List.of("a", "b", "0"));
    assertFalse(project.has("data"));
    for (String busy : List.of("rebase-merge", "rebase-apply")) {
      project.sh("mkdir .git/" + busy);
      project.ok("git-hook post-checkout", "args", List.of("a", "b", "1"));
      project.sh("rmdir .git/" + busy);
    }
    assertFalse(project.has("data"));
    project.ok("git-hook post-checkout", "args", List.of("a", "b", "1"));
    assertEquals("1\n", project.read("data/a"));
  }

  @Test
  void hooks_outsideOfProjects_doNothing() throws IOException {
    Path elsewhere = Files.createDirectories(directory.resolve("elsewhere"));
    RecordedCall call =
        project.runIn(elsewhere.toString(), "git-hook post-checkout", "args", List.of("", "", "1"));
    assertEquals(0, call.exit(), call.failure());
  }

  /** Makes ours on main and theirs on a branch, and lets both be merged by the driver's files. */
  private RecordedCall merge(String ours, String theirs) throws IOException {
    project.sh("cp data.dvc ../ancestor");
    project.sh("cp -a data ../before && " + theirs);
    project.add("data");
    project.sh("cp data.dvc ../theirs && rm -r data && mv ../before data && " + ours);
    project.add("data");
    project.sh("cp data.dvc ../ours");
    return project.run(
        "git-hook merge-driver", "ancestor", "../ancestor", "our", "../ours", "their", "../theirs");
  }

  @Test
  void mergeDriver_takesWhatEachSideChanged() throws IOException {
    RecordedCall call =
        merge(
            "echo new > data/c; echo same > data/d",
            "rm data/sub/b; echo 9 > data/a; echo same > data/d");
    assertEquals(0, call.exit(), call.failure());
    project.sh("cp ../ours data.dvc");
    project.ok("checkout");
    assertEquals(
        "a 9 c new d same",
        project.sh("cd data; for f in *; do [ -f $f ] && echo $f $(cat $f); done | xargs"));
    assertTrue(project.read("data.dvc").contains("nfiles: 3\n"));
    assertTrue(project.read("data.dvc").contains("size: 11\n"));
    assertEquals("{}", project.run("status").json().toString());
  }

  @Test
  void mergeDriver_whatBothChanged_isAConflict_andOursStays() throws IOException {
    RecordedCall call = merge("echo 8 > data/a", "echo 9 > data/a; rm data/sub/b");
    assertEquals(1, call.exit());
    assertTrue(call.failure().contains("following paths:\na"), call.failure());
    assertEquals(project.read("data.dvc"), project.read("../ours"));
  }

  @Test
  void mergeDriver_otherSettings_orFiles_areConflicts() throws IOException {
    project.write("f", "1\n");
    project.add("f");
    project.sh("cp data.dvc ../ancestor; cp f.dvc ../ours; cp f.dvc ../theirs");
    project.fails(
        1,
        "not directories",
        "git-hook merge-driver",
        "ancestor",
        "../ancestor",
        "our",
        "../ours",
        "their",
        "../theirs");
    project.sh("cp data.dvc ../ours; (cat data.dvc; echo '  push: false') > ../theirs");
    project.fails(
        1,
        "different options",
        "git-hook merge-driver",
        "ancestor",
        "../ancestor",
        "our",
        "../ours",
        "their",
        "../theirs");
  }

  /** Git runs the driver as it would anywhere, but for the command's name. */
  @Test
  void mergeDriver_newOnBothSides_hasAnEmptyAncestor() throws IOException {
    project.write("../ancestor", "");
    project.sh("cp data.dvc ../ours; cp data.dvc ../theirs");
    project.ok(
        "git-hook merge-driver", "ancestor", "../ancestor", "our", "../ours", "their", "../theirs");
    assertEquals(project.read("data.dvc"), project.read("../ours"));
  }
}
