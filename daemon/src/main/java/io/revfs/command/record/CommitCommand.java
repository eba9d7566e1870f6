package io.revfs.command.record;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.ImportFile;
import io.revfs.dvc.Output;
import io.revfs.dvc.lock.LockEntry;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.stage.target.Target;
import io.revfs.workspace.Workspaces;
import io.revfs.workspace.store.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** {@code commit}: records tracked data and stages as they are now, and fills the cache. */
final class CommitCommand implements Command {
  private final Workspaces workspaces;
  private final StoreStates stores;

  CommitCommand(Workspaces workspaces, StoreStates stores) {
    this.workspaces = workspaces;
    this.stores = stores;
  }

  @Override
  public String name() {
    return "commit";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (Session session = Session.open(call, workspaces, "Committing");
        var lock = session.lock()) {
      Set<Stage> stages = new LinkedHashSet<>();
      for (Target target : session.targets("targets")) {
        stages.add(target.stage());
      }
      for (Stage stage : stages) {
        checkServed(session, stage);
        session.checkFree(stage.outs());
      }
      Recorder recorder = new Recorder(session, true, !call.flag("no-relink"));
      StageRecorder pipelines = new StageRecorder(session, recorder, stores);
      for (Stage stage : stages) {
        Invocation.checkInterrupted();
        if (stage.isPipeline()) {
          commit(session, pipelines, stage);
        } else {
          commit(session, recorder, stage);
        }
      }
    } catch (RefusedException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()), e.whatToDo(), CommandFailure.OTHER, e);
    }
  }

  private static void checkServed(Session session, Stage stage) throws IOException {
    if (!stage.isPipeline() && stage.command().isPresent()) {
      throw Recorder.failed(
          "'%s' runs a command, as .dvc files did in DVC 1, and commit cannot record those"
              .formatted(stage.id().addressing(session.from())),
          "make it a stage of dvc.yaml: dvc stage add");
    }
  }

  private static void commit(Session session, StageRecorder recorder, Stage stage)
      throws IOException {
    String name = stage.id().addressing(session.from());
    LockEntry entry;
    try {
      checkThere(session, stage);
      StageRecorder.Inputs inputs = recorder.inputs(stage);
      entry = recorder.entry(stage, inputs, recorder.outputs(stage));
    } catch (CommandFailure e) {
      throw new CommandFailure(
          "failed to commit '%s': %s".formatted(name, e.getMessage()),
          e.whatToDo(),
          CommandFailure.FAILED,
          e);
    }
    boolean changed = !recorder.recorded(stage).map(entry::isSame).orElse(false);
    if (changed && !session.call().flag("force")) {
      askFor(session, name, "dependencies or outputs of '%s' changed".formatted(name));
    }
    recorder.write(stage, entry);
    if (changed || session.call().flag("force")) {
      recorder.remember(stage, entry);
    }
  }

  private static void askFor(Session session, String name, String what) throws IOException {
    if (!session.call().ask(what + ". Are you sure you want to commit it?")) {
      throw Recorder.failed(
          "unable to commit changed stage: '%s'. Use `-f|--force` to force.".formatted(name),
          "add -f");
    }
  }

  private static void checkThere(Session session, Stage stage) throws IOException {
    for (Out out : stage.outs()) {
      if (session.files().isAbsent(out)) {
        throw Recorder.absent(session.shown(out));
      }
    }
  }

  private static boolean isChanged(Session session, Stage stage) throws IOException {
    for (Out out : stage.outs()) {
      if (session.files().workStatus(out).isPresent()) {
        return true;
      }
    }
    return false;
  }

  private static void commit(Session session, Recorder recorder, Stage stage) throws IOException {
    String name = stage.id().addressing(session.from());
    boolean force = session.call().flag("force");
    List<Out> outs = stage.outs();
    for (Out out : outs) {
      if (session.files().isAbsent(out)) {
        CommandFailure absent = Recorder.absent(session.shown(out));
        throw Recorder.failed(
            "failed to commit '%s': %s".formatted(name, absent.getMessage()),
            "bring it here first: dvc checkout " + name);
      }
    }
    boolean record = force || isChanged(session, stage);
    if (record && !force) {
      askFor(session, name, "outputs of '%s' changed".formatted(name));
    }
    for (Out out : outs) {
      if (record) {
        recorder.checkNotInGit(out);
      }
      Output now = recorder.take(out);
      if (record) {
        warnOfEmpty(session, out, now);
        if (stage.isImport()) {
          writeImport(session, recorder, stage, out, now);
        } else {
          recorder.write(stage, out, now);
        }
      }
    }
  }

  /** Of an import its checksum changes too. */
  private static void writeImport(
      Session session, Recorder recorder, Stage stage, Out out, Output now) throws IOException {
    String file = stage.id().file();
    byte[] content = Files.readAllBytes(session.project().root().resolve(file));
    ImportFile written = ImportFile.parse(file, content);
    written.setOutput(now);
    written.sum();
    recorder.write(out, written.toBytes());
  }

  private static void warnOfEmpty(Session session, Out out, Output now) {
    if (now.size().orElse(1) == 0 && now.fileCount().orElse(0) == 0) {
      session.call().warn("WARNING: '%s' is empty.".formatted(session.shown(out)));
    }
  }
}
