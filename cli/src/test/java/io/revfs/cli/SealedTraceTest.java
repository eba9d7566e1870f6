package io.revfs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.fuse.Await;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.Shell;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** A run reads what the kernel serves by itself to everybody else. Needs root. */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class SealedTraceTest {
  @TempDir Path directory;

  @Test
  void sealing_hidesNoReadFromATrace() throws Exception {
    TestData data = new TestData(Files.createDirectories(directory.resolve("data")));
    data.directory("set", Map.of("a", bytes("1\n"), "b", bytes("22\n"), "c", bytes("333\n")));
    String commit = data.commit("v1");
    try (TestDaemon daemon = TestDaemon.start(directory.resolve("d"), "seal:\n  mode: on\n")) {
      Path mount = daemon.mount(data.repository().toString(), "mnt");
      Path sealed = mount.resolve("commits").resolve(commit);
      Shell.run(mount, "ls commits/" + commit);
      Await.until("not sealed", () -> MountTable.read().at(sealed).isPresent());
      // Read before, so that the kernel has all of it: names, and bytes in its page cache.
      assertEquals("1\n22", Shell.run(mount, "cat current/set/a current/set/b").output());

      JsonNode trace =
          run(data.repository(), "cat %1$s/current/set/a %1$s/current/set/b".formatted(mount));
      assertEquals(0, trace.path("exit").asInt(-1), trace::toString);
      Map<String, String> read = new TreeMap<>();
      for (JsonNode path : trace.path("outside")) {
        String name = path.path("path").asText();
        if (name.startsWith(sealed + "/") && path.path("deeds").toString().contains("read")) {
          read.put(sealed.relativize(Path.of(name)).toString(), path.path("before").asText());
        }
      }
      assertEquals(
          Map.of(
              "set/a", "md5:" + TestData.md5(bytes("1\n")),
              "set/b", "md5:" + TestData.md5(bytes("22\n"))),
          read,
          trace::toString);
      assertTrue(MountTable.read().at(sealed).isPresent(), "it stays sealed for everybody else");
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Runs a command as {@code revfs run} does; returns the trace. */
  private JsonNode run(Path repository, String script) throws Exception {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.revfs.cli.Main"));
    Path file = directory.resolve("trace.json");
    words.addAll(List.of("run", "--trace", file.toString(), "--", "sh", "-c", script));
    ProcessBuilder builder =
        new ProcessBuilder(words).directory(repository.toFile()).redirectErrorStream(true);
    builder.environment().put("REVFS_SOCKET", directory.resolve("d/run/s").toString());
    builder.environment().put("REVFS_STATE_DIR", directory.resolve("d/state").toString());
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return new ObjectMapper().readTree(Files.readAllBytes(file));
  }
}
