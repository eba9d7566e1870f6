package io.revfs.command.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.revfs.fuse.Shell;
import io.revfs.posix.Posix;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import io.revfs.workspace.store.Names;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon that is killed while a large object arrives. */
class KilledFetchTest {
  private static final long DEADLINE = TimeUnit.MINUTES.toNanos(2);

  @TempDir Path directory;
  private final byte[] object = new byte[8 << 20];
  private final CountDownLatch rest = new CountDownLatch(1);

  @Test
  void fetch_thatIsKilled_leavesNothing_orWhatGcRemoves() throws Exception {
    new Random(1).nextBytes(object);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ExecutorService threads = Executors.newCachedThreadPool();
    server.setExecutor(threads);
    server.createContext("/", this::half);
    server.start();
    try (TestDaemon daemon = TestDaemon.start(directory.resolve("d"), "")) {
      Path project = project("http://127.0.0.1:" + server.getAddress().getPort());
      Path cache = project.resolve(".dvc/cache");
      Future<?> fetch = threads.submit(() -> daemon.command(project, "fetch"));
      awaitFileOfTheCache(daemon.pid(), cache);
      daemon.crash();
      rest.countDown();
      try {
        fetch.get(2, TimeUnit.MINUTES);
      } catch (java.util.concurrent.ExecutionException e) {
        // It answers nothing, being dead.
      }
      List<Path> left = files(cache);
      if (canBeNameless(cache.resolve("files/md5"))) {
        assertEquals(List.of(), left);
      }
      for (Path file : left) {
        sh("touch -d '2 days ago' '" + file + "'");
      }
      daemon.start();
      assertEquals(0, daemon.command(project, "fetch").path("exit").asInt(-1));
      assertEquals(
          0,
          daemon.command(project, "gc", "workspace", true, "force", true).path("exit").asInt(-1));
      assertEquals(1, files(cache).size());
      assertEquals(TestData.md5(object), TestData.md5(Files.readAllBytes(files(cache).getFirst())));
    } finally {
      server.stop(0);
      threads.shutdownNow();
    }
  }

  private Path project(String url) throws IOException {
    Path project = Files.createDirectories(directory.resolve("p/.dvc")).getParent();
    Files.writeString(
        project.resolve(".dvc/config"),
        "[core]\n    remote = r\n    no_scm = True\n['remote \"r\"']\n    url = " + url + "\n");
    Files.writeString(
        project.resolve("big.dvc"),
        "outs:\n- md5: %s\n  size: %d\n  hash: md5\n  path: big\n"
            .formatted(TestData.md5(object), object.length));
    return project;
  }

  /** Sends the half of a body, and the rest when it may. */
  private void half(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRequestURI().getPath().endsWith(TestData.md5(object).substring(2))) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseHeaders().set("Content-Length", Integer.toString(object.length));
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      exchange.sendResponseHeaders(200, object.length);
      OutputStream body = exchange.getResponseBody();
      body.write(object, 0, object.length / 2);
      body.flush();
      rest.await();
      body.write(object, object.length / 2, object.length / 2);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until the process has written to a file in the cache, be it one without a name. */
  private static void awaitFileOfTheCache(long process, Path cache) throws IOException {
    long deadline = System.nanoTime() + DEADLINE;
    String has =
        ("for f in /proc/%d/fd/*; do case \"$(readlink $f)\" in '%s'/*) [ -f $f ] &&"
                + " [ $(stat -L -c %%s $f) -gt 1048576 ] && echo yes;; esac; done; true")
            .formatted(process, cache);
    while (!sh(has).contains("yes")) {
      assertTrue(System.nanoTime() < deadline, "nothing of the object comes into the cache");
    }
  }

  private static boolean canBeNameless(Path where) throws IOException {
    int fd = Posix.open(Posix.AT_FDCWD, Names.bytes(where), Posix.O_RDWR | Posix.O_TMPFILE, 0600);
    if (fd >= 0) {
      Posix.close(fd);
    }
    return fd >= 0;
  }

  private static List<Path> files(Path cache) throws IOException {
    try (Stream<Path> all = Files.walk(cache)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  private static String sh(String command) throws IOException {
    Shell.Result result = Shell.run(Path.of("/"), command);
    assertEquals(0, result.exit(), result::output);
    return result.output();
  }
}
