package io.revfs.command.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DaemonCalls;
import io.revfs.testing.DaemonProject;
import io.revfs.testing.ReferenceRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** init, add and commit through a daemon; expected bytes are what DVC wrote. */
class RecordCommandsTest extends DaemonProject {
  @BeforeEach
  void make() throws IOException {
    write("data/a", "1\n");
    write("data/sub/b", "22\n");
  }

  /** Runs a command; returns "" if it went well, else its message. */
  private String run(String command, Object... pairs) throws IOException {
    DaemonCalls.Outcome outcome = dvc.run(command, pairs);
    return outcome.exit() != 0 && outcome.message().isEmpty()
        ? outcome.toString()
        : outcome.message();
  }

  private void ok(String command, Object... pairs) throws IOException {
    assertEquals("", run(command, pairs));
  }

  private void add(String... targets) throws IOException {
    ok("add", "targets", List.of(targets));
  }

  private void checkRefused(String message, String target) throws IOException {
    String said = run("add", "targets", List.of(target));
    assertTrue(said.contains(message), said);
  }

  private List<String> cache() throws IOException {
    Path cache = path(".dvc/cache/files/md5");
    if (!Files.exists(cache)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(cache)) {
      return all.filter(Files::isRegularFile)
          .map(file -> cache.relativize(file).toString().replace("/", ""))
          .sorted()
          .toList();
    }
  }

  @Test
  void init_makesWhatDvcMakes_andGitHasIt() throws IOException {
    assertEquals(
        "A  .dvc/.gitignore\nA  .dvc/config\nA  .dvcignore\n?? data/", sh("git status -s"));
    assertEquals("/config.local\n/tmp\n/cache\n", read(".dvc/.gitignore"));
    assertEquals("", read(".dvc/config"));
    assertTrue(run("init").contains("exists. Use `-f` to force."));
    enter(Files.createDirectories(path("below")));
    assertTrue(run("init").contains("not tracked by any supported SCM tool"));
    ok("init", "subdir", true);
    enter(Files.createDirectories(directory.resolve("alone")));
    ok("init", "no-scm", true);
    assertEquals("[core]\n    no_scm = True\n", read(".dvc/config"));
    write("x", "x");
    add("x");
    assertFalse(Files.exists(path(".gitignore")));
  }

  @Test
  void add_fileAndDirectory_areRecordedStoredAndIgnored() throws IOException {
    write(".gitignore", "keep");
    write("f[1].txt", "x\n");
    Files.setPosixFilePermissions(path("f[1].txt"), PosixFilePermissions.fromString("rwxr-xr-x"));
    add("data", "f[1].txt");
    assertEquals(OF_DATA, read("data.dvc"));
    assertEquals(
        """
        outs:
        - md5: 401b30e3b8b5d629635a5c613cdb7919
          size: 2
          isexec: true
          hash: md5
          path: f[1].txt
        """,
        read("f[1].txt.dvc"));
    assertEquals("keep\n/data\n/f\\[1\\].txt\n", read(".gitignore"));
    assertEquals(
        List.of(
            "2fc57d6f63a9ee7e2f21a26fa522e3b6",
            "401b30e3b8b5d629635a5c613cdb7919",
            "b026324c6904b2a9cb4b88d6d61c81d1",
            "deb8aa26b8e1feb9d4130410df092ed3.dir"),
        cache());
    assertEquals("444", sh("stat -c %a .dvc/cache/files/md5/*/* | sort -u"));
    assertEquals("644", sh("stat -c %a data/a"));
    assertEquals("755", sh("stat -c %a 'f[1].txt'"));
  }

  @Test
  void add_aPartOfADirectory_changesOnlyThat() throws IOException {
    add("data");
    write("data/a", "not recorded\n");
    write("data/sub/c", "333\n");
    add("data/sub/c");
    assertEquals(
        OF_DATA
            .replace("deb8aa26b8e1feb9d4130410df092ed3", "0bf47103eba3d9c152e8a2facd02fc87")
            .replace("size: 5", "size: 9")
            .replace("nfiles: 2", "nfiles: 3"),
        read("data.dvc"));
    Files.delete(path("data/a"));
    add("data/a");
    assertEquals(
        OF_DATA
            .replace("deb8aa26b8e1feb9d4130410df092ed3", "1c6bef378a16908b72a1ca8f1153b16f")
            .replace("  size: 5\n", ""),
        read("data.dvc"));
    checkRefused("does not exist", "data/never");
  }

  @Test
  void add_noCommit_storesNothing_commitDoesLater() throws IOException {
    ok("add", "targets", List.of("data"), "no-commit", true);
    assertEquals(OF_DATA, read("data.dvc"));
    assertEquals(List.of(), cache());
    ok("commit");
    assertEquals(3, cache().size());
    assertEquals(OF_DATA, read("data.dvc"));
  }

  @Test
  void add_withHardLinks_linksTheDataToTheCache() throws IOException {
    ok("config", "name", "cache.type", "value", "hardlink");
    add("data");
    assertEquals("2 444", sh("stat -c '%h %a' data/a"));
    ok("unprotect", "targets", List.of("data"));
    write("data/a", "new\n");
    ok("add", "targets", List.of("data"), "no-relink", true);
    assertEquals("1 644", sh("stat -c '%h %a' data/a"));
    assertEquals("1", sh("cat .dvc/cache/files/md5/b0/26324c6904b2a9cb4b88d6d61c81d1"));
  }

  @Test
  void add_withSymbolicLinks_replacesTheDataByThem() throws IOException {
    ok("config", "name", "cache.type", "value", "symlink");
    add("data");
    Path object = path(".dvc/cache/files/md5/b0/26324c6904b2a9cb4b88d6d61c81d1");
    assertEquals(object, Files.readSymbolicLink(path("data/a")));
    assertEquals("1\n", read("data/a"));
    add("data");
    assertEquals(OF_DATA, read("data.dvc"));
  }

  @Test
  void add_glob_takesWhatMatches() throws IOException {
    write(".hidden.csv", "h");
    write("x.csv", "x");
    write("deep/er/y.csv", "y");
    ok("add", "targets", List.of("**/*.csv"), "glob", true);
    assertTrue(Files.exists(path("x.csv.dvc")));
    assertTrue(Files.exists(path("deep/er/y.csv.dvc")));
    assertEquals("/y.csv\n", read("deep/er/.gitignore"));
    assertFalse(Files.exists(path(".hidden.csv.dvc")));
    assertTrue(run("add", "targets", List.of("*.no"), "glob", true).contains("no matches"));
  }

  @Test
  void add_whatCannotBeTracked_isRefusedAndNothingChanges() throws IOException {
    add("data/sub");
    write("in-git", "x");
    sh("git add in-git");
    write(".dvcignore", "*.tmp\nbuild/\n");
    write("build/o", "x");
    Files.createDirectories(path("other/.dvc"));
    write("other/x", "x");
    write("x.tmp", "x");
    Files.createSymbolicLink(path("link"), path("data"));
    checkRefused("overlapping with other DVC tracked output: 'data/sub'", "data");
    checkRefused("outside of DVC project", "../elsewhere");
    checkRefused("outside of DVC project", "s3://bucket/x");
    checkRefused("already tracked by SCM", "in-git");
    checkRefused("ignored by .dvcignore", "x.tmp");
    checkRefused("ignored by :.dvc/", ".dvc/config");
    checkRefused("ignored by .dvcignore", "build");
    checkRefused("ignored by .dvcignore", "build/o");
    checkRefused("ignored by in sub_repo:other", "other/x");
    checkRefused("cannot be an output", "data/sub.dvc");
    checkRefused("symlinked directories", "link/a");
    checkRefused("does not exist", "absent");
    checkRefused("root of the project", ".");
    assertFalse(Files.exists(path(".gitignore")));
    assertEquals("data/sub.dvc", sh("find . -name '*.dvc' -type f -printf '%P\\n'"));
  }

  @Test
  void add_ofADirectoryWithIgnoreRulesInIt_isRefused() throws IOException {
    write("data/sub/.dvcignore", "b\n");
    checkRefused(".dvcignore file should not be in collected dir path", "data");
    assertFalse(Files.exists(path("data.dvc")));
  }

  @Test
  void add_whileAnotherHasTheLock_isRefused() throws IOException {
    Path lock = path(".dvc/tmp/lock");
    Files.writeString(lock, "");
    Process other =
        new ProcessBuilder("flock", lock.toString(), "sh", "-c", "echo locked; exec cat").start();
    try {
      assertEquals('l', other.getInputStream().read());
      checkRefused("Unable to acquire lock", "data");
    } finally {
      other.getOutputStream().close();
      other.onExit().join();
    }
    add("data");
  }

  @Test
  void commit_changed_needsForce() throws IOException {
    add("data");
    write("data/a", "changed\n");
    assertTrue(run("commit").contains("unable to commit changed stage: 'data.dvc'"));
    assertEquals(OF_DATA, read("data.dvc"));
    ok("commit", "force", true);
    assertTrue(read("data.dvc").contains("size: 11\n"));
    assertEquals(5, cache().size());
    Files.move(path("data"), directory.resolve("away"));
    assertTrue(run("commit", "force", true).contains("output 'data' does not exist"));
  }

  @Test
  void commit_ofDvcsRepository_keepsWhatPeopleWrote() throws IOException {
    enter(ReferenceRepository.unpack("01-single-files", directory).repo());
    ok("pull");
    String before = read("data.csv.dvc");
    Files.writeString(path("data.csv"), read("data.csv") + "changed\n");
    ok("commit", "targets", List.of("data.csv.dvc"), "force", true);
    assertEquals(
        before
            .replace("784510f9c02df4a7a9f2ee4f99f8d6b0", "48cba0ca28439c9453f65a0844b1b8b8")
            .replace("size: 29", "size: 37"),
        read("data.csv.dvc"));
    assertTrue(cache().contains("48cba0ca28439c9453f65a0844b1b8b8"));
  }

  @Test
  void add_partsOfDvcsDirectory_areAsDvcRecordsThem() throws IOException {
    enter(ReferenceRepository.unpack("02-directories", directory).repo());
    ok("pull");
    Files.delete(path("images/cats/3.png"));
    add("images/cats/3.png");
    assertEquals(
        """
        outs:
        - md5: e30314ea3e1798106777f2fa075ffe0d.dir
          nfiles: 5
          hash: md5
          path: images
        """,
        read("images.dvc"));
    ok("checkout", "targets", List.of("images.dvc"));
    sh("git checkout -q images.dvc");
    ok("checkout", "targets", List.of("images.dvc"));
    sh(
        "rm images/cats/1.png; mkdir -p images/new; printf x > images/new/x.txt;"
            + " printf y >> 'images/READ ME.txt'");
    add("images");
    assertEquals(
        """
        outs:
        - md5: 029c2766deb662600fa0ce6432cb7670.dir
          size: 4222
          nfiles: 6
          hash: md5
          path: images
        """,
        read("images.dvc"));
    assertTrue(cache().contains("029c2766deb662600fa0ce6432cb7670.dir"));
  }
}
