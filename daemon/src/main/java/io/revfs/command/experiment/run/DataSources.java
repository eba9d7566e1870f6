package io.revfs.command.experiment.run;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.workspace.OutStatus;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Data that a person changed and did not record: an experiment is made with it as it is. */
record DataSources(Workspaces workspaces, Command commit) {
  /** Returns the {@code .dvc} files of data that differs from what they say. */
  List<Stage> changed(Invocation call) throws IOException {
    List<Stage> changed = new java.util.ArrayList<>();
    try (Session session = Session.open(call, workspaces, "Looking")) {
      for (Stage stage : session.index().stages()) {
        if (!stage.isPipeline() && stage.command().isEmpty() && !stage.isImport()) {
          for (Out out : stage.outs()) {
            Optional<OutStatus> status = session.files().workStatus(out);
            boolean there = !session.files().isAbsent(out);
            if (there && status.isPresent() && !changed.contains(stage)) {
              changed.add(stage);
            }
          }
        }
      }
    }
    return changed;
  }

  /** Records it. */
  void record(Invocation call, Path root, List<Stage> changed) throws IOException {
    if (changed.isEmpty()) {
      return;
    }
    commit.run(
        call.in(root)
            .withArguments(
                Map.of(
                    "targets",
                    changed.stream().map(stage -> stage.id().file()).toList(),
                    "force",
                    true,
                    "no-relink",
                    true)));
  }

  /** Returns the texts of their {@code .dvc} files, to be put back. */
  static Map<Path, byte[]> texts(Path root, List<Stage> changed) throws IOException {
    Map<Path, byte[]> texts = new LinkedHashMap<>();
    for (Stage stage : changed) {
      Path file = root.resolve(stage.id().file());
      texts.put(file, Files.readAllBytes(file));
    }
    return texts;
  }
}
