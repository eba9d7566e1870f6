package io.revfs.command.transfer;

import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFileWriter;
import io.revfs.dvc.Output;
import io.revfs.dvc.lock.LockEntry;
import io.revfs.dvc.lock.LockFileWriter;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.stage.StageId;
import io.revfs.text.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes what became known of outputs to their {@code .dvc} files and {@code dvc.lock}. */
final class OutputWriter {
  private final Session session;
  private final Map<StageId, Map<String, Output>> changed = new LinkedHashMap<>();

  OutputWriter(Session session) {
    this.session = session;
  }

  /** Takes what is to be recorded of an output. */
  void write(Out out, Output now) {
    changed
        .computeIfAbsent(out.owner(), owner -> new LinkedHashMap<>())
        .put(out.recorded().path(), now);
  }

  /** Writes all that was taken. */
  void finish() throws IOException {
    for (Map.Entry<StageId, Map<String, Output>> one : changed.entrySet()) {
      Stage stage = session.index().stage(one.getKey()).orElseThrow();
      if (stage.isPipeline()) {
        writeLock(stage, one.getValue());
      } else {
        writeFile(stage, one.getValue());
      }
    }
  }

  private void writeFile(Stage stage, Map<String, Output> now) throws IOException {
    Path file = session.project().root().resolve(stage.id().file());
    List<Output> outputs =
        stage.outs().stream()
            .map(Out::recorded)
            .map(output -> now.getOrDefault(output.path(), output))
            .toList();
    byte[] before = Files.readAllBytes(file);
    byte[] after = DvcFileWriter.updated(stage.id().file(), before, outputs);
    AtomicFile.replace(file, after, session.call().umask());
  }

  private void writeLock(Stage stage, Map<String, Output> now) throws IOException {
    Path file = session.project().root().resolve(stage.lockFile());
    LockFileWriter lock =
        LockFileWriter.of(stage.lockFile(), Optional.of(Files.readAllBytes(file)));
    for (Map.Entry<String, Output> one : now.entrySet()) {
      lock.putOutput(stage.id().name(), one.getKey(), LockEntry.of(one.getValue()));
    }
    AtomicFile.replace(file, lock.toBytes(), session.call().umask());
  }
}
