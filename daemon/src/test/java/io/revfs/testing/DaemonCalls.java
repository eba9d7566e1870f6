package io.revfs.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Calls DVC's commands of a daemon as the command line does. */
public record DaemonCalls(TestDaemon daemon, Path directory) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * What a caller sees of a call.
   *
   * @param message empty if it went well
   * @param hint what to do
   */
  public record Outcome(int exit, String message, String hint) {}

  /** Runs a command; returns all that it answers, by name. */
  public JsonNode answer(String command, Object... pairs) throws IOException {
    Map<String, Object> arguments = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      arguments.put((String) pairs[i], pairs[i + 1]);
    }
    String body =
        JSON.writeValueAsString(
            Map.of(
                "command",
                command,
                "arguments",
                arguments,
                "directory",
                directory.toString(),
                "environment",
                Map.of("HOME", directory.resolveSibling("home").toString())));
    ObjectNode answer = JSON.createObjectNode();
    daemon
        .lines("/v1/dvc", body)
        .forEach(line -> line.properties().forEach(p -> answer.set(p.getKey(), p.getValue())));
    return answer;
  }

  /** Runs a command; {@code pairs} are names and values of arguments. */
  public Outcome run(String command, Object... pairs) throws IOException {
    JsonNode answer = answer(command, pairs);
    JsonNode error = answer.path("error");
    return new Outcome(
        error.isMissingNode() ? answer.path("exit").asInt(-1) : error.path("exit").asInt(),
        error.path("message").asText(),
        error.path("hint").asText());
  }

  /** Runs a command that must go well. */
  public void ok(String command, Object... pairs) throws IOException {
    assertEquals(new Outcome(0, "", ""), run(command, pairs));
  }

  /** Tracks paths. */
  public void add(String... targets) throws IOException {
    ok("add", "targets", List.of(targets));
  }

  /**
   * Runs a command that must fail, in one line that has some texts, with what to do.
   *
   * @param texts what message or hint must have
   */
  public void fails(int exit, List<String> texts, String command, Object... pairs)
      throws IOException {
    Outcome outcome = run(command, pairs);
    for (String text : texts) {
      String said = outcome.message() + "\n" + outcome.hint();
      assertTrue(said.contains(text), () -> "'" + text + "' is not in: " + said);
    }
    assertEquals(exit, outcome.exit(), outcome::message);
    assertFalse(outcome.hint().isBlank(), outcome::message);
    assertFalse(outcome.message().contains("Exception"), outcome::message);
  }
}
