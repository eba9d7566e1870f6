package io.revfs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.dvc.DvcCommand;
import io.revfs.cli.dvc.DvcCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command's table of DVC's commands and a real daemon's say the same. */
class DvcNamesTest {
  @TempDir Path directory;

  @Test
  void whatTheDaemonAnswers_isInTheTable_andTheRestIsOutOfHelp() throws Exception {
    Process daemon = launch();
    try {
      Set<String> answered = new TreeSet<>();
      for (JsonNode name : names(daemon)) {
        answered.add(name.asText());
      }
      Set<String> ahead = new TreeSet<>();
      for (DvcCommand row : DvcCommands.all()) {
        if (!answered.remove(row.name())) {
          ahead.add(row.name());
        }
      }
      assertEquals(Set.of(), answered, "answered, but in no row");
      assertEquals(new TreeSet<>(DvcCommands.ahead()), ahead, "in a row, but not answered");
    } finally {
      daemon.destroyForcibly().waitFor();
    }
  }

  private Process launch() throws IOException {
    List<String> command = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(System.getProperty("revfs.jvm.flags").split(" ")));
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Drevfs.test.directory=" + directory, // so that what is left over can be found
            "-cp",
            System.getProperty("java.class.path"),
            "io.revfs.daemon.DaemonMain"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile());
    Files.createDirectories(directory.resolve("run"));
    Map<String, String> environment = builder.environment();
    environment.put("REVFS_SOCKET", socket().toString());
    environment.put("REVFS_CACHE_DIR", directory.resolve("cache").toString());
    environment.put("REVFS_STATE_DIR", directory.resolve("state").toString());
    environment.put("REVFS_CONFIG", directory.resolve("config.yaml").toString());
    environment.put("HOME", directory.toString());
    return builder.start();
  }

  private Path socket() {
    return directory.resolve("run/s");
  }

  private JsonNode names(Process daemon) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      try (Client client = Client.connect(socket())) {
        return client.get("/v1/dvc", Map.of());
      } catch (IOException e) {
        if (System.nanoTime() > deadline || daemon.waitFor(20, TimeUnit.MILLISECONDS)) {
          throw new IOException(Files.readString(directory.resolve("output")), e);
        }
      }
    }
  }
}
