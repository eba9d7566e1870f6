package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.object.SourceUnreachableException;
import io.revfs.testing.server.HttpTestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server of ours that can fail in each way. */
class HttpRemoteTest extends RemoteContract {
  private HttpTestServer server;
  private Path files;

  @BeforeEach
  void start() throws Exception {
    files = Files.createDirectories(temporary.resolve("files"));
    server = HttpTestServer.start(files);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Override
  void put(String path, byte[] content) throws Exception {
    Path file = files.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  @Override
  RemoteSettings settings() {
    return settings(server.url(), Map.of());
  }

  @Test
  void unavailableOnce_isTriedAgain() throws Exception {
    put("a", random(1000));
    server.fail(HttpTestServer.Fault.UNAVAILABLE, 1);
    assertArrayEquals(random(1000), read(remote(), "a", 0, 1000));
  }

  @Test
  void unavailableForLong_fails() throws Exception {
    put("a", random(1000));
    server.fail(HttpTestServer.Fault.UNAVAILABLE, 1000);
    SourceUnreachableException e =
        assertThrows(SourceUnreachableException.class, () -> read(remote(), "a", 0, 1000));
    assertTrue(e.isTransient());
  }

  @Test
  void redirected_readsFromThere() throws Exception {
    put("moved/a", random(100_000));
    server.fail(HttpTestServer.Fault.REDIRECT, 1000);
    assertArrayEquals(random(100_000), read(remote(), "a", 0, 100_000));
    assertTrue(server.requests().stream().anyMatch(r -> r.contains(" /moved/a ")));
  }

  @Test
  void manyRanges_areAskedForExactly_overOneConnection() throws Exception {
    put("a", random(100_000));
    Remote remote = remote();
    for (int i = 0; i < 20; i++) {
      assertEquals(10, read(remote, "a", i * 1000L, 10).length);
      assertTrue(
          server.requests().contains("GET /a bytes=%d-%d".formatted(i * 1000, i * 1000 + 9)));
    }
    remote.readAll(RemoteKey.of("a"), bytes -> {});
    assertEquals(100_000, remote.stat(RemoteKey.of("a")).size());
    assertEquals(22, server.requests().size());
    assertEquals(1, server.connections());
  }

  @Test
  void cutMidway_goesOnWhereItBroke() throws Exception {
    put("a", random(400_000));
    server.fail(HttpTestServer.Fault.CUT, 1);
    assertArrayEquals(random(400_000), read(remote(), "a", 0, 400_000));
  }

  @Test
  void serverThatHangs_isGivenUpInTime() throws Exception {
    put("a", random(1000));
    server.fail(HttpTestServer.Fault.HANG, 1000);
    RemoteSettings impatient =
        new RemoteSettings(
            "store",
            server.url(),
            Map.of(),
            new RemoteLimits(4, Duration.ofSeconds(1), Duration.ofSeconds(1), 0));
    Remote remote = open(impatient).remote();
    long started = System.nanoTime();
    assertThrows(SourceUnreachableException.class, () -> read(remote, "a", 0, 1000));
    assertTrue(
        Duration.ofNanos(System.nanoTime() - started).toSeconds() < 50,
        "a dead server costs its deadline, not the minute that it hangs");
  }

  @Test
  void nobodyListens_fails() throws Exception {
    put("a", random(10));
    Remote remote = remote();
    server.close();
    assertThrows(SourceUnreachableException.class, () -> read(remote, "a", 0, 10));
  }
}
