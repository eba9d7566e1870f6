package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
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

/** What is wrong in a repository or an address costs no more than it must, and is said. */
class BadInputTest {
  @TempDir Path directory;
  private TestData data;
  private TestDaemon daemon;

  @BeforeEach
  void start() throws Exception {
    data = new TestData(directory.resolve("data"));
    data.directory("set", Map.of("a.txt", "alpha".getBytes(StandardCharsets.UTF_8)));
    data.commit("v1");
    daemon = TestDaemon.start(directory.resolve("daemon"), "");
  }

  @AfterEach
  void stop() throws Exception {
    daemon.close();
  }

  private JsonNode info(String path) throws Exception {
    return daemon.get("/v1/info?repository=" + data.repository() + "&path=" + path).json();
  }

  @Test
  void aBrokenLockFile_makesItsOutputsUnreadable_notAbsent() throws Exception {
    data.write("dvc.yaml", "stages:\n  s:\n    cmd: x\n    outs: [model, plain: {cache: false}]\n");
    data.write("dvc.lock", "schema: '2.0'\nstages: [\n");
    data.commit("v2");
    Path mount = daemon.mount(data.repository().toString(), "mnt");
    assertTrue(Shell.run(mount, "cat current/model").output().contains("Input/output error"));
    assertTrue(Shell.run(mount, "cat current/plain").output().contains("No such file"));
    assertEquals("alpha", Shell.run(mount, "cat current/set/a.txt").output());
    assertTrue(
        info("model").get("problem").asText().startsWith("dvc.lock:"), info("model").toString());
  }

  @Test
  void aBrokenManifest_isSaidByInfo_andPrefetchGoesOnWithTheRest() throws Exception {
    String name = data.store("{not json".getBytes(StandardCharsets.UTF_8), ".dir");
    data.write("bad.dvc", "outs:\n- md5: " + name + "\n  hash: md5\n  path: bad\n");
    data.write("broken.dvc", "outs:\n- md5: [\n");
    data.commit("v2");
    assertTrue(info("bad").get("problem").asText().startsWith(name + ":1"), info("bad").toString());
    JsonNode end =
        daemon.post("/v1/prefetch", "{\"repository\":\"%s\"}".formatted(data.repository())).json();
    assertEquals("1 2", end.get("files").asText() + " " + end.get("failures").asText());
    assertEquals("[\"bad\",\"broken\"]", paths(end).toString().replace(" ", ""));
  }

  @Test
  void anAnswerThatBreaksOffMidway_saysWhyInItsLastLine() throws Exception {
    String name = data.store("{not json".getBytes(StandardCharsets.UTF_8), ".dir");
    data.write("zbad.dvc", "outs:\n- md5: " + name + "\n  hash: md5\n  path: zbad\n");
    data.commit("v2");
    TestDaemon.Answer tree = daemon.get("/v1/tree?repository=" + data.repository() + "&path=");
    assertEquals(200, tree.status(), "it began well");
    String said = tree.json().at("/error/message").asText();
    assertTrue(said.startsWith(name + ":1"), tree.toString());
    assertEquals("correct the file that is named", tree.json().at("/error/hint").asText());
    assertEquals(255, tree.json().at("/error/exit").asInt());
  }

  private static java.util.List<String> paths(JsonNode end) {
    return end.get("failed").findValuesAsText("path").stream()
        .sorted()
        .map(p -> '"' + p + '"')
        .toList();
  }

  @Test
  void anOldCommitsRemoteThatCannotBeOpened_costsNothing() throws Exception {
    data.write(".dvc/config", "[core]\n    remote = r\n['remote \"r\"']\n    url = nosuch://b/x\n");
    data.commit("v2");
    data.write(
        ".dvc/config",
        "[core]\n    remote = r\n['remote \"r\"']\n    url = %s\n"
            .formatted(directory.resolve("data/store")));
    Path mount = daemon.mount(data.repository().toString(), "mnt");
    assertEquals("alpha", Shell.run(mount, "cat tags/v2/set/a.txt").output());
  }

  @Test
  void aCloneUrlsCredentials_areNowhereToSee() throws Exception {
    String url = "http://ada:hunter2secret@127.0.0.1:1/r.git";
    Path at = directory.resolve("daemon/clone");
    String request = "{\"repository\":\"%s\",\"directory\":\"%s\"}".formatted(url, at);
    TestDaemon.Answer refused = daemon.post("/v1/mounts", request);
    assertFalse(refused.toString().contains("hunter2secret"), refused.toString());
    daemon.stop();
    Files.writeString(
        directory.resolve("daemon/config.yaml"),
        "mounts:\n- repository: %s\n  directory: %s\n".formatted(url, at));
    daemon.start();
    String status = daemon.get("/v1/status").toString();
    assertTrue(status.contains("failed"), status);
    assertFalse(status.contains("hunter2secret"), status);
    assertEquals(
        "",
        Shell.run(
                directory.resolve("daemon"), "grep -rl hunter2secret state cache; ls cache/mirrors")
            .output());
  }

  @Test
  void whatHoldsCredentials_isItsOwnersAlone() throws Exception {
    daemon.mount("file://" + data.repository(), "mnt");
    assertEquals(
        "600 700",
        Shell.run(
                directory.resolve("daemon"),
                "echo $(stat -c %a state/mounts.json) $(stat -c %a cache/mirrors)")
            .output());
  }

  @Test
  void aSecondDaemonOnTheSameCache_saysSo_andExits() throws Exception {
    try (TestDaemon second = TestDaemon.start(directory.resolve("second"), "", daemon.cache())) {
      throw new AssertionError(second + " runs");
    } catch (java.io.IOException e) {
      assertTrue(e.getMessage().contains("is in use by process " + daemon.pid()), e.getMessage());
    }
  }

  @Test
  void theMountsOfTheConfiguration_areThereAtTheStart() throws Exception {
    daemon.stop();
    Files.writeString(
        directory.resolve("daemon/config.yaml"),
        "mounts:\n- repository: %s\n  directory: %s\n"
            .formatted(data.repository(), directory.resolve("daemon/wanted")));
    daemon.start();
    assertEquals("alpha", Shell.run(directory, "cat daemon/wanted/current/set/a.txt").output());
  }
}
