package io.revfs.command.repro;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.declare.EditedView;
import io.revfs.command.explain.StageChanges;
import io.revfs.command.record.Recorder;
import io.revfs.command.record.StageRecorder;
import io.revfs.command.record.StoreStates;
import io.revfs.command.tracking.DepStatuses;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.pipeline.ParsingOptions;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.stage.StageId;
import io.revfs.stage.StageIndex;
import io.revfs.stage.StageLoader;
import io.revfs.stage.view.FileView;
import io.revfs.text.RelativePaths;
import io.revfs.text.YamlDocument;
import io.revfs.text.YamlSyntaxException;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** {@code stage add}: writes a stage into the {@code dvc.yaml} here. */
public final class StageAddCommand implements Command {
  private static final Pattern PUNCTUATION = Pattern.compile("[!-/:-@\\[-`{-~&&[^_-]]");

  /** It adds stages with a command, and has no option to pull. */
  private static final ReproCommand.Pulls NO_PULLS =
      new ReproCommand.Pulls() {
        @Override
        public boolean pull(Session session, List<Stage> stages) {
          return false;
        }

        @Override
        public boolean fetch(Session session, Stage stage) {
          return false;
        }

        @Override
        public void fetchHistory(Session session) {
          // not asked for
        }
      };

  private final Workspaces workspaces;
  private final DepStatuses sources;
  private final StoreStates stores;

  /** As {@link ReproCommand}, which runs what is added. */
  public StageAddCommand(Workspaces workspaces, DepStatuses sources, StoreStates stores) {
    this.workspaces = workspaces;
    this.sources = sources;
    this.stores = stores;
  }

  @Override
  public String name() {
    return "stage add";
  }

  @Override
  public void run(Invocation call) throws IOException {
    String name = call.required("name");
    if (name.isEmpty() || PUNCTUATION.matcher(name).find()) {
      throw failed(
          "Stage name cannot contain punctuation characters.", "name it with letters, - and _");
    }
    if (call.values("command").isEmpty()) {
      throw failed("command is not specified", "put the stage's command at the end");
    }
    try (Session session = Session.open(call, workspaces, "Adding");
        ProjectHold hold = new ProjectHold(session)) {
      String file = RelativePaths.join(session.from(), StageLoader.PIPELINE_FILE);
      Path path = session.project().root().resolve(file);
      YamlDocument document = read(session, path);
      boolean known =
          document.value().get("stages") instanceof Map<?, ?> map && map.containsKey(name);
      if (known && !call.flag("force")) {
        throw failed(
            "Stage '%s' already exists in '%s'. Use '--force' to overwrite."
                .formatted(name, session.shown(path)),
            "add -f, or take another name");
      }
      boolean fresh = document.value().isEmpty();
      document.put(List.of("stages", name), new StageText(call).entry());
      byte[] content = document.toString().getBytes(StandardCharsets.UTF_8);
      Stage stage = checked(session, new StageId(file, name), content);
      Recorder recorder = new Recorder(session, true, true);
      if (fresh) {
        call.out("Creating '%s'".formatted(session.shown(path)));
      }
      recorder.write(path, content);
      call.out("Added stage '%s' in '%s'".formatted(name, session.shown(path)));
      for (Out out : stage.outs()) {
        recorder.ignore(out);
      }
      if (call.flag("run")) {
        StageRecorder stages = new StageRecorder(session, recorder, stores);
        StageChanges changes = new StageChanges(session, sources);
        ReproCommand.Helpers helpers =
            new ReproCommand.Helpers(
                stores, NO_PULLS, ReproCommand.Imports.NONE, StageTracing.NONE);
        new StageRun(session, recorder, stages, changes, hold, helpers)
            .run(stage, StageRun.Options.PLAIN);
      }
      recorder.tellGit();
    }
  }

  private static YamlDocument read(Session session, Path path) throws IOException {
    try {
      return YamlDocument.parse(Files.exists(path) ? Files.readString(path) : "");
    } catch (YamlSyntaxException e) {
      throw new DvcFormatException(session.shown(path), 0, String.valueOf(e.getMessage()));
    }
  }

  private static CommandFailure failed(String message, String whatToDo) {
    return new CommandFailure(message, whatToDo, CommandFailure.OTHER);
  }

  /** Returns the stage as it will be, if it fits to all others. */
  private static Stage checked(Session session, StageId id, byte[] content) throws IOException {
    FileView now = session.index().view();
    FileView then = new EditedView(now, id.file(), content);
    StageIndex index = new StageLoader(then, ParsingOptions.DEFAULT).load();
    var unused = index.graph();
    Stage stage = index.stage(id).orElseThrow();
    for (Out out : stage.outs()) {
      if (out.place().isInProject()) {
        session.checkSeen(out.place().file(now.root()));
      }
    }
    if (now.kind(stage.workingDirectory()) != FileView.Kind.DIRECTORY) {
      throw failed(
          "stage working dir '%s' does not exist".formatted(stage.workingDirectory()),
          "make it first");
    }
    return stage;
  }
}
