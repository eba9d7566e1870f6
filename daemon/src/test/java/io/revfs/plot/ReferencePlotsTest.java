package io.revfs.plot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.fuse.Shell;
import io.revfs.testing.RecordedCall;
import io.revfs.testing.ReferenceRepository;
import io.revfs.testing.RevisionCommands;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Data points as DVC 3.67.1 has them on the repositories that it made. Nothing is pulled: they come
 * from Git and from the remote.
 */
class ReferencePlotsTest {
  @TempDir Path directory;

  private static JsonNode expected(String name) throws IOException {
    try (InputStream in =
        new GZIPInputStream(
            Objects.requireNonNull(
                ReferencePlotsTest.class.getResourceAsStream("/reference/plots.json.gz")))) {
      return new ObjectMapper().readTree(in).get(name);
    }
  }

  /** Returns what was recorded of an answer: the points of each plot, and its title. */
  private static JsonNode points(RecordedCall call) {
    assertEquals("", call.failure());
    ObjectNode plots = JsonNodeFactory.instance.objectNode();
    for (var plot : call.json().path("data").properties()) {
      ArrayNode list = plots.putArray(plot.getKey());
      for (JsonNode one : plot.getValue()) {
        ObjectNode reduced = list.addObject();
        reduced.set("type", one.get("type"));
        reduced.set("revisions", one.get("revisions"));
        reduced.set("values", one.at("/content/data/values"));
        reduced.set("title", one.at("/content/title/text"));
      }
    }
    return plots;
  }

  @ParameterizedTest
  @ValueSource(strings = {"03-pipeline", "06-experiments"})
  void plots_haveThePointsThatDvcSays(String name) throws IOException {
    ReferenceRepository repository = ReferenceRepository.unpack(name, directory);
    JsonNode expected = expected(name);
    int compared = 0;
    try (RevisionCommands commands =
        new RevisionCommands(repository.repo(), directory.resolve("revfs"))) {
      for (var revision : expected.get("revisions").properties()) {
        checkout(repository, revision.getKey());
        assertEquals(
            revision.getValue(),
            points(commands.run("plots show", "json", true)),
            revision.getKey());
        compared++;
      }
      checkout(repository, "main");
      for (JsonNode pair : expected.get("diffs")) {
        List<String> both = List.of(pair.get("a").asText(), pair.get("b").asText());
        assertEquals(
            pair.get("plots_diff"),
            points(commands.run("plots diff", "json", true, "revisions", both)),
            both.toString());
        compared++;
      }
    }
    assertTrue(compared > 9, compared + " compared");
  }

  private static void checkout(ReferenceRepository repository, String revision) throws IOException {
    Shell.Result git = Shell.run(repository.repo(), "git checkout -q -f " + revision);
    assertEquals(0, git.exit(), git::output);
  }
}
