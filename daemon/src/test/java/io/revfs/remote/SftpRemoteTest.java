package io.revfs.remote;

import io.revfs.testing.SshServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Against a real sshd. */
class SftpRemoteTest extends RemoteContract {
  @TempDir static Path directory;
  private static SshServer server;

  @BeforeAll
  static void start() throws Exception {
    server = SshServer.start(directory);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Override
  RemoteSettings settings() throws Exception {
    Path store = Files.createDirectories(temporary.resolve("store"));
    return settings(server.url(store), Map.of("keyfile", server.key().toString()));
  }

  @Override
  RemoteSettings wrongCredentials() {
    return settings(server.url(temporary.resolve("store")), Map.of("password", "wr0ngsecret"));
  }
}
