package io.revfs.command.plots;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.testing.RecordedCall;
import io.revfs.testing.RevisionCommands;
import io.revfs.testing.TestData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A project with plots of all kinds of sources; data is on the remote only. */
abstract class PlotsProject {
  static final ObjectMapper JSON = new ObjectMapper();
  static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', 1};

  @TempDir Path directory;
  TestData data;
  Path repository;
  RevisionCommands commands;

  @BeforeEach
  void make() throws IOException {
    data = new TestData(directory);
    repository = data.repository();
    data.write(".gitignore", "/dvc_plots\n");
    data.write("train.csv", "step,loss,acc\n0,1.0,0.1\n1,0.5,0.6\n");
    data.write("test.csv", "step,loss,acc\n0,2.0,0.2\n1,1.5,0.4\n");
    data.write("eval/classes.json", "[{\"actual\": \"a\", \"predicted\": \"b\"}]");
    data.directory("pictures", Map.of("2.png", PNG, "10.png", PNG));
    data.write(
        "dvc.yaml",
        """
        plots:
        - train.csv:
            x: step
            y: acc
            title: Accuracy
        - both:
            x: step
            y:
              train.csv: [loss, acc]
              test.csv: loss
            y_label: value
        - one field:
            x: step
            y:
              train.csv: loss
              test.csv: loss
        - pictures
        - eval/classes.json:
            template: confusion
            x: actual
            y: predicted
        """);
    data.commit("v1");
    commands = new RevisionCommands(repository, directory.resolve("revfs"));
  }

  @AfterEach
  void close() {
    commands.close();
  }

  RecordedCall run(String command, Object... pairs) {
    return commands.run(command, pairs);
  }

  JsonNode plots(Object... pairs) {
    List<Object> all = new ArrayList<>(List.of(pairs));
    all.addAll(List.of("json", true));
    RecordedCall call = run("plots show", all.toArray());
    assertEquals("", call.failure());
    return call.json();
  }

  static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  static JsonNode json(String text) throws IOException {
    return JSON.readTree(text);
  }
}
