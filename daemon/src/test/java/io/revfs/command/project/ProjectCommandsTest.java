package io.revfs.command.project;

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

/** destroy, root, version and check-ignore. */
class ProjectCommandsTest {
  @TempDir Path directory;
  private DvcProject project;

  @BeforeEach
  void make() throws IOException {
    project = DvcProject.make(directory);
  }

  @AfterEach
  void close() {
    project.close();
  }

  @Test
  void destroy_leavesTheData_andNothingOfDvc() throws IOException {
    project.ok("config", "name", "cache.type", "value", "symlink");
    project.write("data/a", "1\n");
    project.add("data");
    project.write("sub/dvc.yaml", "stages:\n  one:\n    cmd: echo\n");
    project.write("sub/dvc.lock", "schema: '2.0'\nstages: {}\n");
    project.fails(1, "without a confirmation", "destroy");
    assertTrue(project.has("data.dvc"));
    project.ok("destroy", "force", true);
    assertEquals(
        ".gitignore\ndata/a", project.sh("find . -name .git -prune -o -type f -printf '%P\\n'"));
    assertFalse(Files.isSymbolicLink(project.path("data/a")));
    project.fails(255, "not inside of a DVC repository", "destroy", "force", true);
  }

  @Test
  void root_isTheWayThere() throws IOException {
    Files.createDirectories(project.path("a/b"));
    assertEquals("../..\n", project.runIn("a/b", "root").out());
    assertEquals(".\n", project.ok("root"));
  }

  @Test
  void version_tellsOfCacheRemotesAndFileSystems() throws IOException {
    String before = project.ok("version");
    assertTrue(before.startsWith("DVC version: 3.67.1"), before);
    assertTrue(before.contains("\nCache types: <https://error.dvc.org/no-dvc-cache>\n"), before);
    assertTrue(before.contains("\nRemotes: None\n"), before);
    project.write("f", "1\n");
    project.add("f");
    project.ok("remote add", "name", "r", "url", "s3://bucket/x");
    project.ok("remote add", "name", "d", "url", directory.toString());
    String now = project.ok("version");
    assertTrue(now.contains("hardlink, symlink"), now);
    assertTrue(now.contains("\nRemotes: s3, local\n"), now);
    assertTrue(now.contains("\nRepo: dvc, git"), now);
    assertTrue(now.matches("(?s).*\nWorkspace directory: \\w+ on .*"), now);
    RecordedCall elsewhere = project.runIn("/", "version");
    assertEquals(0, elsewhere.exit(), elsewhere.failure());
  }

  @Test
  void checkIgnore_saysWhichAndWhy() throws IOException {
    project.write(".dvcignore", "*.tmp\n!keep.tmp\n");
    assertEquals("x.tmp\n", project.ok("check-ignore", "targets", List.of("x.tmp", "x", "")));
    assertEquals(1, project.run("check-ignore", "targets", List.of("x")).exit());
    assertEquals(
        ".dvcignore:1:*.tmp\tx.tmp\n.dvcignore:2:!keep.tmp\tkeep.tmp\n::\tx\n",
        project.ok(
            "check-ignore",
            "targets",
            List.of("x.tmp", "keep.tmp", "x"),
            "details",
            true,
            "non-matching",
            true));
    assertEquals("x.tmp\n", project.ok("check-ignore", "targets", List.of("x.tmp"), "stdin", true));
    project.fails(255, "needed", "check-ignore");
    project.fails(
        255, "--non-matching", "check-ignore", "targets", List.of("x"), "non-matching", true);
    project.fails(255, "--all", "check-ignore", "targets", List.of("x"), "all", true);
    project.fails(
        255, "--quiet", "check-ignore", "targets", List.of("x"), "details", true, "quiet", true);
  }
}
