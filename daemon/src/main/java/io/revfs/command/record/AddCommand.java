package io.revfs.command.record;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.Output;
import io.revfs.stage.Out;
import io.revfs.workspace.RefusedException;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** {@code add}: tracks files and directories, or records them anew. */
final class AddCommand implements Command {
  private final Workspaces workspaces;

  AddCommand(Workspaces workspaces) {
    this.workspaces = workspaces;
  }

  @Override
  public String name() {
    return "add";
  }

  @Override
  public void run(Invocation call) throws IOException {
    checkServed(call);
    try (Session session = Session.open(call, workspaces, "Adding");
        var lock = session.lock()) {
      List<AddTargets.Addition> additions =
          new AddTargets(session, call.flag("force")).of(targets(call));
      session.checkFree(additions.stream().map(AddTargets.Addition::out).toList());
      Recorder recorder = new Recorder(session, !call.flag("no-commit"), !call.flag("no-relink"));
      for (AddTargets.Addition addition : additions) {
        recorder.checkNotInGit(addition.out());
      }
      for (AddTargets.Addition addition : additions) {
        Invocation.checkInterrupted();
        add(recorder, addition);
      }
      recorder.tellGit();
    } catch (RefusedException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()), e.whatToDo(), CommandFailure.OTHER, e);
    }
  }

  private static void add(Recorder recorder, AddTargets.Addition addition) throws IOException {
    Out out = recorder.current(addition.out());
    String inside = addition.inside();
    Output now = inside.isEmpty() ? recorder.take(out) : recorder.takePart(out, inside);
    if (addition.stage().isPresent()) {
      recorder.write(addition.stage().get(), out, now);
    } else {
      recorder.writeNew(out, now);
    }
  }

  private static void checkServed(Invocation call) throws CommandFailure {
    if (call.flag("to-remote") || call.has("out")) {
      throw Recorder.failed(
          "add cannot bring data from elsewhere yet (--to-remote, --out)",
          "copy it into the project, then: dvc add, dvc push");
    }
    if (call.has("remote") || call.has("remote-jobs")) {
      throw Recorder.failed(
          "--remote and --remote-jobs can't be used without --to-remote", "leave them out");
    }
  }

  private static List<String> targets(Invocation call) throws IOException {
    List<String> targets = call.values("targets");
    if (!call.flag("glob")) {
      return List.copyOf(new LinkedHashSet<>(targets));
    }
    Set<String> matches = new LinkedHashSet<>();
    Globs globs = new Globs(call.directory());
    for (String pattern : targets) {
      matches.addAll(globs.matches(pattern));
    }
    if (matches.isEmpty()) {
      throw Recorder.failed("Glob %s has no matches.".formatted(targets), "see: ls");
    }
    return new ArrayList<>(matches);
  }
}
