package io.revfs.command.trace;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.trace.TraceJson;
import io.revfs.trace.TraceStore;
import io.revfs.trace.TraceSummary;
import java.io.IOException;
import java.util.List;

/** {@code trace list}: the runs of this working copy, or of all, the newest first. */
final class TraceListCommand implements Command {
  private final TraceStore store;

  TraceListCommand(TraceStore store) {
    this.store = store;
  }

  @Override
  public String name() {
    return "trace list";
  }

  @Override
  public void run(Invocation call) throws IOException {
    boolean all = call.flag("all");
    List<TraceSummary> runs = store.list(all ? "" : WorkingCopies.root(call).toString()).reversed();
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    for (TraceSummary run : runs) {
      json.add(TraceJson.write(run));
      call.out(
          "%s  %4s  %5d read  %5d left  %s%s"
              .formatted(
                  run.id(),
                  TraceText.exit(run.exit(), run.incomplete()),
                  run.inputs(),
                  run.outputs(),
                  all ? run.root() + ": " : "",
                  run.commandLine()));
    }
    call.result(json);
  }
}
