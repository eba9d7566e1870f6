package io.revfs.command.trace;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.experiment.queue.ExperimentTraces;
import io.revfs.project.Project;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceJson;
import io.revfs.trace.TraceStore;
import io.revfs.trace.export.TraceFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code trace show}: all that is known of one run, or of the runs of an experiment's stages. */
final class TraceShowCommand implements Command {
  private final TraceStore store;

  TraceShowCommand(TraceStore store) {
    this.store = store;
  }

  @Override
  public String name() {
    return "trace show";
  }

  @Override
  public void run(Invocation call) throws IOException {
    List<Trace> experiment = experiment(call);
    if (!experiment.isEmpty()) {
      List<JsonNode> all = new ArrayList<>();
      for (Trace trace : experiment) {
        all.add(show(call, trace));
      }
      call.result(all);
      return;
    }
    call.result(show(call, WorkingCopies.trace(call, store, call.value("run"))));
  }

  /** Returns the traces of an experiment's stages, if that is what the caller names. */
  private List<Trace> experiment(Invocation call) throws IOException {
    Optional<String> name = call.value("run");
    boolean isRun = name.isPresent() && store.get(name.get()).isPresent();
    if (name.isEmpty() || isRun || Project.findRoot(call.directory()).isEmpty()) {
      return List.of();
    }
    Project project = Project.find(call.directory(), call.environment());
    return new ExperimentTraces(project).of(name.get());
  }

  private static JsonNode show(Invocation call, Trace trace) throws IOException {
    Optional<String> format = call.value("format");
    if (format.isEmpty()) {
      TraceText.of(trace, call.flag("stat")).forEach(call::out);
      return TraceJson.write(trace);
    }
    TraceFormat wanted =
        TraceFormat.ofWord(format.get())
            .orElseThrow(
                () ->
                    new CommandFailure(
                        "'" + format.get() + "' is no format",
                        "take json, openlineage or prov",
                        CommandFailure.USAGE));
    JsonNode json = wanted.write(trace);
    call.out(json.toPrettyString());
    return json;
  }
}
