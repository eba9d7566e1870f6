package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.fuse.Shell;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import io.revfs.testing.server.S3ProxyServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mounts that are asked for from another shell than the one that the daemon was started from. */
class CallersCredentialsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;
  private S3ProxyServer server;
  private TestDaemon daemon;
  private TestData data;
  private String commit = "";
  private final Map<String, String> caller = new LinkedHashMap<>();

  /** Data in a store to which the configuration says no way in. */
  @BeforeEach
  void make() throws IOException {
    server = S3ProxyServer.start(directory.resolve("s3"));
    Path bucket = server.bucket("bucket");
    data = new TestData(directory);
    StringBuilder config =
        new StringBuilder("[core]\n    remote = r\n['remote \"r\"']\n    url = s3://bucket\n");
    for (Map.Entry<String, String> option : server.options().entrySet()) {
      switch (option.getKey()) {
        case "access_key_id" -> caller.put("AWS_ACCESS_KEY_ID", option.getValue());
        case "secret_access_key" -> caller.put("AWS_SECRET_ACCESS_KEY", option.getValue());
        default -> config.append("    %s = %s\n".formatted(option.getKey(), option.getValue()));
      }
    }
    assertEquals(2, caller.size());
    for (String name : new String[] {"a", "b", "c"}) {
      String md5 = data.file(name, bytes(name));
      Path object = bucket.resolve("files/md5/" + md5.substring(0, 2) + "/" + md5.substring(2));
      Files.createDirectories(object.getParent());
      Files.move(data.object(md5), object);
    }
    data.write(".dvc/config", config.toString());
    commit = data.commit("v1");
    caller.put("HOME", directory.toString());
    daemon = TestDaemon.start(directory.resolve("d"), "");
  }

  @AfterEach
  void close() throws IOException {
    daemon.close();
    server.close();
  }

  private static byte[] bytes(String name) {
    return ("bytes of " + name).getBytes(StandardCharsets.UTF_8);
  }

  private Map<String, String> expired() {
    Map<String, String> expired = new LinkedHashMap<>(caller);
    expired.put("AWS_SECRET_ACCESS_KEY", "expired");
    return expired;
  }

  private TestDaemon.Answer ask(String path, Path at, Map<String, String> environment)
      throws IOException {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("repository", data.repository().toString());
    body.put("directory", at.toString());
    body.put("environment", environment);
    return daemon.post(path, JSON.writeValueAsString(body));
  }

  private Path mount(String name, Map<String, String> environment) throws IOException {
    Path at = directory.resolve("d").resolve(name);
    TestDaemon.Answer answer = ask("/v1/mounts", at, environment);
    assertEquals(200, answer.status(), answer::body);
    return at.resolve("current");
  }

  private static void reads(Path shown, String name) throws IOException {
    Shell.Result result = Shell.run(Path.of("/"), "cat " + shown.resolve(name));
    assertEquals("bytes of " + name, result.output());
  }

  private static void fails(Path shown, String name) throws IOException {
    assertNotEquals(0, Shell.run(Path.of("/"), "cat " + shown.resolve(name)).exit());
  }

  @Test
  void mount_usesTheCredentialsOfWhoMounted_andOfThatMountOnly() throws IOException {
    Path with = mount("with", caller);
    Path without = mount("without", Map.of("HOME", directory.toString()));
    fails(without, "b"); // before all is here that lies beside what is read
    reads(with, "a");
    assertFalse(isOnDisk(), "credentials were written");
  }

  /** With the daemon goes what it knew: then they are brought again, as when they expired. */
  @Test
  void mount_afterTheDaemonWasStartedAgain_needsThemAgain() throws IOException {
    Path shown = mount("m", caller);
    daemon.stop();
    daemon.start();
    fails(shown, "a");
    mount("m", expired());
    fails(shown, "b");
    assertTrue(isFailing());
    mount("m", caller);
    reads(shown, "b");
    assertFalse(isFailing(), "one that was replaced is shown");
  }

  private boolean isFailing() throws IOException {
    boolean failing = false;
    for (JsonNode remote : daemon.get("/v1/status").json().get("remotes")) {
      failing |= !remote.get("lastError").asText().isEmpty();
    }
    return failing;
  }

  @Test
  void unmount_forgetsThem() throws IOException {
    mount("m", caller);
    Path at = directory.resolve("d").resolve("m");
    assertEquals(200, daemon.delete("/v1/mounts?directory=" + at).status());
    fails(mount("m", Map.of()), "b");
  }

  /** A commit's own configuration says where its data is, and does not change. */
  @Test
  void mountAgain_meansRemotesThatOnlyOldCommitsName() throws IOException {
    String config = Files.readString(data.repository().resolve(".dvc/config"));
    data.write(".dvc/config", config.replace("s3://bucket", "s3://another"));
    data.commit("v2");
    Path shown = mount("m", expired()).resolveSibling("commits").resolve(commit);
    fails(shown, "a");
    mount("m", caller);
    reads(shown, "a");
  }

  @Test
  void mount_usesThemForWhatIsImported() throws IOException {
    TestData importing = new TestData(Files.createDirectory(directory.resolve("importing")));
    importing.write(
        "b.dvc",
        """
        frozen: true
        deps:
        - path: b
          repo:
            url: %s
            rev_lock: %s
        outs:
        - md5: %s
          size: %d
          hash: md5
          path: b
        """
            .formatted(data.repository(), commit, TestData.md5(bytes("b")), bytes("b").length));
    importing.commit("v1");
    data = importing;
    Path shown = mount("m", expired());
    fails(shown, "b");
    mount("m", caller);
    reads(shown, "b");
  }

  @Test
  void attach_usesTheCredentialsOfWhoAttached() throws IOException {
    TestDaemon.Answer answer = ask("/v1/attached", data.repository(), Map.of());
    assertEquals(200, answer.status(), answer::body);
    fails(data.repository(), "a");
    TestDaemon.Answer again = ask("/v1/attached", data.repository(), caller);
    assertNotEquals(200, again.status());
    assertTrue(again.body().contains("is attached already"), again::body);
    reads(data.repository(), "a");
    assertFalse(isOnDisk(), "credentials were written");
    assertEquals(200, daemon.delete("/v1/attached?directory=" + data.repository()).status());
    TestDaemon.Answer first = ask("/v1/attached", data.repository(), caller);
    assertEquals(200, first.status(), first::body);
    reads(data.repository(), "b");
    daemon.delete("/v1/attached?directory=" + data.repository());
  }

  private boolean isOnDisk() throws IOException {
    String secret = caller.get("AWS_SECRET_ACCESS_KEY");
    // 1: nothing was found; what is served is no file of the daemon's.
    return Shell.run(directory.resolve("d"), "grep -rq '" + secret + "' state cache run output")
            .exit()
        == 0;
  }
}
