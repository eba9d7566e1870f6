package io.revfs.command.experiment.run;

import io.revfs.command.Command;
import io.revfs.workspace.Workspaces;
import java.util.Optional;

/**
 * What running experiments is made of.
 *
 * @param repro runs stages
 * @param commit records data and stages as they are
 * @param push shares an experiment ({@code exp push})
 * @param views shows data in work trees of experiments; empty where nothing can be shown
 */
public record Tools(
    Workspaces workspaces,
    Command repro,
    Command commit,
    Command push,
    Optional<LazyViews> views) {}
