package io.revfs.command.record;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.project.GitIgnoreFile;
import io.revfs.reach.Passages;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.workspace.Checkout;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * {@code remove}: stops tracking. Data stays, independent of the cache, unless it is to go too;
 * either way the file of the stage goes last, so that what was begun can be done again.
 */
final class RemoveCommand implements Command {
  private final Workspaces workspaces;

  RemoveCommand(Workspaces workspaces) {
    this.workspaces = workspaces;
  }

  @Override
  public String name() {
    return "remove";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (Session session = Session.open(call, workspaces, "Removing");
        var lock = session.lock()) {
      StageEdits edits = new StageEdits(session);
      for (String target : call.values("targets")) {
        for (Stage stage : edits.named(target)) {
          Invocation.checkInterrupted();
          session.checkFree(stage.outs());
          for (Out out : stage.outs()) {
            remove(session, out, call.flag("outs"));
          }
          edits.remove(stage);
        }
      }
    }
  }

  private static void remove(Session session, Out out, boolean data) throws IOException {
    if (!out.place().isLocal()) {
      return; // DVC 3 has no others that it could remove
    }
    Path place = session.files().place(out);
    if (data) {
      if (Passages.exists(place)) {
        Checkout.remove(place);
      }
    } else if (out.cached()) {
      Passages.bringBelow(place); // it is shown only as long as it is tracked
      session.workspace().linker().unprotectAll(place);
    }
    session.workspace().remembered().remove(session.project().root(), out.path());
    Optional<Path> git = session.project().gitRoot();
    if (git.isPresent() && out.cached() && out.place().isInProject()) {
      boolean unused = new GitIgnoreFile(git.get(), place).remove(session.call().umask());
    }
  }
}
