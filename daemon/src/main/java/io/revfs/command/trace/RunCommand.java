package io.revfs.command.trace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Commands;
import io.revfs.command.Invocation;
import io.revfs.command.PastMounts;
import io.revfs.command.tracking.Session;
import io.revfs.git.GitRepository;
import io.revfs.project.Project;
import io.revfs.reach.Passages;
import io.revfs.stage.StageId;
import io.revfs.stage.StageLoader;
import io.revfs.text.RelativePaths;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceJson;
import io.revfs.trace.run.NotRecordedException;
import io.revfs.trace.run.TracedRun;
import io.revfs.trace.run.TracedRuns;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code run}: runs a command as the caller, and records what it reads and writes. */
final class RunCommand implements Command {
  private final TracedRuns runs;
  private final Workspaces workspaces;
  private final Commands others;

  /** {@code others} has {@code stage add} and {@code commit}. */
  RunCommand(TracedRuns runs, Workspaces workspaces, Commands others) {
    this.runs = runs;
    this.workspaces = workspaces;
    this.others = others;
  }

  @Override
  public String name() {
    return "run";
  }

  @Override
  public void run(Invocation call) throws IOException {
    List<String> command = call.values("command");
    if (command.isEmpty()) {
      throw new CommandFailure(
          "a command is missing", "for instance: revfs run -- make", CommandFailure.USAGE);
    }
    Path root = WorkingCopies.root(call);
    Optional<String> stage = call.value("name");
    Optional<String> resumed = call.value("resume");
    if (resumed.isPresent()) {
      finish(call, ended(resumed.get(), status(call)), stage, status(call));
      return;
    }
    if (stage.isPresent()) {
      checkFree(call, stage.get()); // before the command runs, which may take long
    }
    String directory = root.relativize(Passages.shown(call.directory())).toString();
    TracedRuns.Wanted wanted = new TracedRuns.Wanted(root, directory, command, head(root));
    try (TracedRun run = runs.begin(wanted)) {
      if (!run.limits().isEmpty()) {
        call.warn("WARNING: " + run.limits());
      }
      if (!run.notRecorded().isEmpty()) {
        call.warn(
            "WARNING: too many mounts; what is read in these is not recorded: "
                + String.join(", ", run.notRecorded()));
      }
      int status = start(call, run, command);
      finish(call, run.end(status, ""), stage, status);
    } catch (NotRecordedException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()), e.whatToDo(), CommandFailure.OTHER, e);
    }
  }

  private static int status(Invocation call) throws CommandFailure {
    try {
      return Integer.parseInt(call.required("status"));
    } catch (NumberFormatException e) {
      throw new CommandFailure("no status: " + e.getMessage(), "", CommandFailure.USAGE, e);
    }
  }

  /** Ends a run that another daemon began, and whose command has ended. */
  private Trace ended(String id, int status) throws IOException {
    Optional<TracedRun> running = runs.running(id);
    if (running.isPresent()) {
      try (TracedRun run = running.get()) {
        return run.end(status, "");
      }
    }
    return runs.store()
        .get(id)
        .orElseThrow(
            () ->
                new CommandFailure(
                    "the daemon was killed before it could record the run " + id,
                    "see: revfs daemon log",
                    CommandFailure.OTHER));
  }

  private void finish(Invocation call, Trace trace, Optional<String> stage, int status)
      throws IOException {
    if (stage.isPresent()) {
      declare(call, trace, stage.get());
    }
    report(call, trace, status);
  }

  /** Lets the caller run the command; returns its exit status. */
  private static int start(Invocation call, TracedRun run, List<String> command)
      throws IOException {
    JsonNode answer;
    try {
      answer =
          call.request(
              "launch",
              Map.of(
                  "launcher",
                  run.launcher(),
                  "run",
                  run.id(),
                  "command",
                  command,
                  "directory",
                  Passages.shown(call.directory()).toString()));
    } catch (InterruptedIOException e) {
      boolean interrupted = Thread.interrupted(); // the trace is still to be written
      try {
        var unused = run.end(Trace.NO_EXIT, "who ran it went away");
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
      throw e;
    }
    if (!answer.isNumber()) {
      throw new CommandFailure(
          "the command was not run", "nobody was there to run it", CommandFailure.OTHER);
    }
    return answer.asInt();
  }

  /** A stage of the same name is not replaced without being asked for. */
  private void checkFree(Invocation call, String name) throws IOException {
    try (Session session = Session.open(call, workspaces, "Recording")) {
      String file = RelativePaths.join(session.from(), StageLoader.PIPELINE_FILE);
      if (session.index().stage(new StageId(file, name)).isPresent() && !call.flag("force")) {
        throw new CommandFailure(
            "the stage '%s' is in '%s' already".formatted(name, file),
            "add -f, or take another name",
            CommandFailure.OTHER);
      }
    }
  }

  /** Writes the run down as a stage, and what it made as the stage's. */
  private void declare(Invocation call, Trace trace, String name) throws IOException {
    if (trace.exit() != 0) {
      call.warn("the command failed, so no stage '" + name + "' is written");
      return;
    }
    ObjectNode arguments = stage(call, trace, name);
    arguments.put("force", call.flag("force"));
    ObjectNode commit = JsonNodeFactory.instance.objectNode().put("force", true);
    commit.putArray("targets").add(name);
    PastMounts.changing(
        call.directory(),
        () -> {
          others.named("stage add").orElseThrow().run(call.with(arguments));
          others.named("commit").orElseThrow().run(call.with(commit));
        });
  }

  private ObjectNode stage(Invocation call, Trace trace, String name) throws IOException {
    try (Session session = Session.open(call, workspaces, "Recording")) {
      return RecordedStage.arguments(trace, session, name);
    }
  }

  private static void report(Invocation call, Trace trace, int status) {
    if (!trace.isComplete()) {
      call.warn("the trace " + trace.id() + " is incomplete: " + trace.incomplete());
    }
    JsonNode json = TraceJson.write(trace);
    Optional<String> file = call.value("trace");
    file.ifPresent(path -> call.save(call.resolve(path).toString(), json.toPrettyString() + "\n"));
    call.result(json);
    call.exit(status);
  }

  /** Returns the commit that is checked out; empty if none is. */
  static String head(Path root) throws IOException {
    if (Project.findGitRoot(Passages.below(root)).isEmpty()) {
      return "";
    }
    try (GitRepository git = GitRepository.open(Passages.below(root))) {
      return git.resolve("HEAD").orElse("");
    }
  }
}
