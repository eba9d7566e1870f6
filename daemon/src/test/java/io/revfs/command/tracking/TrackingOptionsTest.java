package io.revfs.command.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import io.revfs.testing.ReferenceRepository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options of checkout, status, data status and diff. */
class TrackingOptionsTest {
  @TempDir Path directory;
  private DvcProject project;

  @BeforeEach
  void make() throws IOException {
    project = DvcProject.make(directory);
    project.write("data/a", "1\n");
    project.write("data/b", "2\n");
    project.write("below/c", "3\n");
    project.add("data", "below/c");
    project.ok(
        "remote add", "name", "r", "url", directory.resolve("r").toString(), "default", true);
    project.commit("v1");
  }

  @AfterEach
  void close() {
    project.close();
  }

  private String json(String command, Object... pairs) {
    var call = project.run(command, pairs);
    assertEquals("", call.failure());
    return call.json().toString().replace('"', '\'');
  }

  @Test
  void checkout_summary_countsFiles() throws IOException {
    project.sh("rm -r data; echo 9 > below/c");
    assertEquals(
        "1 file modified and 2 files added\n",
        project.ok("checkout", "summary", true, "force", true));
    assertEquals("No changes.\n", project.ok("checkout", "summary", true));
  }

  @Test
  void checkout_recursive_takesWhatIsBelowADirectory() throws IOException {
    project.sh("rm -r data below/c");
    project.ok("checkout", "targets", List.of("below"), "recursive", true);
    assertTrue(project.has("below/c"));
    assertFalse(project.has("data"));
  }

  @Test
  void checkout_withDeps_takesWhatAStageDependsOn() throws IOException {
    project.write("dvc.yaml", "stages:\n  one:\n    cmd: echo\n    deps:\n    - data\n");
    project.sh("rm -r data below/c");
    project.ok("checkout", "targets", List.of("one"), "with-deps", true);
    assertTrue(project.has("data/a"));
    assertFalse(project.has("below/c"));
  }

  /** Stages, those of one loop, a file of stages, a stage of a file elsewhere. */
  @Test
  void targets_areStages_andGroups() throws IOException {
    project.write(
        "dvc.yaml",
        """
        stages:
          plain:
            cmd: echo p > p.txt
            outs: [p.txt]
          each:
            foreach: [one, two]
            do:
              cmd: echo ${item} > ${item}.txt
              outs: ["${item}.txt"]
        """);
    project.write("sub/dvc.yaml", "stages:\n  deep:\n    cmd: echo d > d.txt\n    outs: [d.txt]\n");
    project.ok("repro");
    project.ok("repro", "targets", List.of("sub/dvc.yaml"));
    List<String> all = List.of("one.txt", "p.txt", "sub/d.txt", "two.txt");
    Map<String, List<String>> meant =
        Map.of(
            "plain", List.of("p.txt"),
            "dvc.yaml:plain", List.of("p.txt"),
            "each@two", List.of("two.txt"),
            "each", List.of("one.txt", "two.txt"),
            "dvc.yaml", List.of("one.txt", "p.txt", "two.txt"),
            "sub/dvc.yaml:deep", List.of("sub/d.txt"),
            "sub/dvc.yaml", List.of("sub/d.txt"));
    for (Map.Entry<String, List<String>> one : meant.entrySet()) {
      project.sh("rm -f one.txt p.txt two.txt sub/d.txt");
      String status = json("status", "targets", List.of(one.getKey()));
      project.ok("checkout", "targets", List.of(one.getKey()));
      assertEquals(
          one.getValue(), all.stream().filter(project::has).toList(), "checkout " + one.getKey());
      for (String file : all) {
        assertEquals(
            one.getValue().contains(file),
            status.contains("'" + file + "'"),
            "status " + one.getKey() + ": " + status);
      }
      project.sh("rm -rf ../r");
      project.ok("push", "targets", List.of(one.getKey()));
      assertEquals(
          one.getValue().size(),
          DvcProject.objects(directory.resolve("r")).size(),
          "push " + one.getKey());
    }
    project.fails(255, "'each@three'", "checkout", "targets", List.of("each@three"));
  }

  @Test
  void checkout_relink_ofOneTarget() throws IOException {
    project.ok("config", "name", "cache.type", "value", "hardlink");
    project.ok("checkout", "targets", List.of("data"), "relink", true);
    assertEquals("2 1", project.sh("stat -c %h data/a below/c | xargs"));
  }

  @Test
  void statusOfTheCloud_ofAllRevisions() throws IOException {
    project.write("below/c", "4\n");
    project.add("below/c");
    project.commit("v2");
    project.ok("push");
    assertEquals("{}", json("status", "cloud", true));
    assertEquals("{'below/c':'new'}", json("status", "cloud", true, "all-tags", true));
    assertEquals("{'below/c':'new'}", json("status", "cloud", true, "all-commits", true));
    assertEquals("{}", json("status", "cloud", true, "all-branches", true));
    project.fails(1, "meaningless for local status", "status", "all-tags", true);
  }

  @Test
  void dataStatus_untrackedFiles_andWhatTheRemoteLacks() throws IOException {
    project.write("new/file", "x");
    String without = json("data status");
    assertFalse(without.contains("new/file"), without);
    String all = json("data status", "untracked-files", "all");
    assertTrue(all.contains("'untracked':['new/file']"), all);
    String lacking = json("data status", "not-in-remote", true);
    assertTrue(lacking.contains("'not_in_remote':['below/c','data/']"), lacking);
    project.ok("push", "targets", List.of("data"));
    lacking = json("data status", "not-in-remote", true, "remote", "r");
    assertTrue(lacking.contains("'not_in_remote':['below/c']"), lacking);
  }

  @Test
  void diff_ofSomePaths_withHashes() throws IOException {
    project.write("data/b", "9\n");
    project.write("below/c", "9\n");
    project.add("data", "below/c");
    String some = json("diff", "targets", List.of("below/c"));
    assertTrue(some.contains("below/c") && !some.contains("data"), some);
    String hashes = json("diff", "show-hash", true, "targets", List.of("below/c"));
    assertTrue(
        hashes.contains(
            "'hash':{'old':'6d7fce9fee471194aa8b5b6e47267f03','new':'7c5aba41f53293b712fd86d08ed5b36e'}"),
        hashes);
    project.fails(255, "nowhere", "diff", "targets", List.of("nowhere"));
  }

  @Test
  void diff_hideMissing_leavesOutWhatIsDeletedHere() throws IOException {
    project.sh("rm -r data below/c");
    assertTrue(json("diff").contains("'deleted':[{'path':'below/c'}"), json("diff"));
    project.sh("rm -r .dvc/cache");
    String shown = json("diff");
    assertTrue(shown.contains("'not in cache':[{'path':'below/c'}"), shown);
    assertFalse(json("diff", "hide-missing", true).contains("not in cache"));
  }

  @Test
  void diff_asMarkdown_isDvcsTable() throws IOException {
    Path repo = ReferenceRepository.unpack("02-directories", directory).repo();
    try (DvcProject reference = DvcProject.open(repo, directory.resolve("k"))) {
      reference.ok("fetch", "all-tags", true);
      assertEquals(
          """
          | Status   | Path                                    |
          |----------|-----------------------------------------|
          | added    | images/cats/3.png                       |
          | deleted  | images/cats/2.png                       |
          | renamed  | images/readme.txt -> images/READ ME.txt |
          | modified | images/                                 |
          | modified | images/dogs/1.png                       |

          """,
          reference.ok("diff", "a_rev", "v1", "b_rev", "v2", "md", true));
    }
  }
}
