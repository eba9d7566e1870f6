package io.revfs.command.trace;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.trace.Lineage;
import io.revfs.trace.TraceJson;
import io.revfs.trace.TraceSummary;
import io.revfs.trace.run.TracedRuns;
import java.io.IOException;
import java.nio.file.Path;

/** {@code why}: which run wrote a file, from what, and so on back to the sources. */
final class WhyCommand implements Command {
  private final TracedRuns runs;

  WhyCommand(TracedRuns runs) {
    this.runs = runs;
  }

  @Override
  public String name() {
    return "why";
  }

  @Override
  public void run(Invocation call) throws IOException {
    Path root = WorkingCopies.root(call);
    String path = WorkingCopies.inside(call, root, call.required("path"));
    Lineage.Origin origin =
        new Lineage(runs.store(), root.toString()).why(path, runs.trees().files(root).digest(path));
    if (origin.run().isEmpty()) {
      throw new CommandFailure(
          "no recorded run wrote '" + path + "'",
          "record what makes it: revfs run -- COMMAND; see: revfs trace list",
          CommandFailure.FAILED);
    }
    tell(call, origin, "");
    call.result(json(origin));
  }

  private static void tell(Invocation call, Lineage.Origin origin, String indent) {
    String digest = origin.digest().map(each -> "  " + each).orElse("");
    if (origin.run().isEmpty()) {
      call.out(indent + origin.path() + digest);
      return;
    }
    TraceSummary run = origin.run().get();
    call.out(indent + origin.path() + digest + (origin.exact() ? "" : "  (changed since)"));
    String commit = run.commit().isEmpty() ? "" : " at " + run.commit();
    call.out(indent + "  by " + run.commandLine() + commit + ", run " + run.id());
    for (Lineage.Origin from : origin.from()) {
      tell(call, from, indent + "    ");
    }
  }

  private static ObjectNode json(Lineage.Origin origin) {
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("path", origin.path());
    origin.digest().ifPresent(digest -> node.put("digest", digest.toString()));
    if (origin.run().isPresent()) {
      node.set("run", TraceJson.write(origin.run().get()));
      node.put("exact", origin.exact());
      ArrayNode from = node.putArray("from");
      origin.from().forEach(each -> from.add(json(each)));
    }
    return node;
  }
}
