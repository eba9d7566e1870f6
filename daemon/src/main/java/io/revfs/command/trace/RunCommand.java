package io.revfs.command.trace;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.git.GitRepository;
import io.revfs.project.Project;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceJson;
import io.revfs.trace.run.NotRecordedException;
import io.revfs.trace.run.TracedRun;
import io.revfs.trace.run.TracedRuns;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code run}: runs a command as the caller, and records what it reads and writes. */
final class RunCommand implements Command {
  private final TracedRuns runs;

  RunCommand(TracedRuns runs) {
    this.runs = runs;
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
    String directory = root.relativize(call.directory()).toString();
    TracedRuns.Wanted wanted = new TracedRuns.Wanted(root, directory, command, head(root));
    try (TracedRun run = runs.begin(wanted)) {
      if (!run.notRecorded().isEmpty()) {
        call.warn(
            "WARNING: too many mounts; what is read in these is not recorded: "
                + String.join(", ", run.notRecorded()));
      }
      report(call, run.end(start(call, run, command), ""));
    } catch (NotRecordedException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()), e.whatToDo(), CommandFailure.OTHER, e);
    }
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
                  "command",
                  command,
                  "directory",
                  call.directory().toString()));
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

  private static void report(Invocation call, Trace trace) {
    if (!trace.isComplete()) {
      call.warn("the trace " + trace.id() + " is incomplete: " + trace.incomplete());
    }
    JsonNode json = TraceJson.write(trace);
    Optional<String> file = call.value("trace");
    file.ifPresent(path -> call.save(call.resolve(path).toString(), json.toPrettyString() + "\n"));
    call.result(json);
    call.exit(trace.exit());
  }

  /** Returns the commit that is checked out; empty if none is. */
  static String head(Path root) throws IOException {
    if (Project.findGitRoot(root).isEmpty()) {
      return "";
    }
    try (GitRepository git = GitRepository.open(root)) {
      return git.resolve("HEAD").orElse("");
    }
  }
}
