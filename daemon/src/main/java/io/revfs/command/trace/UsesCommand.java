package io.revfs.command.trace;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.object.Digest;
import io.revfs.trace.Lineage;
import io.revfs.trace.TraceJson;
import io.revfs.trace.run.TracedRuns;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code uses}: which runs read a file, what they made of it, and who used that. */
final class UsesCommand implements Command {
  private final TracedRuns runs;

  UsesCommand(TracedRuns runs) {
    this.runs = runs;
  }

  @Override
  public String name() {
    return "uses";
  }

  @Override
  public void run(Invocation call) throws IOException {
    Path root = WorkingCopies.root(call);
    String path = WorkingCopies.inside(call, root, call.required("path"));
    Optional<Digest> now =
        call.flag("all") ? Optional.empty() : runs.trees().files(root).digest(path);
    List<Lineage.Usage> usages = new Lineage(runs.store(), root.toString()).uses(path, now);
    tell(call, usages, "");
    call.result(json(usages));
  }

  private static void tell(Invocation call, List<Lineage.Usage> usages, String indent) {
    for (Lineage.Usage usage : usages) {
      call.out(indent + usage.run().commandLine() + ", run " + usage.run().id());
      for (Lineage.Made made : usage.made()) {
        String digest = made.digest().map(each -> "  " + each).orElse("");
        call.out(indent + "  " + made.path() + digest);
        tell(call, made.usedBy(), indent + "    ");
      }
    }
  }

  private static ArrayNode json(List<Lineage.Usage> usages) {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    for (Lineage.Usage usage : usages) {
      ObjectNode one = all.addObject();
      one.set("run", TraceJson.write(usage.run()));
      ArrayNode made = one.putArray("made");
      for (Lineage.Made each : usage.made()) {
        ObjectNode file = made.addObject().put("path", each.path());
        each.digest().ifPresent(digest -> file.put("digest", digest.toString()));
        file.set("usedBy", json(each.usedBy()));
      }
    }
    return all;
  }
}
