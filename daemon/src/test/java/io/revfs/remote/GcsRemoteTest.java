package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.revfs.testing.FakeGcsServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server of ours: there is none of Google's to run. */
class GcsRemoteTest extends RemoteContract {
  private static final AtomicInteger BUCKETS = new AtomicInteger();
  private static FakeGcsServer server;
  private int bucket;

  @BeforeAll
  static void start() throws Exception {
    server = FakeGcsServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void next() {
    bucket = BUCKETS.incrementAndGet();
  }

  @Override
  RemoteSettings settings() {
    return settings(
        "gs://bucket" + bucket + "/some/prefix",
        Map.of("endpointurl", server.url(), "allow_anonymous_login", "true"));
  }

  @Test
  void largeObject_travelsInASession() throws Exception {
    Path file = temporary.resolve("large");
    Files.write(file, random(10_000_000));
    remote().write("large", Upload.of(file));
    assertArrayEquals(random(10_000_000), read(remote(), "large", 0, 10_000_000));
  }
}
