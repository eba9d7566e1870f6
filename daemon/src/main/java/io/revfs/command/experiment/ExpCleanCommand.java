package io.revfs.command.experiment;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.command.experiment.session.WorkspaceRun;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.TaskQueue;
import io.revfs.project.FileTrees;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** {@code exp clean}: removes what runs left behind and no task of the queue names. */
final class ExpCleanCommand implements Command {
  @Override
  public String name() {
    return "exp clean";
  }

  @Override
  public void run(Invocation call) throws IOException {
    call.out("Cleaning up dvc-task messages...");
    try (ExperimentSession session = ExperimentSession.open(call);
        var lock = session.lock()) {
      TaskQueue queue = session.tasks();
      Set<Path> named = new HashSet<>();
      for (Task task : queue.all()) {
        named.add(queue.log(task.id()).resolveSibling(""));
        task.place().ifPresent(named::add);
      }
      Path exps = session.project().tmp().resolve("exps");
      if (queue.active().isEmpty()) { // one that begins makes its directory before it says so
        clean(exps.resolve("views"), named);
      }
      if (WorkspaceRun.read(session.project()).isEmpty()) {
        FileTrees.remove(exps.resolve("run/workspace"));
      }
    }
    call.out("Done!");
  }

  private static void clean(Path directory, Set<Path> named) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path one : all) {
        if (!named.contains(one)) {
          FileTrees.remove(one);
        }
      }
    }
  }
}
