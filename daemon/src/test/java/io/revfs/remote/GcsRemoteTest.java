package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.object.ObjectMissingException;
import io.revfs.testing.server.FakeGcsServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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

  /** A process that died left parts behind, and one of another content. */
  @Test
  void uploadThatBrokeOff_goesOn() throws Exception {
    int size = 70_000_000;
    Path file = temporary.resolve("large");
    Files.write(file, random(size));
    Upload dying =
        new Upload(
            file,
            size,
            true,
            sent -> {
              if (sent > 0) {
                throw new IllegalStateException("killed");
              }
            });
    assertThrows(IOException.class, () -> remote().write("dir/broken", dying));
    assertThrows(ObjectMissingException.class, () -> remote().stat(RemoteKey.of("dir/broken")));
    AtomicLong first = new AtomicLong(-1);
    remote().write("dir/broken", new Upload(file, size, true, n -> first.compareAndSet(-1, n)));
    assertTrue(first.get() > 0, "parts that are there are not sent again");
    assertArrayEquals(random(size), read(remote(), "dir/broken", 0, size));
    List<String> left = new ArrayList<>();
    remote().list("", object -> left.add(object.path()));
    assertEquals(List.of("dir/broken"), left, "no part stays");
  }
}
