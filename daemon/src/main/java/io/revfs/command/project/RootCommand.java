package io.revfs.command.project;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.project.Project;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** {@code root}: the way from here to the root of the project. */
final class RootCommand implements Command {
  @Override
  public String name() {
    return "root";
  }

  @Override
  public void run(Invocation call) throws IOException {
    Path root = Project.find(call.directory(), call.environment()).root();
    String relative = call.shown(root);
    call.out(relative.isEmpty() ? "." : relative);
    call.result(Map.of("root", root.toString()));
  }
}
