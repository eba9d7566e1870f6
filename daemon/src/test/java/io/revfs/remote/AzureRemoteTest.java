package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.object.ObjectMissingException;
import io.revfs.testing.server.FakeAzureServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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

  /** A process that died left blocks behind. */
  @Test
  void uploadThatBrokeOff_goesOn() throws Exception {
    Path file = temporary.resolve("large");
    Files.write(file, random(40_000_000));
    Upload dying =
        new Upload(
            file,
            40_000_000,
            true,
            sent -> {
              if (sent > 0) {
                throw new IllegalStateException("killed");
              }
            });
    assertThrows(IOException.class, () -> remote().write("broken", dying));
    assertThrows(ObjectMissingException.class, () -> remote().stat(RemoteKey.of("broken")));
    AtomicLong first = new AtomicLong(-1);
    remote().write("broken", new Upload(file, 40_000_000, true, n -> first.compareAndSet(-1, n)));
    assertTrue(first.get() > 0, "blocks that are there are not sent again");
    assertArrayEquals(random(40_000_000), read(remote(), "broken", 0, 40_000_000));
  }
}
