package io.revfs.command.trace;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceJson;
import io.revfs.trace.TraceStore;
import io.revfs.trace.export.TraceFormat;
import java.io.IOException;
import java.util.Optional;

/** {@code trace show}: all that is known of one run. */
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
    Trace trace = WorkingCopies.trace(call, store, call.value("run"));
    Optional<String> format = call.value("format");
    if (format.isEmpty()) {
      TraceText.of(trace, call.flag("stat")).forEach(call::out);
      call.result(TraceJson.write(trace));
      return;
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
    call.result(json);
  }
}
