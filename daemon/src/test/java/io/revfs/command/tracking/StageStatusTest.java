package io.revfs.command.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.command.Commands;
import io.revfs.command.pipeline.ParamStatuses;
import io.revfs.testing.NoSources;
import io.revfs.testing.RecordedCall;
import io.revfs.testing.TestData;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code status} of stages that depend on files and parameters. */
class StageStatusTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;
  private TestData data;
  private Workspaces workspaces;
  private Commands commands;

  @BeforeEach
  void make() throws IOException {
    data = new TestData(directory);
    data.write("in.txt", "in\n");
    data.write("params.yaml", "lr: 0.1\nnet:\n  depth: 3\nunused: 1\n");
    data.write("more.json", "{\"a\": 1, \"b\": [1, 2]}\n");
    data.write(
        "dvc.yaml",
        """
        stages:
          train:
            cmd: run
            deps: [in.txt]
            params:
              - lr
              - net.depth
              - more.json:
        """);
    data.write(
        "dvc.lock",
        """
        schema: '2.0'
        stages:
          train:
            cmd: run
            deps:
            - path: in.txt
              hash: md5
              md5: %s
              size: 3
            params:
              params.yaml:
                lr: 0.1
                net.depth: 3
              more.json:
                a: 1.0
                b: [1, 2]
        """
            .formatted(TestData.md5("in\n".getBytes(java.nio.charset.StandardCharsets.UTF_8))));
    data.commit("v1");
    workspaces = Workspaces.open(directory.resolve("states"));
    commands =
        new Commands(
            TrackingCommands.all(
                workspaces,
                new ParamStatuses(new NoSources()),
                RemoteData.NONE,
                (session, stages) -> {}));
  }

  @AfterEach
  void close() throws IOException {
    workspaces.close();
  }

  private RecordedCall status() {
    return RecordedCall.run(
        commands.named("status").orElseThrow(), data.repository(), Map.of("json", true));
  }

  private static JsonNode changed(String deps) throws IOException {
    return JSON.readTree("{\"train\": [{\"changed deps\": " + deps + "}]}");
  }

  @Test
  void equalValues_areNoChange_whateverTheTextIs() throws IOException {
    assertEquals(JSON.readTree("{}"), status().json(), status().failure());
    data.write("params.yaml", "# other text\nunused: 2\nnet: {depth: 3.0}\nlr: 1.0e-1\n");
    assertEquals(JSON.readTree("{}"), status().json());
  }

  @Test
  void changedValues_areNamed_byKey() throws IOException {
    data.write("params.yaml", "net: {depth: 4}\n");
    data.write("more.json", "{\"b\": [1, 2, 3], \"c\": null}");
    assertEquals(
        changed(
            """
            {"params.yaml": {"lr": "deleted", "net.depth": "modified"},
             "more.json": {"a": "deleted", "b": "modified", "c": "new"}}\
            """),
        status().json());
  }

  @Test
  void aFileThatIsGone_orWasNeverLocked_isOneWord() throws IOException {
    Files.delete(data.repository().resolve("more.json"));
    assertEquals(changed("{\"more.json\": \"deleted\"}"), status().json());
    Files.delete(data.repository().resolve("dvc.lock"));
    JsonNode deps = status().json().at("/train/0/changed deps");
    assertEquals("new", deps.path("params.yaml").asText(), deps.toString());
    assertEquals("deleted", deps.path("more.json").asText(), deps.toString());
  }

  @Test
  void aFileThatCannotBeRead_isSaid() throws IOException {
    data.write("params.yaml", "lr: [1\n");
    RecordedCall failed = status();
    assertEquals(255, failed.exit());
    assertTrue(failed.failure().contains("params.yaml"), failed.failure());
  }
}
