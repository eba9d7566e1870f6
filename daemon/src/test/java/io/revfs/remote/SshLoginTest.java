package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.scheme.Remotes;
import io.revfs.testing.server.SshServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways into a real sshd, for somebody whose home is empty but for what a test puts there. */
class SshLoginTest {
  private static final byte[] CONTENT = RemoteContract.random(5000);

  @TempDir static Path directory;
  private static SshServer server;

  @TempDir Path home;
  @TempDir Path store;

  @BeforeAll
  static void start() throws Exception {
    server = SshServer.start(directory);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void fill() throws Exception {
    Files.write(store.resolve("a"), CONTENT);
    Files.createDirectories(home.resolve(".ssh"));
  }

  private byte[] read(Map<String, String> options, Map<String, String> environment)
      throws IOException {
    return read(server.url(store), options, environment);
  }

  private byte[] read(String url, Map<String, String> options, Map<String, String> environment)
      throws IOException {
    Map<String, String> variables = new HashMap<>(environment);
    variables.put("HOME", home.toString());
    RemoteSettings settings =
        new RemoteSettings("store", url, options, RemoteContract.LIMITS, variables);
    try (OpenRemote remote = Remotes.open(settings)) {
      return RemoteContract.read(remote.remote(), "a", 0, CONTENT.length);
    }
  }

  private static void assertDenied(org.junit.jupiter.api.function.Executable call) {
    SourceUnreachableException e = assertThrows(SourceUnreachableException.class, call);
    assertFalse(e.isTransient(), e.getMessage());
  }

  @Test
  void nothingToShow_isDenied() {
    assertDenied(() -> read(Map.of(), Map.of()));
  }

  @Test
  void keyWithPassphrase() throws Exception {
    Path key = directory.resolve("locked");
    Files.deleteIfExists(key);
    server.addKey(key, "sésame");
    Map<String, String> options = Map.of("keyfile", key.toString(), "passphrase", "sésame");
    assertArrayEquals(CONTENT, read(options, Map.of()));
    assertDenied(() -> read(Map.of("keyfile", key.toString()), Map.of()));
    assertDenied(
        () -> read(Map.of("keyfile", key.toString(), "passphrase", "wr0ngsecret"), Map.of()));
  }

  @Test
  void keyOfTheHomeDirectory() throws Exception {
    Files.copy(server.key(), home.resolve(".ssh/id_ed25519"));
    assertArrayEquals(CONTENT, read(Map.of(), Map.of()));
    assertFalse(Files.exists(home.resolve(".ssh/known_hosts")), "the user's file is the user's");
  }

  @Test
  void agent() throws Exception {
    Path socket = home.resolve("agent");
    Process agent =
        new ProcessBuilder("setpriv", "--pdeathsig", "KILL", "ssh-agent", "-D", "-a", socket + "")
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("agent.log").toFile())
            .start();
    try {
      while (!Files.exists(socket)) {
        assertTrue(agent.isAlive(), "ssh-agent is needed (scripts/test installs it)");
        Thread.onSpinWait();
      }
      Map<String, String> environment = Map.of("SSH_AUTH_SOCK", socket.toString());
      assertDenied(() -> read(Map.of(), environment));
      ProcessBuilder add = new ProcessBuilder("ssh-add", "-q", server.key().toString());
      add.environment().putAll(environment);
      add.redirectErrorStream(true).redirectOutput(home.resolve("add.log").toFile());
      assertTrue(add.start().waitFor() == 0, () -> "ssh-add: " + home);
      assertArrayEquals(CONTENT, read(Map.of(), environment));
      assertDenied(() -> read(Map.of("allow_agent", "false"), environment));
    } finally {
      agent.destroy();
      agent.waitFor();
    }
  }

  @Test
  void agentThatIsGone_keysOfFilesStillServe() throws Exception {
    Map<String, String> environment = Map.of("SSH_AUTH_SOCK", home.resolve("nobody").toString());
    assertArrayEquals(CONTENT, read(Map.of("keyfile", server.key().toString()), environment));
  }

  @Test
  void configurationOfSsh_namesHostPortUserAndKey() throws Exception {
    Files.write(
        home.resolve(".ssh/config"),
        List.of(
            "Host datastore",
            "  HostName 127.0.0.1",
            "  Port " + server.port(),
            "  User " + System.getProperty("user.name"),
            "  IdentityFile " + server.key()));
    assertArrayEquals(CONTENT, read("ssh://datastore" + store, Map.of(), Map.of()));
  }

  @Test
  void hostWhoseKeyChanged_isRefused() throws Exception {
    String other = Files.readString(Path.of(server.key() + ".pub"));
    Files.writeString(
        home.resolve(".ssh/known_hosts"), "[127.0.0.1]:" + server.port() + " " + other);
    assertDenied(() -> read(Map.of("keyfile", server.key().toString()), Map.of()));
  }

  @Test
  void keyfileThatIsNone_isSaidAtOnce() throws Exception {
    Path none = Files.writeString(home.resolve("none"), "no key");
    for (Path file : List.of(none, home.resolve("notthere"))) {
      RemoteConfigurationException e =
          assertThrows(
              RemoteConfigurationException.class,
              () -> read(Map.of("keyfile", file.toString()), Map.of()));
      assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    }
  }
}
