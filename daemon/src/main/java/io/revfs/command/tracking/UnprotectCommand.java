package io.revfs.command.tracking;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.reach.Passages;
import io.revfs.workspace.Workspaces;
import io.revfs.workspace.store.Linker;
import java.io.IOException;
import java.nio.file.Path;

/** {@code unprotect}: replaces links to the cache by files of their own that may be written. */
final class UnprotectCommand implements Command {
  private final Workspaces workspaces;

  UnprotectCommand(Workspaces workspaces) {
    this.workspaces = workspaces;
  }

  @Override
  public String name() {
    return "unprotect";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (Session session = Session.open(call, workspaces, "Unprotecting");
        var lock = session.lock()) {
      Linker linker = session.workspace().linker();
      for (String target : call.values("targets")) {
        Path path = call.resolve(target);
        if (!Passages.exists(path)) {
          throw new CommandFailure(
              "failed to unprotect '%s' - can't unprotect non-existing data '%s'"
                  .formatted(target, path),
              "bring it here first: dvc checkout",
              CommandFailure.FAILED);
        }
        linker.unprotectAll(path);
      }
    }
  }
}
