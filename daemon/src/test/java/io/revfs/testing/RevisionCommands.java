package io.revfs.testing;

import io.revfs.command.Command;
import io.revfs.command.Commands;
import io.revfs.command.pipeline.PipelineCommands;
import io.revfs.command.plots.PlotsCommands;
import io.revfs.metric.Revisions;
import io.revfs.workspace.Workspaces;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Commands that read revisions straight from Git and objects, run in this process. */
public final class RevisionCommands implements Closeable {
  private final Path root;
  private final OpenRepositories opened;
  private final Workspaces workspaces;
  private final Commands commands;

  /**
   * @param root of a project
   * @param known where what is known of it is kept
   */
  public RevisionCommands(Path root, Path known) throws IOException {
    this.root = root;
    this.opened = OpenRepositories.open(Files.createDirectories(known));
    this.workspaces = Workspaces.open(known.resolve("known"));
    Revisions revisions = new Revisions(opened.repositories(), opened.contents());
    List<Command> all = new ArrayList<>(PipelineCommands.all(revisions));
    all.addAll(PlotsCommands.all(revisions, workspaces));
    this.commands = new Commands(all);
  }

  /** Runs a command in the root; {@code pairs} are names and values of arguments. */
  public RecordedCall run(String command, Object... pairs) {
    return runIn("", command, pairs);
  }

  /** Runs a command in a directory of the project. */
  public RecordedCall runIn(String directory, String command, Object... pairs) {
    Map<String, Object> arguments = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      arguments.put((String) pairs[i], pairs[i + 1]);
    }
    return RecordedCall.run(
        commands.named(command).orElseThrow(),
        root.resolve(directory),
        Map.of("HOME", root.resolveSibling("home").toString()),
        arguments);
  }

  @Override
  public void close() {
    workspaces.close();
    opened.close();
  }
}
