package io.revfs.command.record;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.Output;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.stage.Target;
import io.revfs.workspace.RefusedException;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** {@code commit}: records tracked data as it is now, and puts it into the cache. */
final class CommitCommand implements Command {
  private final Workspaces workspaces;

  CommitCommand(Workspaces workspaces) {
    this.workspaces = workspaces;
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
      }
      Recorder recorder = new Recorder(session, true, !call.flag("no-relink"));
      for (Stage stage : stages) {
        Invocation.checkInterrupted();
        commit(session, recorder, stage);
      }
    } catch (RefusedException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()), e.whatToDo(), CommandFailure.OTHER, e);
    }
  }

  /** What a stage depends on would have to be recorded too. */
  private static void checkServed(Session session, Stage stage) throws IOException {
    String name = stage.id().addressing(session.from());
    if (stage.isPipeline() || stage.command().isPresent()) {
      throw Recorder.failed(
          "stage '%s' runs a command, and commit cannot record those yet".formatted(name),
          "name .dvc files: dvc commit data.dvc");
    }
    boolean versioned =
        stage.outs().stream()
            .map(Out::recorded)
            .anyMatch(out -> !out.files().isEmpty() || !out.cloud().isEmpty());
    if (versioned || (!stage.deps().isEmpty() && isChanged(session, stage))) {
      throw Recorder.failed(
          "'%s' is of an import or has versions of a cloud, and commit cannot record those yet"
              .formatted(name),
          "name other .dvc files: dvc commit data.dvc");
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
    if (record && !force && !isMeant(session, name)) {
      throw Recorder.failed(
          "unable to commit changed stage: '%s'. Use `-f|--force` to force.".formatted(name),
          "add -f");
    }
    for (Out out : outs) {
      if (record) {
        recorder.checkNotInGit(out);
      }
      Output now = recorder.take(out);
      if (record) {
        warnOfEmpty(session, out, now);
        recorder.write(stage, out, now);
      }
    }
  }

  private static void warnOfEmpty(Session session, Out out, Output now) {
    if (now.size().orElse(1) == 0 && now.fileCount().orElse(0) == 0) {
      session.call().warn("WARNING: '%s' is empty.".formatted(session.shown(out)));
    }
  }

  private static boolean isMeant(Session session, String name) throws IOException {
    return session
        .call()
        .ask("outputs of '%s' changed. Are you sure you want to commit it?".formatted(name));
  }
}
