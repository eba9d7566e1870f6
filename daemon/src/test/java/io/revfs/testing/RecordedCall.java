package io.revfs.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Conversation;
import io.revfs.command.Invocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A command that was run in this process, and what it said.
 *
 * @param out lines of standard output, each with a line break
 * @param warnings lines of standard error
 * @param json what {@code --json} would print; missing if nothing
 * @param exit its exit code; of a failure that is none of a command's, 255
 * @param failure what it failed with, empty if it did not
 */
public record RecordedCall(
    String out, List<String> warnings, JsonNode json, int exit, String failure) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper PYTHON_JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  /** Runs a command in a directory. */
  public static RecordedCall run(Command command, Path directory, Map<String, ?> arguments) {
    return run(command, directory, Map.of("HOME", directory.toString()), arguments);
  }

  /** Runs a command in a directory with variables. */
  public static RecordedCall run(
      Command command, Path directory, Map<String, String> environment, Map<String, ?> arguments) {
    Recorder recorder = new Recorder();
    Invocation call =
        new Invocation(
            new Invocation.Caller(directory, environment, false, 022),
            JSON.valueToTree(arguments),
            recorder);
    int exit;
    String failure = "";
    try {
      command.run(call);
      exit = call.exit();
    } catch (CommandFailure e) {
      exit = e.exit();
      failure = String.valueOf(e.getMessage());
    } catch (IOException e) {
      exit = CommandFailure.OTHER;
      failure = String.valueOf(e.getMessage());
    }
    StringBuilder out = new StringBuilder();
    recorder.out.forEach(line -> out.append(line).append('\n'));
    return new RecordedCall(out.toString(), recorder.warnings, recorder.json(), exit, failure);
  }

  private static JsonNode parsed(String json) {
    try {
      return PYTHON_JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(json, e);
    }
  }

  private static final class Recorder implements Conversation {
    private final List<String> out = new CopyOnWriteArrayList<>();
    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final List<JsonNode> items = new CopyOnWriteArrayList<>();
    private final StringBuffer text = new StringBuffer();
    private volatile JsonNode result = MissingNode.getInstance();

    @Override
    public void send(String name, Object content) {
      switch (name) {
        case "out" -> out.add(content.toString());
        case "warn" -> warnings.add(content.toString());
        case "item" -> items.add(JSON.valueToTree(content));
        case "json" -> text.append(content);
        case "result" -> result = JSON.valueToTree(content);
        default -> {}
      }
    }

    @Override
    public JsonNode ask(String name, Object content) throws IOException {
      return switch (name) {
        case "run" -> run(JSON.valueToTree(content));
        case "script" -> script(JSON.valueToTree(content));
        default -> MissingNode.getInstance();
      };
    }

    private static JsonNode script(JsonNode content) throws IOException {
      List<String> words = new ArrayList<>(List.of("/bin/sh", "-c"));
      words.add(content.path("script").asText());
      words.add("revfs");
      content.path("arguments").forEach(argument -> words.add(argument.asText()));
      Process process =
          new ProcessBuilder(words)
              .directory(Path.of(content.path("directory").asText()).toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return IntNode.valueOf(process.onExit().join().exitValue());
    }

    /** Does what the caller's process does; what is printed is recorded too. */
    private JsonNode run(JsonNode content) throws IOException {
      for (JsonNode command : content.path("commands")) {
        int exit = run(content, command.asText());
        if (exit != 0) {
          return JSON.createObjectNode().put("exit", exit).put("command", command.asText());
        }
      }
      return JSON.createObjectNode().put("exit", 0);
    }

    private int run(JsonNode content, String command) throws IOException {
      String label = content.path("label").asText();
      String prefix = label.isEmpty() ? "" : label + " | ";
      out.add(prefix + "> " + command);
      ProcessBuilder builder =
          new ProcessBuilder("/bin/sh", "-c", command)
              .directory(Path.of(content.path("directory").asText()).toFile())
              .redirectErrorStream(true);
      content
          .path("environment")
          .properties()
          .forEach(entry -> builder.environment().put(entry.getKey(), entry.getValue().asText()));
      Process process = builder.start();
      String printed =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!printed.isEmpty()) {
        printed.lines().forEach(line -> out.add(prefix + line));
      }
      return process.onExit().join().exitValue();
    }

    JsonNode json() {
      if (!text.isEmpty()) {
        return parsed(text.toString());
      }
      if (items.isEmpty()) {
        return result;
      }
      ArrayNode list = JSON.createArrayNode();
      items.forEach(list::add);
      return list;
    }
  }
}
