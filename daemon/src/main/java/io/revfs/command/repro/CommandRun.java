package io.revfs.command.repro;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.command.CommandFailure;
import io.revfs.command.repro.StageRecords.Recorded;
import io.revfs.command.tracking.Session;
import io.revfs.stage.Stage;
import io.revfs.trace.Trace;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lets the caller's process run the commands of stages, and judges how that ended. Thread-safe as
 * the hold is: the turn is given away while a command runs.
 */
final class CommandRun {
  private static final int SIGNALLED = 128;

  private final Session session;
  private final ProjectHold hold;
  private final StageTracing tracing;

  CommandRun(Session session, ProjectHold hold, StageTracing tracing) {
    this.session = session;
    this.hold = hold;
    this.tracing = tracing;
  }

  /** A text of several lines is several commands. */
  static List<String> commands(Stage stage) {
    return stage.command().orElseThrow().list()
        ? stage.command().orElseThrow().lines()
        : stage.command().orElseThrow().lines().getFirst().lines().toList();
  }

  /**
   * Runs the commands of a stage to their end, one after another.
   *
   * @param upstream what it needs and still runs, which is waited for too
   * @return what was recorded of the run, if it is to be judged
   * @throws CommandFailure if one fails, or if what it started still writes an output
   */
  Optional<Recorded> run(Stage stage, StageRun.Options options, Upstream upstream)
      throws IOException {
    Map<String, Object> request = request(stage, options, upstream);
    if (options.recording() != StageRun.Recording.NO) {
      try {
        return recorded(stage, options, request, upstream);
      } catch (StageTracing.NotRecordedException e) {
        if (options.recording() != StageRun.Recording.WHERE_POSSIBLE) {
          session.call().unseen(String.valueOf(e.getMessage()));
          throw new CommandFailure(
              String.valueOf(e.getMessage()), e.whatToDo(), CommandFailure.OTHER, e);
        }
        session
            .call()
            .warn(
                "WARNING: %s. It runs without being recorded; --no-record leaves this out."
                    .formatted(e.getMessage()));
        request.remove("launcher");
      }
    }
    check(stage, options, ask(request, upstream));
    return Optional.empty();
  }

  private Optional<Recorded> recorded(
      Stage stage, StageRun.Options options, Map<String, Object> request, Upstream upstream)
      throws IOException {
    try (StageTracing.Recording recording = tracing.begin(session, stage, commands(stage))) {
      request.put("launcher", recording.launcher());
      request.put("elsewhere", options.recording() == StageRun.Recording.WHERE_POSSIBLE);
      JsonNode answer = ask(request, upstream);
      if (answer.hasNonNull("elsewhere")) {
        return ranElsewhere(stage, options, answer);
      }
      Trace trace = end(recording, answer);
      session.call().traced(trace.id());
      check(stage, options, answer);
      return options.recording() == StageRun.Recording.UNJUDGED
          ? Optional.empty()
          : Optional.of(new Recorded(trace, recording.root()));
    }
  }

  /** What was not started has nothing to be recorded, and may have other reasons. */
  private static Trace end(StageTracing.Recording recording, JsonNode answer) throws IOException {
    try {
      return recording.end(answer.path("exit").asInt(Trace.NO_EXIT));
    } catch (StageTracing.NotRecordedException e) {
      if (answer.hasNonNull("reason")) {
        throw failure(answer.path("reason").asText(), "mend what it says, then run repro again");
      }
      throw e;
    }
  }

  /** Another host has its own kernel, which this process serves nothing to. */
  private Optional<Recorded> ranElsewhere(Stage stage, StageRun.Options options, JsonNode answer)
      throws IOException {
    String what =
        "stage '%s' cannot be recorded on %s, which is not this host"
            .formatted(stage.id().addressing(session.from()), answer.path("elsewhere").asText());
    if (options.recording() != StageRun.Recording.WHERE_POSSIBLE) {
      throw new StageTracing.NotRecordedException(
          what, "let Slurm run it here (meta.revfs.resources.partition), or do not record it");
    }
    session.call().warn("WARNING: " + what + "; it ran without being recorded.");
    check(stage, options, answer);
    return Optional.empty();
  }

  private JsonNode ask(Map<String, Object> request, Upstream upstream) throws IOException {
    try (Closeable free = hold.pause()) {
      JsonNode answer = session.call().request("run", request);
      upstream.await();
      return answer;
    }
  }

  private void check(Stage stage, StageRun.Options options, JsonNode answer) throws CommandFailure {
    String name = stage.id().addressing(session.from());
    if (!answer.path("exit").isNumber()) {
      throw failure(
          "the command of '%s' was not run".formatted(name), "nobody was there to run it");
    }
    int exit = answer.path("exit").asInt();
    String command = answer.path("command").asText(commands(stage).getLast());
    if (exit != 0) {
      throw failure(
          answer.path("reason").asText(ended(command, exit)),
          "mend what it says above, then run repro again");
    }
    for (JsonNode left : answer.path("left")) {
      leftBehind(name, left, options);
    }
  }

  private static String ended(String command, int exit) {
    return exit > SIGNALLED
        ? "failed to run: %s, killed by signal %d".formatted(command, exit - SIGNALLED)
        : "failed to run: %s, exited with %d".formatted(command, exit);
  }

  private Map<String, Object> request(Stage stage, StageRun.Options options, Upstream upstream)
      throws CommandFailure {
    Path root = session.project().root();
    Map<String, Object> request = new LinkedHashMap<>();
    String name = stage.id().addressing(session.from());
    request.put("name", name);
    request.put("label", options.label());
    request.put("commands", commands(stage));
    request.put("directory", root.resolve(stage.workingDirectory()).toString());
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("DVC_ROOT", root.toString());
    environment.put("DVC_STAGE", name);
    environment.putAll(session.call().runVariables());
    request.put("environment", environment);
    request.put(
        "outputs", StagePaths.of(stage, root).writes().stream().map(Path::toString).toList());
    if (Reproduction.isQueued(session.call())) {
      request.put("executor", session.call().value("executor").orElseThrow());
      request.put("resources", StageResources.of(stage, name));
    }
    request.put("after", upstream.names());
    return request;
  }

  private void leftBehind(String name, JsonNode left, StageRun.Options options)
      throws CommandFailure {
    String process =
        "process %d (%s)".formatted(left.path("pid").asLong(), left.path("command").asText());
    if (left.hasNonNull("writes")) {
      throw failure(
          "the command of '%s' ended, but %s that it started still writes '%s'"
              .formatted(name, process, session.shown(Path.of(left.path("writes").asText()))),
          "let the command wait for it, then run repro again");
    }
    String message = "stage '%s' left %s behind".formatted(name, process);
    if (options.strict()) {
      throw failure(message, "end it in the command, or leave --strict out");
    }
    session.call().warn("WARNING: " + message + ".");
  }

  private static CommandFailure failure(String message, String whatToDo) {
    return new CommandFailure(message, whatToDo, CommandFailure.OTHER);
  }
}
