package io.revfs.command.experiment.run;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.command.experiment.session.WorkspaceRun;
import io.revfs.command.tracking.CheckoutRun;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.pipeline.PythonText;
import io.revfs.experiment.ExperimentHash;
import io.revfs.experiment.ExperimentRef;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.TaskQueue;
import io.revfs.experiment.queue.Workers;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.stage.StageIndex;
import io.revfs.stage.target.Target;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * {@code exp run}: runs stages with changed parameters and keeps the result as an experiment: here,
 * in a view beside ({@code --temp}), or later ({@code --queue}).
 */
public final class ExpRunCommand implements Command {
  /** What is not passed on to {@code repro}. */
  private static final Set<String> OWN =
      Set.of(
          "name",
          "set-param",
          "queue",
          "run-all",
          "jobs",
          "temp",
          "copy-paths",
          "message",
          "no-hydra");

  private final Tools tools;
  private final Workers workers;

  public ExpRunCommand(Tools tools, Workers workers) {
    this.tools = tools;
    this.workers = workers;
  }

  @Override
  public String name() {
    return "exp run";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (ExperimentSession session = ExperimentSession.open(call)) {
      if (call.flag("run-all")) {
        new QueueRun(session, workers).all((int) call.number("jobs").orElse(1));
        return;
      }
      ParamChanges changes = ParamChanges.of(session.project(), call);
      boolean sweep = changes.isSweep();
      if (sweep && !call.flag("queue")) {
        throw new CommandFailure(
            "Sweep overrides can't be used without `--queue`",
            "add --queue, then: dvc exp run --run-all",
            CommandFailure.OTHER);
      }
      if (call.flag("queue")) {
        queue(session, changes, sweep);
      } else if (call.flag("temp") || call.flag("dry")) {
        aside(session, changes);
      } else {
        here(session, changes);
      }
    }
  }

  private static Map<String, Object> reproArguments(Invocation call) {
    Map<String, Object> arguments = call.arguments();
    arguments.keySet().removeAll(OWN);
    return arguments;
  }

  /** Variables by which a script knows that it is an experiment, and which. */
  static Map<String, String> variables(ExperimentSession session, ExperimentRef experiment) {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("DVC_EXP_BASELINE_REV", experiment.baseline());
    variables.put("DVC_EXP_NAME", experiment.name());
    variables.put("DVC_ROOT", session.project().root().toString());
    return variables;
  }

  private void here(ExperimentSession session, ParamChanges changes) throws IOException {
    Invocation call = session.call();
    ExperimentRef experiment = Naming.of(session, "run");
    var unusedStages =
        session.stages().loader().load(); // what is wrong is said before anything changes
    try (Closeable running = begin(session, experiment)) {
      changes.write();
      DataSources data = new DataSources(tools.workspaces(), tools.commit());
      data.record(call, session.project().root(), data.changed(call));
      call.out("Reproducing experiment '%s'".formatted(experiment.name()));
      bring(tools, call, Wanted.ALL);
      Map<String, Object> ran =
          ReproOfExperiment.run(
              tools.repro(),
              call.withArguments(reproArguments(call))
                  .withRunVariables(variables(session, experiment)),
              session.project().root(),
              new ReproOfExperiment.Heard());
      try (var lock = session.lock()) {
        String message = call.value("message").orElse(ExperimentHash.message(ran));
        String commit =
            new ExperimentCommit(session.caller(), Optional.empty())
                .make(session.project(), experiment.baseline(), message, Set.of());
        var unused = Results.keep(session, experiment, commit, call.flag("force"));
      }
    }
    call.out("\nRan experiment(s): " + experiment.name());
    call.out("Experiment results have been applied to your workspace.");
    Results.share(tools, call, session.project(), experiment);
  }

  /** Notes that an experiment runs here; one at a time does. */
  private static Closeable begin(ExperimentSession session, ExperimentRef experiment)
      throws IOException {
    try (var lock = session.lock()) {
      Optional<WorkspaceRun> other = WorkspaceRun.read(session.project());
      if (other.isPresent()) {
        throw new CommandFailure(
            "the experiment '%s' runs in this work tree (pid %d)"
                .formatted(other.get().name(), other.get().pid()),
            "wait for it, or run this one beside it: --temp",
            CommandFailure.OTHER);
      }
      Path top = session.caller().directory();
      long pid = session.call().number("caller-pid").orElseGet(() -> ProcessHandle.current().pid());
      return new WorkspaceRun(experiment.name(), experiment.baseline(), top.toString(), pid)
          .note(session.project(), top);
    }
  }

  /**
   * Brings what is recorded and not there, or not as it is recorded, as far as the cache has it.
   *
   * @param wanted whose outputs are brought
   */
  static void bring(Tools tools, Invocation call, Wanted wanted) throws IOException {
    try (Session files = Session.open(call, tools.workspaces(), "Checking out");
        var lock = files.lock(CommandFailure.OTHER)) {
      List<Target> all = new ArrayList<>();
      for (Target target : files.targets("nothing is named, so all are meant")) {
        boolean recorded = target.stage().outs().stream().anyMatch(Out::isRecorded);
        if (recorded && wanted.includes(target.stage(), files.index())) {
          all.add(target);
        }
      }
      var unused =
          new CheckoutRun(files, new CheckoutRun.Options(true, false, true)).run(all, false);
    }
  }

  /** Chooses stages. */
  @FunctionalInterface
  interface Wanted {
    /** Everything that is recorded. */
    Wanted ALL = (stage, all) -> true;

    boolean includes(Stage stage, StageIndex all) throws IOException;
  }

  private void aside(ExperimentSession session, ParamChanges changes) throws IOException {
    Invocation call = session.call();
    ExperimentRef experiment = Naming.of(session, "run");
    Task task = stash(session, changes, experiment);
    ViewRun view = new ViewRun(session, tools);
    String commit = view.run(task, call, true);
    if (call.flag("dry")) {
      return;
    }
    var unused = Results.keep(session, experiment, commit, call.flag("force"));
    call.out("\nRan experiment(s): " + experiment.name());
    call.out(
        "To apply the results of an experiment to your workspace run:\n\n\tdvc exp apply <exp>");
    Results.share(tools, call, session.project(), experiment);
  }

  private void queue(ExperimentSession session, ParamChanges changes, boolean sweep)
      throws IOException {
    Invocation call = session.call();
    List<ParamChanges> each = sweep ? changes.each() : List.of(changes);
    Optional<String> named = call.value("name");
    Set<String> names = new TreeSet<>();
    List<ExperimentRef> experiments = new ArrayList<>();
    for (int i = 0; i < each.size(); i++) {
      var unused = each.get(i).contents(); // what cannot be applied is refused before any is queued
      ExperimentRef experiment =
          named.isPresent()
              ? Naming.given(session, sweep ? named.get() + "-" + (i + 1) : named.get(), "run")
              : new ExperimentRef(session.head(), Naming.free(session, names));
      names.add(experiment.name());
      experiments.add(experiment);
    }
    for (int i = 0; i < each.size(); i++) {
      Task task = stash(session, each.get(i), experiments.get(i));
      try (var lock = session.lock()) {
        TaskQueue queue = session.tasks();
        queue.add(task.at(queue.nextOrder()), TaskQueue.message(task));
        if (!each.get(i).overrides().isEmpty()) {
          call.out(
              "Queueing with overrides '%s'.".formatted(PythonText.repr(each.get(i).overrides())));
        }
        call.out("Queued experiment '%s' for future execution.".formatted(task.name()));
      }
    }
  }

  /** Makes a commit of the work tree with the changes of a call; the work tree stays as it is. */
  private Task stash(ExperimentSession session, ParamChanges changes, ExperimentRef experiment)
      throws IOException {
    Invocation call = session.call();
    List<String> copies = new ArrayList<>();
    for (String path : call.values("copy-paths")) {
      copies.add(session.project().relative(call.resolve(path)));
    }
    DataSources data = new DataSources(tools.workspaces(), tools.commit());
    String commit = new Stash(session, data).make(experiment, changes, reproArguments(call));
    return new Task(
        commit,
        experiment.name(),
        experiment.baseline(),
        experiment.baseline(),
        0,
        System.currentTimeMillis() / 1000,
        Task.State.QUEUED,
        session.stages().from(),
        reproArguments(call),
        copies,
        call.value("message").orElse(null),
        call.flag("force"),
        0,
        null,
        null,
        null,
        0,
        false);
  }
}
