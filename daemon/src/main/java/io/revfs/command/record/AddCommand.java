package io.revfs.command.record;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.Output;
import io.revfs.stage.Out;
import io.revfs.workspace.Contents;
import io.revfs.workspace.Workspaces;
import io.revfs.workspace.store.Parallel;
import io.revfs.workspace.store.RefusedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** {@code add}: tracks files and directories, or records them anew. */
final class AddCommand implements Command {
  private final Workspaces workspaces;
  private final Elsewhere elsewhere;

  AddCommand(Workspaces workspaces, Elsewhere elsewhere) {
    this.workspaces = workspaces;
    this.elsewhere = elsewhere;
  }

  @Override
  public String name() {
    return "add";
  }

  @Override
  public void run(Invocation call) throws IOException {
    boolean fromElsewhere = call.flag("to-remote") || call.has("out");
    checkOptions(call, fromElsewhere);
    try (Session session = Session.open(call, workspaces, "Adding");
        var lock = session.lock()) {
      if (fromElsewhere) {
        elsewhere.add(session);
        return;
      }
      List<AddTargets.Addition> additions =
          new AddTargets(session, call.flag("force")).of(targets(call));
      session.checkFree(additions.stream().map(AddTargets.Addition::out).toList());
      Recorder recorder = new Recorder(session, !call.flag("no-commit"), !call.flag("no-relink"));
      for (AddTargets.Addition addition : additions) {
        recorder.checkNotInGit(addition.out());
      }
      add(recorder, additions);
      recorder.tellGit();
    } catch (RefusedException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()), e.whatToDo(), CommandFailure.OTHER, e);
    }
  }

  /** Reads what is added whole at once, since reading takes the time; then records one by one. */
  private static void add(Recorder recorder, List<AddTargets.Addition> additions)
      throws IOException {
    Map<Out, Contents> read = new ConcurrentHashMap<>();
    Set<Out> whole = new LinkedHashSet<>();
    additions.stream().filter(a -> a.inside().isEmpty()).forEach(a -> whole.add(a.out()));
    if (whole.size() > 1) {
      Parallel.run(whole, () -> (out, more) -> read.put(out, recorder.read(out)));
    }
    for (AddTargets.Addition addition : additions) {
      Invocation.checkInterrupted();
      add(recorder, addition, read);
    }
  }

  private static void add(Recorder recorder, AddTargets.Addition addition, Map<Out, Contents> read)
      throws IOException {
    Out out = recorder.current(addition.out());
    String inside = addition.inside();
    Contents contents = read.get(addition.out());
    Output now =
        !inside.isEmpty()
            ? recorder.takePart(out, inside)
            : contents == null ? recorder.take(out) : recorder.take(out, contents);
    if (addition.stage().isPresent()) {
      recorder.write(addition.stage().get(), out, now);
    } else {
      recorder.writeNew(out, now);
    }
  }

  private static void checkOptions(Invocation call, boolean fromElsewhere) throws CommandFailure {
    String wrong = "";
    if (fromElsewhere) {
      String with = call.flag("to-remote") ? "--to-remote" : "--out";
      if (call.values("targets").size() != 1) {
        wrong = "multiple targets can't be used with " + with;
      } else if (call.flag("glob")) {
        wrong = "--glob option can't be used with " + with;
      } else if (call.flag("no-commit")) {
        wrong = "--no-commit option can't be used with " + with;
      }
    } else if (call.has("remote")) {
      wrong = "--remote can't be used without --to-remote";
    } else if (call.has("remote-jobs")) {
      wrong = "--remote-jobs can't be used without --to-remote";
    }
    if (!wrong.isEmpty()) {
      throw Recorder.failed(wrong, "leave one of them out");
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
