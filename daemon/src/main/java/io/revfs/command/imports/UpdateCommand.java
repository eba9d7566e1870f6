package io.revfs.command.imports;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.look.Destination;
import io.revfs.command.record.Recorder;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.ImportFile;
import io.revfs.dvc.Output;
import io.revfs.object.ObjectKey;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.stage.Target;
import io.revfs.stage.Targets;
import io.revfs.stage.UnknownTargetException;
import io.revfs.workspace.Checkout;
import io.revfs.workspace.Wanted;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code update}: brings imports up to their sources. */
final class UpdateCommand implements Command {
  private static final String FAILED = "failed update data";

  private final Workspaces workspaces;
  private final Source.Reach reach;
  private final Deliveries deliveries;
  private final PlainUpdates plain;

  UpdateCommand(
      Workspaces workspaces, Source.Reach reach, Deliveries deliveries, PlainUpdates plain) {
    this.workspaces = workspaces;
    this.reach = reach;
    this.deliveries = deliveries;
    this.plain = plain;
  }

  @Override
  public String name() {
    return "update";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (Session session = Session.open(call, workspaces, "Updating");
        var lock = session.lock()) {
      try {
        checkOptions(call);
        Recorder recorder = new Recorder(session, true, true);
        List<Stage> others = new ArrayList<>();
        for (Stage stage : stages(session)) {
          Invocation.checkInterrupted();
          if (stage.isImport()) {
            update(session, recorder, stage);
          } else {
            others.add(stage);
          }
        }
        if (!others.isEmpty()) {
          checkPlain(call);
          plain.update(session, others);
        }
      } catch (IOException e) {
        throw ImportRun.failure(FAILED, e);
      }
    }
  }

  private static void checkOptions(Invocation call) throws CommandFailure {
    if (call.flag("to-remote") && call.flag("no-download")) {
      throw Recorder.failed(
          "--to-remote can't be used with --no-download", "leave one of them out");
    }
    if (call.has("remote") && !call.flag("to-remote")) {
      throw Recorder.failed("--remote can't be used without --to-remote", "leave it out");
    }
  }

  private static void checkPlain(Invocation call) throws CommandFailure {
    for (String option : List.of("rev", "no-download", "to-remote")) {
      if (call.has(option) && (option.equals("rev") || call.flag(option))) {
        throw Recorder.failed(
            "--%s can't be used with worktree update".formatted(option), "leave it out");
      }
    }
  }

  private static Set<Stage> stages(Session session) throws IOException {
    Set<Stage> stages = new LinkedHashSet<>();
    try {
      Targets.Options options = new Targets.Options(false, session.call().flag("recursive"));
      for (Target target : session.targets().resolve(session.call().values("targets"), options)) {
        stages.add(target.stage());
      }
    } catch (UnknownTargetException e) {
      throw Session.failure(e);
    }
    return stages;
  }

  private void update(Session session, Recorder recorder, Stage stage) throws IOException {
    String shown = stage.id().addressing(session.from());
    Path path = session.project().root().resolve(stage.id().file());
    ImportFile file = ImportFile.parse(stage.id().file(), Files.readAllBytes(path));
    Path directory = session.project().root().resolve(stage.workingDirectory());
    Out out = stage.outs().getFirst();
    session.checkFree(stage.outs());
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
