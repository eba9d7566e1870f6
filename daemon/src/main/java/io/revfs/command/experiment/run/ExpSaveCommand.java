package io.revfs.command.experiment.run;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.ExperimentHash;
import io.revfs.experiment.ExperimentRef;
import io.revfs.git.GitStatus;
import io.revfs.stage.StageIndex;
import io.revfs.stage.target.UnknownTargetException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code exp save}: makes an experiment of the work tree as it is. */
public final class ExpSaveCommand implements Command {
  private final Tools tools;

  public ExpSaveCommand(Tools tools) {
    this.tools = tools;
  }

  @Override
  public String name() {
    return "exp save";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (ExperimentSession session = ExperimentSession.open(call)) {
      ExperimentRef experiment = Naming.of(session, "save");
      String kept = save(session, experiment);
      call.result(Map.of("ref", kept));
      call.out("Experiment has been saved as: " + experiment.name());
      Results.share(tools, call, session.project(), experiment);
    } catch (UnknownTargetException e) {
      throw new CommandFailure(
          "failed to save experiment: " + e.getMessage(), "", CommandFailure.FAILED, e);
    } catch (CommandFailure e) {
      throw new CommandFailure(
          "failed to save experiment: " + e.getMessage(),
          e.whatToDo(),
          e.exit() == CommandFailure.OTHER ? CommandFailure.FAILED : e.exit(),
          e);
    }
  }

  private String save(ExperimentSession session, ExperimentRef experiment) throws IOException {
    Invocation call = session.call();
    Map<String, Object> arguments = new LinkedHashMap<>();
    arguments.put("targets", call.values("targets"));
    arguments.put("recursive", call.flag("recursive"));
    arguments.put("force", true);
    arguments.put("no-relink", true);
    tools.commit().run(call.withArguments(arguments));
    try (var lock = session.lock()) {
      StageIndex stages = session.stages().loader().load(problem -> {});
      Map<String, Object> entries =
          ReproOfExperiment.locked(ExperimentCommit.locks(session.project(), stages));
      Set<String> include = new LinkedHashSet<>();
      String prefix = session.projectInGit();
      for (String path : call.values("include-untracked")) {
        include.add(session.caller().directory().relativize(call.resolve(path)).toString());
      }
      for (String path : ExperimentCommit.topLevel(stages)) {
        include.add(io.revfs.text.RelativePaths.join(prefix, path));
      }
      String message = call.value("message").orElse(ExperimentHash.message(entries));
      String commit =
          new ExperimentCommit(session.caller(), Optional.empty())
              .make(session.project(), session.head(), message, include);
      warnOfUntracked(session, include);
      return Results.keep(session, experiment, commit, call.flag("force"));
    }
  }

  private static void warnOfUntracked(ExperimentSession session, Set<String> included)
      throws IOException {
    List<String> untracked =
        GitStatus.of(session.caller().directory(), true).untracked().stream()
            .filter(path -> included.stream().noneMatch(one -> isIn(path, one)))
            .toList();
    if (!untracked.isEmpty()) {
      session
          .call()
          .warn(
              "WARNING: The following untracked files were present in the workspace before saving"
                  + " but will not be included in the experiment commit:\n\t"
                  + String.join(", ", untracked));
    }
  }

  private static boolean isIn(String path, String directory) {
    return path.equals(directory) || path.startsWith(directory + "/");
  }
}
