package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.FakeAzureServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server of ours; there is none of Azure's to run but Azurite, which is heavy. */
class AzureRemoteTest extends RemoteContract {
  private static final AtomicInteger CONTAINERS = new AtomicInteger();
  private static FakeAzureServer server;
  private int container;

  @BeforeAll
  static void start() throws Exception {
    server = FakeAzureServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void next() {
    container = CONTAINERS.incrementAndGet();
  }

  @Override
  RemoteSettings settings() {
    return settings(
        "azure://container" + container + "/some/prefix",
        Map.of("connection_string", server.connectionString("right")));
  }

  @Override
  RemoteSettings wrongCredentials() {
    return settings(
        "azure://container" + container + "/some/prefix",
        Map.of("connection_string", server.connectionString("wr0ngsecret")));
  }

  @Test
  void largeBlob_travelsInBlocks() throws Exception {
    byte[] content = new byte[40_000_000];
    new Random(3).nextBytes(content);
    Path file = temporary.resolve("large");
    Files.write(file, content);
    remote().write("large", Upload.of(file));
    assertTrue(server.requests().stream().anyMatch(r -> r.contains("blockid")));
    assertArrayEquals(content, read(remote(), "large", 0, content.length));
  }
}
