package io.revfs.command.experiment;

import io.revfs.command.Command;
import io.revfs.command.Commands;
import io.revfs.command.experiment.queue.QueueCommands;
import io.revfs.command.experiment.run.ExecRunCommand;
import io.revfs.command.experiment.run.ExpRunCommand;
import io.revfs.command.experiment.run.ExpSaveCommand;
import io.revfs.command.experiment.run.LazyViews;
import io.revfs.command.experiment.run.QueueWorkerCommand;
import io.revfs.command.experiment.run.Tools;
import io.revfs.experiment.ExperimentCache;
import io.revfs.experiment.queue.Workers;
import io.revfs.metric.Revisions;
import io.revfs.workspace.Workspaces;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All commands of this area. */
public final class ExperimentCommands {
  private ExperimentCommands() {}

  /**
   * Returns them.
   *
   * @param revisions opens projects at revisions
   * @param others the commands that experiments are made of: {@code repro}, {@code commit}, {@code
   *     push}, {@code fetch}
   * @param views shows data in work trees of experiments; empty where nothing can be shown
   */
  public static List<Command> all(
      Workspaces workspaces, Revisions revisions, Commands others, Optional<LazyViews> views) {
    Command push = new ExpPushCommand(others.named("push").orElseThrow());
    Tools tools =
        new Tools(
            workspaces,
            others.named("repro").orElseThrow(),
            others.named("commit").orElseThrow(),
            push,
            views);
    Workers workers = new Workers();
    List<Command> all = new ArrayList<>();
    all.add(new ExpShowCommand(revisions, new ExperimentCache(workspaces.index())));
    all.add(new ExpListCommand());
    all.add(new ExpDiffCommand(revisions));
    all.add(new ExpApplyCommand(workspaces));
    all.add(new ExpBranchCommand());
    all.add(new ExpRemoveCommand());
    all.add(new ExpRenameCommand());
    all.add(new ExpCleanCommand());
    all.add(push);
    all.add(new ExpPullCommand(others.named("fetch").orElseThrow()));
    all.add(new ExpSaveCommand(tools));
    all.add(new ExpRunCommand(tools, workers));
    all.add(new ExecRunCommand(tools));
    all.add(new QueueWorkerCommand(workers));
    all.addAll(QueueCommands.all(workers));
    return all;
  }
}
