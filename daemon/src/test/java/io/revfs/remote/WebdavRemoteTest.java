package io.revfs.remote;

import io.revfs.testing.server.NginxServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Against a real nginx. */
class WebdavRemoteTest extends RemoteContract {
  private static final AtomicInteger STORES = new AtomicInteger();

  @TempDir static Path directory;
  private static NginxServer server;
  private final String store = "store" + STORES.incrementAndGet();

  @BeforeAll
  static void start() throws Exception {
    // nginx's workers are another user: they must reach the files.
    directory.toFile().setExecutable(true, false);
    server = NginxServer.start(directory, Files.createDirectories(directory.resolve("files")));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Override
  RemoteSettings settings() {
    return settings(
        "webdav://" + server.dav() + "/" + store, Map.of("user", "test", "password", "test"));
  }

  @Override
  RemoteSettings wrongCredentials() {
    return settings(
        "webdav://" + server.dav() + "/" + store,
        Map.of("user", "test", "password", "wr0ngsecret"));
  }
}
