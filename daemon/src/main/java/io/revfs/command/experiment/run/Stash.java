package io.revfs.command.experiment.run;

import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.ExperimentRef;
import io.revfs.experiment.queue.celery.ReproArguments;
import io.revfs.git.GitCaller;
import io.revfs.git.ScratchIndex;
import io.revfs.stage.Stage;
import io.revfs.text.AtomicFile;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Makes the commit that a queued experiment is: as Git's stash would, without touching anything.
 */
record Stash(ExperimentSession session, DataSources data) {
  /**
   * Returns its id; nothing points to it yet.
   *
   * @param arguments those of {@code repro}, which DVC reads there
   */
  String make(ExperimentRef experiment, ParamChanges changes, Map<String, Object> arguments)
      throws IOException {
    Path root = session.project().root();
    GitCaller git = session.caller();
    Map<String, String> params = changes.texts(git.directory());
    List<Stage> changed = data.changed(session.call());
    Map<Path, byte[]> before = DataSources.texts(root, changed);
    String message =
        "dvc-exp:%s:%s:%s"
            .formatted(experiment.baseline(), experiment.baseline(), experiment.name());
    try (ScratchIndex index = ScratchIndex.copy(git)) {
      String indexed =
          git.commit(index.tree(), List.of(experiment.baseline()), "index on " + message);
      if (!changed.isEmpty()) {
        data.record(session.call(), root, changed); // the data goes into the cache
      }
      try {
        index.takeTracked();
      } finally {
        putBack(before);
      }
      for (Map.Entry<String, String> file : params.entrySet()) {
        index.put(file.getKey(), file.getValue());
      }
      String dvc = git.directory().relativize(session.project().dvcDirectory()).toString();
      index.put(
          RelativePaths.join(dvc, ReproArguments.FILE),
          ReproArguments.write(arguments, ExpRunCommand.variables(session, experiment)));
      return git.commit(index.tree(), List.of(experiment.baseline(), indexed), message);
    }
  }

  private void putBack(Map<Path, byte[]> texts) throws IOException {
    for (Map.Entry<Path, byte[]> file : texts.entrySet()) {
      AtomicFile.replace(file.getKey(), file.getValue(), session.call().umask());
    }
  }
}
