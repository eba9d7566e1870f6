package io.revfs.experiment;

import io.revfs.dvc.DvcFormatException;
import io.revfs.git.GitRepository;
import io.revfs.metric.Revision;
import io.revfs.metric.Revisions;
import io.revfs.stage.target.ProjectStages;
import io.revfs.workspace.store.Parallel;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads what commits hold, or remembers it. For one thread, though it uses several. */
public final class ExperimentCollector {
  private final Revisions revisions;
  private final ExperimentCache cache;
  private final ProjectStages stages;
  private final GitRepository git;
  private final boolean paramsOfStages;
  private final boolean anew;
  private final String project;

  /**
   * @param git the repository that the project is in, open while this is used
   * @param paramsOfStages whether only parameters that stages depend on are wanted
   * @param anew whether what is remembered does not count
   */
  public ExperimentCollector(
      Revisions revisions,
      ExperimentCache cache,
      ProjectStages stages,
      GitRepository git,
      boolean paramsOfStages,
      boolean anew) {
    this.revisions = revisions;
    this.cache = cache;
    this.stages = stages;
    this.git = git;
    this.paramsOfStages = paramsOfStages;
    this.anew = anew;
    this.project =
        stages
            .project()
            .gitRoot()
            .map(top -> top.relativize(stages.project().root()).toString())
            .orElse("");
  }

  /** Returns the work tree as it is. */
  public ExperimentState workspace() {
    List<DvcFormatException> problems = new ArrayList<>();
    try {
      Revision revision = revisions.workspace(stages, problems::add);
      if (!problems.isEmpty()) {
        return failed(Revision.WORKSPACE, problems.getFirst());
      }
      return new ExperimentState(
          Revision.WORKSPACE,
          Optional.empty(),
          Optional.empty(),
          Optional.of(ExperimentValues.of(revision, paramsOfStages)),
          Optional.empty());
    } catch (IOException e) {
      return failed(Revision.WORKSPACE, e);
    }
  }

  /**
   * Returns what commits hold, by their ids. One that cannot be read has an error instead.
   *
   * @throws InterruptedIOException if the caller went away
   */
  public Map<String, ExperimentState> commits(Collection<String> commits) throws IOException {
    Set<String> wanted = new LinkedHashSet<>(commits);
    Map<String, ExperimentState> states = new HashMap<>();
    boolean remembers = !paramsOfStages;
    if (remembers && !anew) {
      cache
          .find(project, wanted)
          .forEach((commit, known) -> states.put(commit, state(commit, known)));
      wanted.removeAll(states.keySet());
    }
    Map<String, ExperimentCache.Known> fresh = new LinkedHashMap<>();
    try {
      read(List.copyOf(wanted), states, fresh);
    } finally {
      if (remembers) {
        cache.put(project, fresh);
      }
    }
    return states;
  }

  private void read(
      List<String> commits,
      Map<String, ExperimentState> states,
      Map<String, ExperimentCache.Known> fresh)
      throws IOException {
    Parallel.run(
        commits,
        () ->
            (commit, more) -> {
              ExperimentState state = read(commit);
              synchronized (states) {
                states.put(commit, state);
                if (state.values().filter(ExperimentValues::isComplete).isPresent()) {
                  fresh.put(
                      commit,
                      new ExperimentCache.Known(
                          state.time().orElseThrow(), state.values().orElseThrow()));
                }
              }
            });
  }

  private ExperimentState read(String commit) {
    List<DvcFormatException> problems = new ArrayList<>();
    try {
      Instant time = git.timeOf(commit);
      Revision revision = revisions.commit(stages, git, commit, problems::add);
      if (!problems.isEmpty()) {
        return failed(commit, problems.getFirst());
      }
      ExperimentValues values = ExperimentValues.of(revision, paramsOfStages);
      return state(commit, new ExperimentCache.Known(time, values));
    } catch (IOException e) {
      return failed(commit, e);
    }
  }

  private static ExperimentState state(String commit, ExperimentCache.Known known) {
    return new ExperimentState(
        commit,
        Optional.empty(),
        Optional.of(known.time()),
        Optional.of(known.values()),
        Optional.empty());
  }

  private static ExperimentState failed(String revision, IOException e) {
    return new ExperimentState(
        revision,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(ExperimentValues.error("", e)));
  }
}
