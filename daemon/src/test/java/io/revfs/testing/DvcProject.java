package io.revfs.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.command.Command;
import io.revfs.command.Commands;
import io.revfs.command.config.ConfigCommands;
import io.revfs.command.experiment.ExperimentCommands;
import io.revfs.command.hooks.HookCommands;
import io.revfs.command.pipeline.ParamStatuses;
import io.revfs.command.pipeline.PipelineCommands;
import io.revfs.command.plots.PlotsCommands;
import io.revfs.command.project.ProjectCommands;
import io.revfs.command.record.RecordCommands;
import io.revfs.command.repro.ReproCommand;
import io.revfs.command.repro.ReproExplainer;
import io.revfs.command.repro.StageAddCommand;
import io.revfs.command.repro.StageTracing;
import io.revfs.command.tracking.TrackingCommands;
import io.revfs.command.transfer.FetchSources;
import io.revfs.command.transfer.FetchedImports;
import io.revfs.command.transfer.RemoteQuestions;
import io.revfs.command.transfer.TransferCommands;
import io.revfs.fuse.Shell;
import io.revfs.metric.Revisions;
import io.revfs.remote.RemoteLimits;
import io.revfs.workspace.Workspaces;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A DVC project in a Git repository, and DVC's commands, run in this process. */
public final class DvcProject implements Closeable {
  private final Path root;
  private final Workspaces workspaces;
  private final Optional<OpenRepositories> repositories;
  private final Commands commands;

  private DvcProject(Path root, Workspaces workspaces, Optional<OpenRepositories> repositories) {
    this.root = root;
    this.workspaces = workspaces;
    this.repositories = repositories;
    List<Command> all = new ArrayList<>();
    RemoteLimits limits = RemoteLimits.DEFAULT;
    all.addAll(
        TrackingCommands.all(
            workspaces,
            new ParamStatuses(new NoSources()),
            new RemoteQuestions(workspaces, limits, Optional.empty()),
            new ReproExplainer(
                new ParamStatuses(new NoSources()), (session, stage, dep) -> Map.of())));
    all.add(
        new StageAddCommand(
            workspaces, new ParamStatuses(new NoSources()), (session, stage, dep) -> Map.of()));
    FetchSources sources = new FetchSources(limits, Optional.empty(), FetchedImports.NONE);
    all.add(
        new ReproCommand(
            workspaces,
            new ParamStatuses(new NoSources()),
            new ReproCommand.Helpers(
                (session, stage, dep) -> Map.of(),
                TransferCommands.pulls(sources),
                ReproCommand.Imports.NONE,
                StageTracing.NONE)));
    all.addAll(
        RecordCommands.all(
            workspaces,
            (session, stage, dep) -> Map.of(),
            session -> {
              throw new IOException("nothing is reached from here");
            }));
    all.addAll(TransferCommands.all(workspaces, sources));
    all.addAll(ProjectCommands.all(workspaces));
    all.addAll(ConfigCommands.all());
    if (repositories.isPresent()) {
      Revisions revisions =
          new Revisions(repositories.get().repositories(), repositories.get().contents());
      all.addAll(PipelineCommands.all(revisions));
      all.addAll(PlotsCommands.all(revisions, workspaces));
      all.addAll(
          ExperimentCommands.all(workspaces, revisions, new Commands(all), Optional.empty()));
    }
    all.addAll(HookCommands.all(workspaces, List.copyOf(all)));
    this.commands = new Commands(all);
  }

  /** Makes an empty one at {@code directory/p}, what is known of its files beside. */
  public static DvcProject make(Path directory) throws IOException {
    return initialized(open(Files.createDirectories(directory.resolve("p")), directory));
  }

  /** As {@link #make}, with the commands that look at revisions and those on experiments. */
  public static DvcProject makeWithRevisions(Path directory) throws IOException {
    return initialized(
        openWithRevisions(Files.createDirectories(directory.resolve("p")), directory));
  }

  private static DvcProject initialized(DvcProject project) throws IOException {
    project.sh("git init -q -b main && git config user.name t && git config user.email t@e");
    project.ok("init");
    return project;
  }

  /** Opens what is there; what is known of its files is put into {@code directory}. */
  public static DvcProject open(Path root, Path directory) throws IOException {
    return new DvcProject(root, Workspaces.open(directory.resolve("known")), Optional.empty());
  }

  /** As {@link #open}, with the commands that look at revisions and those on experiments. */
  public static DvcProject openWithRevisions(Path root, Path directory) throws IOException {
    return new DvcProject(
        root,
        Workspaces.open(directory.resolve("known")),
        Optional.of(OpenRepositories.open(directory)));
  }

  /** Returns its root. */
  public Path root() {
    return root;
  }

  /** Returns the caller's home directory; the machine's configuration is in {@code all} there. */
  public Path home() {
    return root.resolveSibling("home");
  }

  /** Returns a path in it. */
  public Path path(String path) {
    return root.resolve(path);
  }

  /** Writes a file, and the directories it is in. */
  public void write(String path, String text) throws IOException {
    Files.createDirectories(path(path).getParent());
    Files.writeString(path(path), text);
  }

  /** Returns a file's text. */
  public String read(String path) throws IOException {
    return Files.readString(path(path));
  }

  /** Returns whether something is there, a link that leads nowhere too. */
  public boolean has(String path) {
    return Files.exists(path(path), java.nio.file.LinkOption.NOFOLLOW_LINKS);
  }

  /** Runs a shell command that must go well; returns what it printed. */
  public String sh(String command) throws IOException {
    Shell.Result result = Shell.run(root, command);
    assertEquals(0, result.exit(), result::output);
    return result.output().strip();
  }

  /** Runs a command; {@code pairs} are names and values of arguments. */
  public RecordedCall run(String command, Object... pairs) {
    return runIn("", command, pairs);
  }

  /** Runs a command in a directory of the project. */
  public RecordedCall runIn(String directory, String command, Object... pairs) {
    return run(path(directory), Map.of(), command, pairs);
  }

  /** Runs a command with more environment variables. */
  public RecordedCall runWith(Map<String, String> variables, String command, Object... pairs) {
    return run(root, variables, command, pairs);
  }

  private RecordedCall run(
      Path directory, Map<String, String> variables, String command, Object... pairs) {
    Map<String, Object> arguments = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      arguments.put((String) pairs[i], pairs[i + 1]);
    }
    Map<String, String> environment = new HashMap<>(variables);
    environment.put("HOME", home().toString());
    environment.put("DVC_SYSTEM_CONFIG_DIR", home().resolve("all").toString());
    return RecordedCall.run(
        commands.named(command).orElseThrow(), directory, environment, arguments);
  }

  /** Runs a command that must go well; returns what it printed. */
  public String ok(String command, Object... pairs) {
    RecordedCall call = run(command, pairs);
    assertEquals("0 ", call.exit() + " " + call.failure());
    return call.out();
  }

  /** Runs a command that must fail with an exit code and a message that has some text. */
  public void fails(int exit, String text, String command, Object... pairs) {
    RecordedCall call = run(command, pairs);
    assertTrue(call.failure().contains(text), () -> "'" + call.failure() + "' has no " + text);
    assertEquals(exit, call.exit(), call.failure());
  }

  /** Tracks paths. */
  public void add(String... targets) {
    String unused = ok("add", "targets", List.of(targets));
  }

  /** Lets Git have all, and gives the commit a tag. */
  public void commit(String tag) throws IOException {
    String unused = sh("git add -A && git commit -qm %s && git tag %s".formatted(tag, tag));
  }

  /** Returns the objects of the cache by name, sorted; those of DVC 2 too. */
  public List<String> cache() throws IOException {
    return objects(root.resolve(".dvc/cache"));
  }

  /** Returns the files below a directory as paths, sorted. */
  public static List<String> objects(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile)
          .map(file -> directory.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Override
  public void close() {
    repositories.ifPresent(OpenRepositories::close);
    workspaces.close();
  }
}
