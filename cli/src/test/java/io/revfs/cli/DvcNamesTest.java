package io.revfs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.dvc.DvcCommands;
import io.revfs.testing.TestDaemon;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command's table of DVC's commands and a real daemon's say the same. */
class DvcNamesTest {
  @TempDir Path directory;

  @Test
  void theTableHasWhatTheDaemonAnswers() throws Exception {
    try (TestDaemon daemon = TestDaemon.start(directory, "")) {
      Set<String> answered = new TreeSet<>();
      for (JsonNode name : daemon.get("/v1/dvc").json()) {
        answered.add(name.asText());
      }
      Set<String> rows = new TreeSet<>();
      DvcCommands.all().forEach(row -> rows.add(row.name()));
      assertEquals(answered, rows);
    }
  }
}
