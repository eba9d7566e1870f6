package io.revfs.command.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import io.revfs.testing.OpenRepositories;
import io.revfs.testing.RecordedCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands over history in a clone that has only the last commits. */
class ShallowCloneTest {
  private static final String HINT = "git fetch --unshallow";

  @TempDir Path directory;
  private DvcProject project;

  /** A clone of the last two of four commits, with the cache of all. */
  @BeforeEach
  void make() throws IOException {
    try (DvcProject whole = DvcProject.make(Files.createDirectories(directory.resolve("whole")))) {
      whole.ok("remote add", "name", "r", "url", directory + "/store", "default", true);
      for (int n = 1; n <= 4; n++) {
        whole.write("file", n + "\n");
        whole.add("file");
        whole.commit("v" + n);
      }
      whole.ok("push", "all-commits", true);
      whole.sh("git clone -q --depth 2 file://$PWD ../../p && cp -r .dvc/cache ../../p/.dvc/");
    }
    project = DvcProject.open(directory.resolve("p"), directory);
  }

  @AfterEach
  void close() {
    project.close();
  }

  private RecordedCall warned(String command, Object... pairs) {
    RecordedCall call = project.run(command, pairs);
    assertEquals(0, call.exit(), call.failure());
    assertTrue(String.join("\n", call.warnings()).contains("shallow clone"), call::toString);
    return call;
  }

  @Test
  void whatIsThere_isWhatCommandsWorkWith() throws IOException {
    project.sh("rm -r .dvc/cache");
    warned("fetch", "all-commits", true);
    assertEquals(2, project.cache().size());
    warned("push", "all-commits", true);
    warned("status", "cloud", true, "all-commits", true);
    assertTrue(project.ok("fetch", "all-branches", true).contains("Everything is up to date."));
    assertTrue(project.ok("diff", "a_rev", "HEAD~1", "b_rev", "HEAD").contains("file"));
    project.fails(255, "unknown Git revision 'HEAD~3'", "diff", "a_rev", "HEAD~3");
    try (OpenRepositories opened = OpenRepositories.open(directory)) {
      var repository = opened.repositories().open(project.root().toString());
      assertTrue(repository.snapshot(repository.resolve("v3")).find("file").isPresent());
      String failure =
          org.junit.jupiter.api.Assertions.assertThrows(
                  IOException.class, () -> repository.resolve("v1"))
              .getMessage();
      assertTrue(failure.contains(HINT), failure);
    }
  }

  /** What it lacks may be all that others have. */
  @Test
  void gc_removesNothingThatUnseenCommitsMayUse() throws IOException {
    Object[][] scopes = {
      {"all-commits", true},
      {"date", "2020-01-01"},
      {"rev", "HEAD", "num", 3},
      {"all-branches", true, "num", 3},
      {"all-commits", true, "cloud", true}
    };
    for (Object[] scope : scopes) {
      Object[] forced = java.util.Arrays.copyOf(scope, scope.length + 2);
      forced[scope.length] = "force";
      forced[scope.length + 1] = true;
      project.fails(255, "is a shallow clone", "gc", forced);
      assertEquals(4, project.cache().size());
      assertEquals(4, DvcProject.objects(directory.resolve("store")).size());
    }
    warned("gc", "all-commits", true, "dry", true);
    // What it has it knows.
    warned("gc", "rev", "workspace", "num", 3, "dry", true);
    project.ok("gc", "rev", "HEAD", "num", 2, "force", true, "dry", true);
    warned("gc", "all-tags", true, "force", true);
    assertEquals(2, project.cache().size());
    // And one that is made whole is as any other, also while it is open.
    project.sh("git fetch -q --unshallow --tags");
    project.ok("fetch", "all-commits", true);
    RecordedCall call = project.run("gc", "all-commits", true, "force", true);
    assertEquals(0, call.exit(), call.failure());
    assertFalse(String.join("\n", call.warnings()).contains("shallow"), call::toString);
    assertEquals(4, Set.copyOf(project.cache()).size());
  }
}
