package io.revfs.command.project;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.project.DvcIgnore;
import io.revfs.project.FileTrees;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code destroy}: removes DVC from a project. Data in the work tree stays: links to the cache
 * become files of their own before the cache goes.
 */
final class DestroyCommand implements Command {
  private final Workspaces workspaces;

  DestroyCommand(Workspaces workspaces) {
    this.workspaces = workspaces;
  }

  @Override
  public String name() {
    return "destroy";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (Session session = Session.open(call, workspaces, "Removing")) {
      boolean sure =
          call.flag("force")
              || call.ask(
                  "This will destroy all information about your pipelines, all data files, as well"
                      + " as cache in .dvc/cache.\nAre you sure you want to continue?");
      if (!sure) {
        throw new CommandFailure(
            "failed to destroy DVC - cannot destroy without a confirmation from the user. Use `-f`"
                + " to force.",
            "add -f",
            CommandFailure.FAILED);
      }
      try (var lock = session.lock()) {
        destroy(session);
      }
    }
  }

  private static void destroy(Session session) throws IOException {
    Path root = session.project().root();
    for (Out out : session.index().outs()) {
      if (out.cached() && out.place().isLocal()) {
        session.workspace().linker().unprotectAll(session.files().place(out));
      }
    }
    for (Stage stage : session.index().stages()) {
      Files.deleteIfExists(root.resolve(stage.id().file()));
      if (stage.isPipeline()) {
        Files.deleteIfExists(root.resolve(stage.lockFile()));
      }
    }
    session
        .workspace()
        .remembered()
        .all(root)
        .keySet()
        .forEach(place -> session.workspace().remembered().remove(root, place));
    Files.deleteIfExists(root.resolve(DvcIgnore.FILE));
    FileTrees.remove(session.project().dvcDirectory());
  }
}
