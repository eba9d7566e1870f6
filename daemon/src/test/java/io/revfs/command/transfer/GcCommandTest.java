package io.revfs.command.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

/** gc: what each scope keeps, in the cache and on remotes. */
class GcCommandTest {
  /** Objects of "1\n", "2\n", … by their number. */
  private static final List<String> OBJECTS =
      List.of(
          "",
          "files/md5/b0/26324c6904b2a9cb4b88d6d61c81d1",
          "files/md5/26/ab0db90d72e28ad0ba1e22ee510510",
          "files/md5/6d/7fce9fee471194aa8b5b6e47267f03",
          "files/md5/48/a24b70a0b376535542b996af517398");

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

  /** A file that is n in version n: v1 to v3 on main, v4 in the work tree only. */
  private void fourVersions() throws IOException {
    for (int n = 1; n <= 4; n++) {
      project.write("file", n + "\n");
      project.add("file");
      if (n < 4) {
        project.sh(
            ("git add -A && GIT_COMMITTER_DATE='2026-01-0%dT12:00:00Z' git commit -qm v%d"
                    + " && git tag v%d")
                .formatted(n, n, n));
      }
    }
  }

  private void keeps(List<Integer> versions, Object... options) throws IOException {
    Object[] all = java.util.Arrays.copyOf(options, options.length + 2);
    all[options.length] = "force";
    all[options.length + 1] = true;
    project.ok("gc", all);
    assertEquals(versions.stream().map(OBJECTS::get).sorted().toList(), project.cache());
  }

  @Test
  void workspace_keepsOnlyWhatIsHere() throws IOException {
    fourVersions();
    assertTrue(
        project.ok("gc", "workspace", true, "dry", true).contains("Removed 3 objects from repo"));
    assertEquals(4, project.cache().size());
    keeps(List.of(4), "workspace", true);
  }

  @Test
  void revision_keepsItAndSoManyBefore() throws IOException {
    fourVersions();
    keeps(List.of(2, 3, 4), "rev", "v3", "num", 2);
    keeps(List.of(3, 4), "all-branches", true);
  }

  @Test
  void tagsAndCommits_keepAllOfThem() throws IOException {
    fourVersions();
    project.sh("git tag -d v2");
    keeps(List.of(1, 2, 3, 4), "all-commits", true);
    keeps(List.of(1, 3, 4), "all-tags", true);
  }

  @Test
  void date_keepsWhatIsYounger() throws IOException {
    fourVersions();
    project.fails(255, "is no date", "gc", "date", "tomorrow", "force", true);
    keeps(List.of(2, 3, 4), "date", "2026-01-02");
  }

  @Test
  void experiments_areKeptIfAskedFor() throws IOException {
    fourVersions();
    project.sh("git update-ref refs/exps/$(git rev-parse v3 | sed 's,^..,&/,')/mine v1");
    keeps(List.of(1, 4), "all-experiments", true);
  }

  @Test
  void aDirectoriesFiles_stayWithIt() throws IOException {
    project.write("data/a", "1\n");
    project.write("data/b", "2\n");
    project.add("data");
    project.commit("v1");
    project.write("data/b", "3\n");
    project.add("data");
    project.ok("gc", "workspace", true, "force", true);
    assertEquals(3, project.cache().size());
    assertTrue(project.cache().containsAll(List.of(OBJECTS.get(1), OBJECTS.get(3))));
  }

  /** As this program names them, and DVC; a young one may be one that somebody writes to. */
  @Test
  void whatKilledCommandsLeft_goesOnceItIsOld() throws IOException {
    project.write("file", "1\n");
    project.add("file");
    List<String> names =
        List.of(
            ".00ff00ff00ff00ff1234.tmp",
            "files/md5/b0/.00ff00ff00ff00ff1234.tmp",
            "files/md5/b0/.26324c6904b2a9cb4b88d6d61c81d1.ff00.tmp",
            "files/md5/b0/.Xy_-0123456789abcdefgh.tmp",
            "files/md5/b0/26324c6904b2a9cb4b88d6d61c81d1.Xy_-0123456789abcdefgh.tmp",
            "b0/.00ff00ff00ff00ff1234.tmp");
    project.sh("mkdir -p .dvc/cache/b0");
    for (String name : names) {
      project.write(".dvc/cache/" + name, "half");
    }
    project.write(".dvc/cache/files/md5/b0/notes.tmp", "somebody's own");
    project.write(".dvc/cache/.notes.tmp", "somebody's own");
    project.ok("gc", "workspace", true, "force", true);
    assertEquals(names.size() + 3, project.cache().size());
    project.sh("find .dvc/cache -name '*.tmp' -exec touch -d '2 days ago' {} +");
    project.ok("gc", "workspace", true, "force", true, "dry", true);
    assertEquals(names.size() + 3, project.cache().size());
    RecordedCall call = project.run("gc", "workspace", true, "force", true);
    assertTrue(
        call.out().contains("Removed 6 files that commands which died had left."), call.out());
    assertEquals(List.of(".notes.tmp", OBJECTS.get(1), "files/md5/b0/notes.tmp"), project.cache());
  }

  @Test
  void aListThatIsNowhere_stopsIt_unlessForced() throws IOException {
    project.write("data/a", "1\n");
    project.add("data");
    project.sh("rm .dvc/cache/files/md5/*/*.dir");
    RecordedCall call = project.run("gc", "workspace", true);
    assertEquals(1, call.exit()); // nobody answers the question
    project.sh("rm -r data");
    project.ok("gc", "workspace", true, "force", true);
    assertEquals(List.of(), project.cache());
  }

  @Test
  void aListThatOnlyTheRemoteHas_isFetched() throws IOException {
    project.ok(
        "remote add", "name", "r", "url", directory.resolve("r").toString(), "default", true);
    project.write("data/a", "1\n");
    project.add("data");
    project.ok("push");
    project.sh("rm .dvc/cache/files/md5/*/*.dir");
    project.ok("gc", "workspace", true, "force", true);
    assertEquals(2, project.cache().size());
  }

  @Test
  void aRevisionThatCannotBeRead_stopsIt_unlessSkipped() throws IOException {
    fourVersions();
    project.write("bad.dvc", "<<<<<<< ours\nouts: []\n");
    project.commit("bad");
    project.sh("git rm -q bad.dvc && git commit -qm good");
    project.fails(255, "Failed to collect", "gc", "all-commits", true, "force", true);
    assertEquals(4, project.cache().size());
    project.ok("gc", "all-commits", true, "force", true, "skip-failed", true);
    assertEquals(4, project.cache().size());
  }

  @Test
  void cloud_removesFromRemotesToo() throws IOException {
    Path remote = directory.resolve("r");
    Path other = directory.resolve("o");
    project.ok("remote add", "name", "r", "url", remote.toString(), "default", true);
    project.ok("remote add", "name", "o", "url", other.toString());
    fourVersions();
    project.ok("push", "all-commits", true);
    project.write("else", "1\n");
    project.add("else");
    project.sh("echo '  remote: o' >> else.dvc");
    project.ok("push");
    Files.createDirectories(other.resolve("files/md5/00"));
    Files.writeString(other.resolve("files/md5/00/000000000000000000000000000000"), "unused");
    Files.writeString(other.resolve("files/md5/00/not-an-object"), "stays");
    project.ok("gc", "workspace", true, "cloud", true, "force", true, "dry", true);
    assertEquals(4, DvcProject.objects(remote).size());
    project.ok("gc", "workspace", true, "cloud", true, "force", true);
    assertEquals(List.of(OBJECTS.get(4)), DvcProject.objects(remote));
    assertEquals(List.of("files/md5/00/not-an-object", OBJECTS.get(1)), DvcProject.objects(other));
  }

  @Test
  void notInRemote_keepsOnlyWhatTheRemoteLacks() throws IOException {
    project.ok(
        "remote add", "name", "r", "url", directory.resolve("r").toString(), "default", true);
    fourVersions();
    project.ok("push", "all-tags", true);
    project.sh("rm " + directory.resolve("r").resolve(OBJECTS.get(2)));
    keeps(List.of(2), "all-tags", true, "not-in-remote", true);
  }

  @Test
  void projects_keepWhatTheyUseOfASharedCache() throws IOException {
    fourVersions();
    String cache = project.path(".dvc/cache").toString();
    try (DvcProject other = DvcProject.make(directory.resolve("second"))) {
      other.ok("config", "name", "cache.dir", "value", cache);
      other.write("two", "2\n");
      other.add("two");
      keeps(List.of(2, 4), "workspace", true, "projects", List.of(other.root().toString()));
    }
  }

  @Test
  void wrongOptions_areRefused() throws IOException {
    project.fails(255, "needs to be set", "gc");
    project.fails(255, "`--remote` requires", "gc", "workspace", true, "remote", "r");
    project.fails(255, "exclusive", "gc", "cloud", true, "not-in-remote", true);
    project.fails(255, "`--num` can only be used", "gc", "workspace", true, "num", 2);
    RecordedCall unanswered = project.run("gc", "workspace", true);
    assertEquals(1, unanswered.exit());
    assertTrue(unanswered.warnings().getFirst().contains("items used in the workspace of"));
  }
}
