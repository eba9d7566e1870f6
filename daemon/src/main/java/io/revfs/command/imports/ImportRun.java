package io.revfs.command.imports;

import io.revfs.command.CommandFailure;
import io.revfs.command.copy.Destination;
import io.revfs.command.record.AddTargets;
import io.revfs.command.record.Recorder;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.ImportFile;
import io.revfs.dvc.Output;
import io.revfs.stage.Out;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes one new import, as {@code import} and {@code import-url} do. */
final class ImportRun {
  private final Session session;
  private final Source.Reach reach;
  private final Deliveries deliveries;

  ImportRun(Session session, Source.Reach reach, Deliveries deliveries) {
    this.session = session;
    this.reach = reach;
    this.deliveries = deliveries;
  }

  /** Makes the entry of {@code deps}, once the directory of the stage is known. */
  interface Entry {
    Map<String, @Nullable Object> in(Path directory) throws IOException;
  }

  /**
   * Makes an import.
   *
   * @param named whose last name the output gets if no other is given
   */
  void run(String named, Entry entry) throws IOException {
    var call = session.call();
    boolean noExec = call.flag("no-exec");
    boolean noDownload = call.flag("no-download");
    boolean toRemote = call.flag("to-remote");
    if (toRemote && (noExec || noDownload || call.flag("version-aware"))) {
      throw Recorder.failed(
          "--no-exec/--no-download/--version-aware cannot be combined with --to-remote",
          "leave one of them out");
    }
    Recorder recorder = new Recorder(session, true, true);
    try (Destination destination = Destination.of(call, named, call.value("out"))) {
      Path place = destination.path();
      Out out = new AddTargets(session, true).imported(session.shown(place));
      recorder.checkNotInGit(out);
      session.checkFree(List.of(out));
      Path directory = place.resolveSibling("").toAbsolutePath().normalize();
      if (!Files.isDirectory(directory)) {
        throw Recorder.failed(
            "file path '%s' does not exist".formatted(session.shown(directory)),
            "make it first: mkdir -p " + session.shown(directory));
      }
      try (Source source = reach.of(session, entry.in(directory), directory)) {
        ImportFile file = over(out, ImportFile.fresh(source.entry(), out.recorded().path()));
        if (!noExec) {
          boolean unused = source.look(Optional.empty());
          file.setDependency(source.entry());
          if (source.isVersionAware()) {
            file.setNotPushed();
          }
          if (toRemote) {
            file.setOutput(deliveries.bring(session, source, out));
          } else if (!noDownload) {
            file.setOutput(download(session, recorder, source, out, destination));
          }
          file.sum();
        }
        recorder.write(out, file.toBytes());
      }
    }
    recorder.tellGit();
  }

  private ImportFile over(Out out, ImportFile fresh) throws IOException {
    Path before = session.project().root().resolve(out.owner().file());
    if (!Files.exists(before)) {
      return fresh;
    }
    try {
      return fresh.over(ImportFile.parse(out.owner().file(), Files.readAllBytes(before)));
    } catch (DvcFormatException e) {
      return fresh; // it was no import
    }
  }

  /** Brings the data of a source to an output's place; returns what is to be recorded of it. */
  static Output download(
      Session session, Recorder recorder, Source source, Out out, Destination destination)
      throws IOException {
    session.call().out("Importing '%s' -> '%s'".formatted(source.shown(), session.shown(out)));
    source.copy(destination.fresh());
    destination.publish();
    return recorder.take(out);
  }

  /** Returns failures as commands on imports end: with 1, but for those of the configuration. */
  static IOException failure(String what, IOException e) {
    if (e instanceof CommandFailure failure) {
      int exit = failure.exit() == CommandFailure.OTHER ? CommandFailure.FAILED : failure.exit();
      return new CommandFailure(
          what + " - " + failure.getMessage(), failure.whatToDo(), exit, failure);
    }
    if (e instanceof java.io.InterruptedIOException
        || e instanceof io.revfs.project.ProjectConfigurationException) {
      return e;
    }
    return new CommandFailure(
        what + " - " + e.getMessage(),
        "what was there before is as it was; try again",
        CommandFailure.FAILED,
        e);
  }
}
