package io.revfs.command.plots;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.plot.vega.Templates;
import java.io.IOException;
import java.util.Optional;

/** {@code plots templates}: the names of those that are built in, or one of them. */
final class PlotsTemplatesCommand implements Command {
  @Override
  public String name() {
    return "plots templates";
  }

  @Override
  public void run(Invocation call) throws IOException {
    Optional<String> name = call.value("template");
    if (name.isEmpty()) {
      Templates.BUILT_IN.forEach(call::out);
      call.result(Templates.BUILT_IN);
      return;
    }
    if (!Templates.BUILT_IN.contains(name.get())) {
      throw new CommandFailure(
          "Unexpected template: " + name.get() + ".",
          "there are: " + String.join(", ", Templates.BUILT_IN),
          CommandFailure.FAILED);
    }
    Object content = Templates.builtIn(name.get()).content();
    call.out(PlotsJson.text(content));
    call.result(content);
  }
}
