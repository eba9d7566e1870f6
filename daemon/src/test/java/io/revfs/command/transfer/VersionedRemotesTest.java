package io.revfs.command.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.fuse.Shell;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.VersionedReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cloud-versioned and worktree remotes on a real server that keeps versions; what is written is
 * what DVC wrote, but for the ids of versions.
 */
class VersionedRemotesTest {
  @TempDir Path directory;
  private TestDaemon daemon;
  private VersionedReference versioned;
  private Path repo;

  @BeforeEach
  void start() throws IOException {
    versioned = VersionedReference.start(directory);
    daemon = TestDaemon.start(directory.resolve("d"), "");
    repo = versioned.reference().repo();
  }

  @AfterEach
  void stop() throws IOException {
    daemon.close();
    versioned.close();
  }

  private String sh(String command) throws IOException {
    Shell.Result result = Shell.run(repo, command);
    assertEquals(0, result.exit(), result::output);
    return result.output().strip();
  }

  private String run(String command, Object... pairs) throws IOException {
    JsonNode said = daemon.command(repo, command, pairs);
    return said.has("error")
        ? said.at("/error/exit").asText() + " " + said.at("/error/message").asText()
        : said.path("out").asText();
  }

  private void ok(String command, Object... pairs) throws IOException {
    JsonNode said = daemon.command(repo, command, pairs);
    assertFalse(said.has("error"), said::toString);
  }

  private void write(String path, String text) throws IOException {
    Files.writeString(repo.resolve(path), text);
  }

  private static String anyVersion(String text) {
    return text.replaceAll("version_id: .*", "version_id: any");
  }

  /** What a file says now, and what DVC made it say in a revision. */
  private void checkWritten(String revision, String... files) throws IOException {
    for (String file : files) {
      String expected = anyVersion(sh("git show " + revision + ":" + file) + "\n");
      assertEquals(expected, anyVersion(Files.readString(repo.resolve(file))), file);
    }
  }

  private String status() throws IOException {
    return daemon.command(repo, "status").path("result").toString();
  }

  /** All that DVC did with such remotes, one after the other as it was recorded. */
  @Test
  void everyStepOfTheRecordedHistory_isAsDvcDidIt() throws IOException {
    sh("git checkout -q w1");
    String pulled = run("pull");
    assertTrue(pulled.contains("8 files fetched and 8 files added"), pulled);
    assertEquals("{}", status());
    assertEquals("a", sh("cat a.txt"));
    assertEquals("Everything is up to date.\n", run("push"));

    // Never pushed, to places where nothing is.
    ok("remote modify", "name", "versioned", "option", "url", "value", "s3://versioned-bucket/n");
    ok("remote modify", "name", "tree", "option", "url", "value", "s3://worktree-bucket/n");
    sh("git checkout -q w0 -- '*.dvc'");
    ok("push");
    checkWritten("w1", "a.txt.dvc", "d.dvc", "t.dvc", "x.sh.dvc", "plain.txt.dvc");
    assertEquals("Everything is up to date.\n", run("push"));

    // Changed: what is as it was keeps its version.
    write("a.txt", "a2\n");
    write("d/1.txt", "1 changed\n");
    sh("rm d/empty; echo new > d/new.txt");
    write("t/1.txt", "tree 1 changed\n");
    ok("add", "targets", List.of("a.txt", "d", "t"));
    checkWritten("w2", "a.txt.dvc", "d.dvc", "t.dvc");
    ok("push");
    checkWritten("w3", "a.txt.dvc", "d.dvc", "t.dvc", "x.sh.dvc");
    assertEquals("{}", status());

    // All of it comes back, by its versions.
    sh("rm -rf .dvc/cache a.txt d t x.sh plain.txt");
    ok("pull");
    assertEquals("{}", status());
    assertEquals("tree 1 changed", sh("cat t/1.txt"));

    // Somebody writes to the worktree remote.
    versioned.put("worktree-bucket", "n/t/3.txt", "uploaded by hand\n");
    ok("update", "targets", List.of("t.dvc"));
    checkWritten("w6", "t.dvc");
    assertEquals("uploaded by hand", sh("cat t/3.txt"));
    assertEquals("{}", status());
    String refused = run("update", "targets", List.of("a.txt.dvc"));
    assertTrue(refused.startsWith("1 ") && refused.contains("not an import"), refused);
  }

  @Test
  void importUrl_versionAware_recordsVersions_andFollowsThem() throws IOException {
    sh("git checkout -q w3");
    versioned.put("source-bucket", "in/one.txt", "one\n");
    ok(
        "import-url",
        "url",
        "remote://src/in/one.txt",
        "version-aware",
        true,
        "out",
        "one-versioned.txt");
    String sum = "^md5: .*";
    assertEquals(
        anyVersion(sh("git show w4:one-versioned.txt.dvc") + "\n").replaceFirst(sum, ""),
        anyVersion(Files.readString(repo.resolve("one-versioned.txt.dvc"))).replaceFirst(sum, ""));
    ok("import-url", "url", "remote://src/in/dir", "version-aware", true, "out", "dir-versioned");
    String written = Files.readString(repo.resolve("dir-versioned.dvc"));
    assertTrue(written.contains("  fs_config:\n    version_aware: true\n  files:\n"), written);
    assertTrue(written.endsWith("  path: dir-versioned\n  push: false\n"), written);
    ok("status", "targets", List.of("one-versioned.txt.dvc", "dir-versioned.dvc"));
    versioned.put("source-bucket", "in/one.txt", "one changed\n");
    versioned.put("source-bucket", "in/dir/more.txt", "more\n");
    JsonNode status =
        daemon.command(
            repo, "status", "targets", List.of("one-versioned.txt.dvc", "dir-versioned.dvc"));
    assertEquals(
        "{\"one-versioned.txt.dvc\":[{\"changed deps\":{\"remote://src/in/one.txt\":\"update"
            + " available\"}}],\"dir-versioned.dvc\":[{\"changed"
            + " deps\":{\"remote://src/in/dir\":\"modified\"}}]}",
        status.path("result").toString());
    sh("rm -rf .dvc/cache one-versioned.txt dir-versioned");
    ok("pull", "targets", List.of("one-versioned.txt.dvc", "dir-versioned.dvc"));
    assertEquals("one", sh("cat one-versioned.txt"));
    assertFalse(Files.exists(repo.resolve("dir-versioned/more.txt")));
    ok("update", "targets", List.of("one-versioned.txt.dvc", "dir-versioned.dvc"));
    assertEquals("one changed", sh("cat one-versioned.txt"));
    assertEquals("more", sh("cat dir-versioned/more.txt"));
  }

  @Test
  void whatSuchRemotesCannotDo_isRefused_andNothingChanges() throws IOException {
    sh("git checkout -q w3");
    ok("pull");
    String cloud = run("status", "cloud", true);
    assertTrue(cloud.startsWith("1 ") && cloud.contains("'status' is unsupported"), cloud);
    String all = run("push", "all-branches", true);
    assertTrue(all.startsWith("1 ") && all.contains("Multiple rev push is unsupported"), all);
    ok("push", "run-cache", true);
    sh("git checkout -q w2; rm -rf .dvc/cache d");
    String unversioned = run("pull", "targets", List.of("d.dvc"));
    assertTrue(
        unversioned.startsWith("1 ") && unversioned.contains("Checkout failed"), unversioned);
  }
}
