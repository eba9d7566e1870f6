package io.revfs.command.imports;

import io.revfs.command.copy.Destination;
import io.revfs.command.record.Recorder;
import io.revfs.command.repro.ReproCommand;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.ImportFile;
import io.revfs.dvc.Output;
import io.revfs.object.ObjectKey;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.workspace.Checkout;
import io.revfs.workspace.Wanted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Brings an import up to its source. The call's options say how, and to which revision. */
final class ImportUpdate implements ReproCommand.Imports {
  private final Source.Reach reach;
  private final Deliveries deliveries;

  ImportUpdate(Source.Reach reach, Deliveries deliveries) {
    this.reach = reach;
    this.deliveries = deliveries;
  }

  @Override
  public void bring(Session session, Recorder recorder, Stage stage) throws IOException {
    String shown = stage.id().addressing(session.from());
    Path path = session.project().root().resolve(stage.id().file());
    ImportFile file = ImportFile.parse(stage.id().file(), Files.readAllBytes(path));
    Path directory = session.project().root().resolve(stage.workingDirectory());
    Out out = stage.outs().getFirst();
    try (Source source = reach.of(session, file.dependency(), directory)) {
      boolean other = source.look(session.call().value("rev"));
      file.setDependency(source.entry());
      boolean sumChanged = file.isSumChanged();
      if (!other && !sumChanged && session.files().status(out).isEmpty()) {
        session.call().out("'%s' didn't change, skipping".formatted(shown));
        return;
      }
      bring(session, recorder, source, out, file, other);
      recorder.write(out, file.toBytes());
    }
  }

  private void bring(
      Session session, Recorder recorder, Source source, Out out, ImportFile file, boolean other)
      throws IOException {
    if (session.call().flag("to-remote")) {
      file.setOutput(deliveries.bring(session, source, out));
      file.sum();
      return;
    }
    if (session.call().flag("no-download")) {
      Checkout.remove(session.files().place(out));
      file.sum(); // as DVC does it: over what the output was before
      file.setOutput(Output.unknown(out.recorded().path(), 0));
      return;
    }
    Optional<ObjectKey> key = session.files().key(out);
    if (!other && key.isPresent() && session.files().isCached(key.get())) {
      Checkout checkout = session.files().checkout();
      Wanted wanted =
          new Wanted(session.files().place(out), key.get(), "", out.recorded().executable());
      checkout.apply(checkout.plan(wanted, false));
    } else {
      String place = session.shown(out);
      try (Destination destination = Destination.replacing(session.call(), place)) {
        file.setOutput(ImportRun.download(session, recorder, source, out, destination));
      }
    }
    file.sum();
  }
}
