package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.object.ObjectMissingException;
import io.revfs.testing.server.SshServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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
              if (sent > size / 2) {
                throw new IllegalStateException("killed");
              }
            });
    assertThrows(IOException.class, () -> remote().write("dir/broken", dying));
    assertThrows(ObjectMissingException.class, () -> remote().stat(RemoteKey.of("dir/broken")));
    AtomicLong first = new AtomicLong(-1);
    remote().write("dir/broken", new Upload(file, size, true, n -> first.compareAndSet(-1, n)));
    assertTrue(first.get() > size / 4, "what is there is not sent again: " + first);
    assertArrayEquals(random(size), read(remote(), "dir/broken", 0, size));
    try (var left = Files.list(temporary.resolve("store/dir"))) {
      assertEquals(List.of("broken"), left.map(f -> f.getFileName().toString()).toList());
    }
  }

  @Test
  void fileChangedSinceItsUploadBrokeOff_beginsAnew() throws Exception {
    int size = 70_000_000;
    Path file = temporary.resolve("large");
    Files.write(file, new byte[size]);
    Upload dying =
        new Upload(
            file,
            size,
            true,
            sent -> {
              if (sent > size / 2) {
                throw new IllegalStateException("killed");
              }
            });
    assertThrows(IOException.class, () -> remote().write("changed", dying));
    Files.write(file, random(size));
    remote().write("changed", Upload.of(file));
    assertArrayEquals(random(size), read(remote(), "changed", 0, size));
  }

  @Test
  void connectionsThatTheServerEnded_areMadeAnew() throws Exception {
    put("a", random(100_000));
    Remote remote = remote();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CyclicBarrier all = new CyclicBarrier(8);
      List<Callable<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        readers.add(
            () -> {
              all.await();
              return read(remote, "a", 0, 100_000).length;
            });
      }
      for (Future<Integer> reader : threads.invokeAll(readers)) {
        assertEquals(100_000, reader.get());
      }
    }
    server.dropConnections();
    assertArrayEquals(random(100_000), read(remote, "a", 0, 100_000));
  }
}
