package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.Shell;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way to name a revision in a mount, and every kind of name below one. */
class MountedNamesTest {
  @TempDir Path directory;
  private TestData data;
  private TestDaemon daemon;
  private Path mount;

  @BeforeEach
  void start() throws Exception {
    data = new TestData(directory.resolve("data"));
    data.write("readme", "first\n");
    data.commit("v1");
    data.write("readme", "second\n");
    data.directory("set", Map.of("a b.txt", bytes("1"), "ü/q'\\\"", bytes("2"), "名", bytes("3")));
    data.commit("v2");
    daemon = TestDaemon.start(directory.resolve("daemon"), "");
    mount = daemon.mount(data.repository().toString(), "mnt");
  }

  @AfterEach
  void stop() throws Exception {
    daemon.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private String shell(String script) throws Exception {
    return Shell.run(mount, script).output();
  }

  private void experiment(String name, String baseline, String commit) throws Exception {
    data.git(
        "update-ref",
        "refs/exps/" + baseline.substring(0, 2) + "/" + baseline.substring(2) + "/" + name,
        commit);
  }

  @Test
  void anyExpressionOfGit_isAName_belowAt() throws Exception {
    data.git("branch", "feature/x", "v1");
    data.git("branch", "we%ird", "v1");
    data.git("tag", "-a", "-m", "annotated", "note", "v1");
    experiment("brave-name", data.git("rev-parse", "v2"), data.git("rev-parse", "v1"));
    for (String first :
        new String[] {
          "v1",
          "HEAD~1",
          "HEAD^",
          "main~1",
          "@~1",
          "v1^{}",
          "note",
          "v1^{commit}",
          ":%2Fv1",
          "feature%2Fx",
          "we%25ird",
          "brave-name",
          "HEAD@{1}",
          data.git("rev-parse", "--short", "v1")
        }) {
      assertEquals("first", shell("cat 'at/%s/readme'".formatted(first)), first);
    }
    for (String second : new String[] {"@", "HEAD", "main", "main@{0}", "HEAD@{1 second ago}"}) {
      assertEquals("second", shell("cat 'at/%s/readme'".formatted(second)), second);
    }
  }

  @Test
  void whatNamesNoCommit_isEnoent() throws Exception {
    String blob = data.git("rev-parse", "HEAD:readme");
    for (String unknown :
        new String[] {
          "at/nonsense",
          "at/-x",
          "at/--all",
          "at/@{",
          "at/HEAD:readme",
          "at/:%2Fnowhere",
          "at/" + blob,
          "at/" + "0".repeat(40),
          "commits/" + "0".repeat(40),
          "commits/" + blob,
          "commits/zz",
          "commits/0000",
          "tags/v9",
          "branches/none",
          "experiments/none",
          "none"
        }) {
      String said = shell("ls '%s/' 2>&1".formatted(unknown));
      assertTrue(said.contains("No such file"), unknown + ": " + said);
    }
    assertFalse(Shell.contents(directory.resolve("daemon/state/daemon.0.log")).contains("EIO"));
  }

  @Test
  void experimentsAreShown_byName_andTemporaryOnesAreNot() throws Exception {
    String head = data.git("rev-parse", "v2");
    experiment("brave-name", head, data.git("rev-parse", "v1"));
    experiment("deep/er", head, head);
    data.git("update-ref", "refs/exps/exec/EXEC_BASELINE", head);
    data.git("update-ref", "refs/exps/stash", head);
    assertEquals("brave-name\ndeep", shell("ls experiments"));
    assertEquals(
        "first second", shell("cd experiments; echo $(cat brave-name/readme deep/er/readme)"));
  }

  @Test
  void gitsEntries_lookAsInGit() throws Exception {
    Path script = data.repository().resolve("run.sh");
    Files.writeString(script, "#!/bin/sh\n");
    assertTrue(script.toFile().setExecutable(true));
    Files.createSymbolicLink(data.repository().resolve("link"), Path.of("readme"));
    data.git("update-index", "--add", "--cacheinfo", "160000", data.git("rev-parse", "v1"), "sub");
    data.git("add", "run.sh", "link");
    data.git("commit", "-q", "-m", "v3");
    assertEquals(
        "lrwxrwxrwx readme",
        shell("cd at/HEAD; stat -c %A link; readlink link").replace('\n', ' '));
    assertEquals("-r-xr-xr-x -r--r--r--", shell("cd at/HEAD; echo $(stat -c %A run.sh readme)"));
    assertEquals("dr-xr-xr-x 0", shell("cd at/HEAD; echo $(stat -c %A sub) $(ls sub | wc -l)"));
  }

  @Test
  void oddNames_areKept_byteForByte() throws Exception {
    Shell.run(
        data.repository(),
        "touch -- 'a b' $'new\\n"
            + "line' 'back\\slash' -dash \"q'uo\\\"te\" $'bad\\xff\\xfe' 'ümlaut'");
    data.commit("v3");
    assertEquals(
        Shell.run(data.repository(), "git ls-tree -rz --name-only v3 | sort -z | base64").output(),
        shell(
            "cd tags/v3/ && find . -type f ! -path './set/*' -printf '%P\\0' | sort -z | base64"));
    assertEquals("123", shell("cd tags/v3/set/ && cat 'a b.txt' \"ü/q'\\\"\" 名"));
  }
}
