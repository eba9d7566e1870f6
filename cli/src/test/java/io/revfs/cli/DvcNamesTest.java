package io.revfs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.dvc.DvcCommand;
import io.revfs.cli.dvc.DvcCommands;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command's table of DVC's commands and a real daemon's say the same. */
class DvcNamesTest {
  @TempDir Path directory;

  @Test
  void whatTheDaemonAnswers_isInTheTable_andTheRestIsOutOfHelp() throws Exception {
    try (RunningDaemon daemon = new RunningDaemon(directory, List.of());
        Client client = Client.connect(daemon.socket())) {
      Set<String> answered = new TreeSet<>();
      for (JsonNode name : client.get("/v1/dvc", Map.of())) {
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
    }
  }
}
