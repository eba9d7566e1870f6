package io.revfs.experiment;

import io.revfs.git.GitRefs;
import io.revfs.git.GitRepository;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The finished experiments of a repository. Thread-safe. */
public final class ExperimentRefs {
  /** The experiment that was applied last. */
  public static final String APPLIED = ExperimentRef.NAMESPACE + "exec/EXEC_APPLY";

  private final GitRepository git;
  private final GitRefs refs;

  public ExperimentRefs(GitRepository git) {
    this.git = git;
    this.refs = git.gitRefs();
  }

  /** Returns all and their commits, sorted by ref. */
  public Map<ExperimentRef, String> all() throws IOException {
    return experiments(refs.below(ExperimentRef.NAMESPACE));
  }

  /** Returns those that began with a commit. */
  public Map<ExperimentRef, String> of(String baseline) throws IOException {
    return experiments(refs.below(ExperimentRef.prefix(baseline)));
  }

  private static Map<ExperimentRef, String> experiments(Map<String, String> found) {
    Map<ExperimentRef, String> experiments = new LinkedHashMap<>();
    found.forEach(
        (ref, commit) ->
            ExperimentRef.parse(ref).ifPresent(experiment -> experiments.put(experiment, commit)));
    return experiments;
  }

  /**
   * Returns the experiment that a name, or the full name of a ref, means; of several the one that
   * began with {@code HEAD}.
   *
   * @throws AmbiguousExperimentException if none of several did
   */
  public Optional<ExperimentRef> named(String name) throws IOException {
    return named(name, all().keySet());
  }

  /** As the other one, among those of another repository. */
  public Optional<ExperimentRef> named(String name, Iterable<ExperimentRef> among)
      throws IOException {
    Optional<ExperimentRef> full = ExperimentRef.parse(name);
    List<ExperimentRef> found = new ArrayList<>();
    for (ExperimentRef one : among) {
      if (full.isPresent() ? full.get().equals(one) : one.name().equals(name)) {
        found.add(one);
      }
    }
    if (found.size() < 2) {
      return found.stream().findFirst();
    }
    String head = git.resolve("HEAD").orElse("");
    Optional<ExperimentRef> here =
        found.stream().filter(one -> one.baseline().equals(head)).findFirst();
    if (here.isEmpty()) {
      throw new AmbiguousExperimentException(name, found);
    }
    return here;
  }

  /** Returns an experiment's commit. */
  public Optional<String> commit(ExperimentRef experiment) throws IOException {
    return refs.get(experiment.ref());
  }

  /** Returns the experiments whose commit this is. */
  public List<ExperimentRef> at(String commit) throws IOException {
    List<ExperimentRef> found = new ArrayList<>();
    all()
        .forEach(
            (experiment, at) -> {
              if (at.equals(commit)) {
                found.add(experiment);
              }
            });
    return found;
  }

  /** Makes an experiment; false if there is one of that name already. */
  public boolean create(ExperimentRef experiment, String commit) throws IOException {
    return refs.create(experiment.ref(), commit, "commit: experiment " + experiment.name());
  }

  /** Makes an experiment, in the place of one of that name. */
  public void replace(ExperimentRef experiment, String commit) throws IOException {
    refs.set(experiment.ref(), commit, "commit: experiment " + experiment.name());
  }

  /** Removes an experiment; returns whether it was there. */
  public boolean remove(ExperimentRef experiment) throws IOException {
    Optional<String> commit = commit(experiment);
    if (commit.isPresent() && commit.equals(refs.get(APPLIED))) {
      var unused = refs.delete(APPLIED);
    }
    return refs.delete(experiment.ref());
  }

  /** Gives an experiment another name; the new one is there before the old one goes. */
  public void rename(ExperimentRef experiment, String name, String commit) throws IOException {
    replace(new ExperimentRef(experiment.baseline(), name), commit);
    var unused = remove(experiment);
  }
}
