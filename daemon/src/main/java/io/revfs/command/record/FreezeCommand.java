package io.revfs.command.record;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.stage.Stage;
import io.revfs.workspace.Workspaces;
import java.io.IOException;

/** {@code freeze} and {@code unfreeze}: whether a stage is left as it is. */
final class FreezeCommand implements Command {
  private final Workspaces workspaces;
  private final boolean freeze;

  FreezeCommand(Workspaces workspaces, boolean freeze) {
    this.workspaces = workspaces;
    this.freeze = freeze;
  }

  @Override
  public String name() {
    return freeze ? "freeze" : "unfreeze";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (Session session = Session.open(call, workspaces, name());
        var lock = session.lock()) {
      StageEdits edits = new StageEdits(session);
      for (String target : call.values("targets")) {
        for (Stage stage : edits.named(target)) {
          edits.setFrozen(stage, freeze);
        }
      }
    }
  }
}
