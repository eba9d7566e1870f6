package io.revfs.cli.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is run for a stage.
 *
 * @param name the stage's
 * @param label what stands before each line of its output; empty if it has the terminal to itself
 * @param commands for the caller's shell
 * @param directory where they run, absolute
 * @param environment variables beside the caller's
 * @param outputs what it is to make, absolute
 * @param launcher words that start the shell, of a stage that is recorded; none otherwise
 * @param elsewhere whether it may run without the launcher, where another kernel is
 * @param resources what it needs where it runs elsewhere; an empty object if nothing is said
 * @param after stages that have not ended and must end well before it begins
 */
public record StageJob(
    String name,
    String label,
    List<String> commands,
    Path directory,
    Map<String, String> environment,
    List<Path> outputs,
    List<String> launcher,
    boolean elsewhere,
    JsonNode resources,
    List<String> after) {
  /** Returns the job that the daemon describes. */
  public static StageJob of(JsonNode request) {
    Map<String, String> environment = new LinkedHashMap<>();
    request
        .path("environment")
        .properties()
        .forEach(entry -> environment.put(entry.getKey(), entry.getValue().asText()));
    return new StageJob(
        request.path("name").asText(),
        request.path("label").asText(),
        texts(request.path("commands")),
        Path.of(request.path("directory").asText()),
        environment,
        texts(request.path("outputs")).stream().map(Path::of).toList(),
        texts(request.path("launcher")),
        request.path("elsewhere").asBoolean(),
        request.path("resources"),
        texts(request.path("after")));
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(item -> texts.add(item.asText()));
    return texts;
  }
}
