package io.revfs.command.transfer;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.git.GitRepository;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.stage.StageId;
import io.revfs.stage.StageIndex;
import io.revfs.stage.target.Target;
import io.revfs.stage.target.Targets;
import io.revfs.stage.target.UnknownTargetException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The outputs that a call means, of the work tree and of the revisions it names. Their remotes are
 * those that the work tree's configuration has, whatever a revision's own says.
 */
final class UsedOutputs {
  private final Session session;
  private final Invocation call;
  private final FetchedImports imports;
  private final Map<StageId, Stage> atSource = new LinkedHashMap<>();

  UsedOutputs(Session session) {
    this(session, FetchedImports.NONE);
  }

  /** {@code imports}: knows which outputs are not on remotes. */
  UsedOutputs(Session session, FetchedImports imports) {
    this.session = session;
    this.call = session.call();
    this.imports = imports;
  }

  /** An output, or the part of it that is meant. */
  record Used(Out out, String inside) {}

  /** Returns the imports of the work tree, among those found, whose data is at their source. */
  List<Stage> atSource() {
    return List.copyOf(atSource.values());
  }

  /**
   * Returns them, each once.
   *
   * @param push whether they are to be pushed: not imports, nor what is never pushed
   */
  List<Used> find(boolean push) throws IOException {
    Set<Used> used = new LinkedHashSet<>();
    List<String> named = call.values("targets");
    List<String> only = call.values("only-commits"); // not the command line's, but a command's
    if (only.isEmpty()) {
      List<Target> workTree = workTreeTargets(named);
      addOfWorkTree(used, workTree, push);
    }
    for (String commit : only.isEmpty() ? commits() : only) {
      StageIndex index = session.indexOf(commit);
      if (named.isEmpty()) {
        index.stages().forEach(s -> add(used, List.of(new Target(s, Optional.empty())), push));
      }
      for (String target : named) {
        try {
          add(used, session.targetsIn(index, target), push);
        } catch (UnknownTargetException e) {
          // not in this revision
        }
      }
    }
    return List.copyOf(used);
  }

  /** Returns what targets of the work tree mean, to be fetched. */
  List<Used> of(List<Target> targets) {
    Set<Used> used = new LinkedHashSet<>();
    addOfWorkTree(used, targets, false);
    return List.copyOf(used);
  }

  private void addOfWorkTree(Set<Used> used, List<Target> targets, boolean push) {
    add(used, targets, push);
    for (Target target : targets) {
      Stage stage = target.stage();
      if (imports.isAtSource(stage) && stage.outs().stream().allMatch(this::isOfType)) {
        atSource.put(stage.id(), stage);
      }
    }
  }

  List<Target> workTreeTargets(List<String> named) throws IOException {
    Targets.Options options = new Targets.Options(call.flag("with-deps"), call.flag("recursive"));
    try {
      return session.targets().resolve(call.flag("glob") ? matching(named) : named, options);
    } catch (UnknownTargetException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()), "see: dvc status", CommandFailure.FAILED, e);
    }
  }

  /** Patterns stand for the outputs they match. */
  private List<String> matching(List<String> patterns) throws IOException {
    List<String> paths = new ArrayList<>();
    for (String pattern : patterns) {
      PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
      int before = paths.size();
      for (Out out : session.index().outs()) {
        if (matcher.matches(Path.of(session.shown(out)))) {
          paths.add(session.shown(out));
        }
        if (matcher.matches(Path.of(out.owner().addressing(session.from())))) {
          paths.add(out.owner().addressing(session.from()));
        }
      }
      if (paths.size() == before) {
        throw new CommandFailure(
            "no output matches '" + pattern + "'", "see: dvc list .", CommandFailure.FAILED);
      }
    }
    return paths;
  }

  private Set<String> commits() throws IOException {
    Set<String> commits = new LinkedHashSet<>();
    boolean any = call.flag("all-branches") || call.flag("all-tags") || call.flag("all-commits");
    Optional<GitRepository> git = any ? session.git() : Optional.empty();
    if (git.isEmpty()) {
      return commits;
    }
    if (call.flag("all-branches") || call.flag("all-commits")) {
      commits.addAll(git.get().branches().values());
    }
    if (call.flag("all-tags") || call.flag("all-commits")) {
      commits.addAll(git.get().tags().values());
    }
    if (call.flag("all-commits")) {
      commits.addAll(git.get().ancestors(commits));
      if (git.get().isShallow()) {
        call.warn(
            "this is a shallow clone: commits that are not here are left out;"
                + " git fetch --unshallow brings them");
      }
    }
    return commits;
  }

  private void add(Set<Used> used, List<Target> targets, boolean push) {
    Optional<String> remote = call.value("remote");
    for (Target target : targets) {
      boolean imported = target.stage().isRepositoryImport();
      boolean kept = !push && imports.isAtSource(target.stage());
      for (Out out : target.stage().outs()) {
        String inside = inside(target, out);
        boolean elsewhere =
            remote.isPresent() && out.remote().isPresent() && !remote.equals(out.remote());
        boolean skipped =
            !out.cached()
                || !out.isRecorded()
                || elsewhere
                || inside.equals("/")
                || kept
                || (push && (imported || !out.push()))
                || !isOfType(out);
        if (!skipped) {
          used.add(new Used(out, inside));
        }
      }
    }
  }

  private boolean isOfType(Out out) {
    List<String> types = call.values("type");
    return types.isEmpty()
        || (types.contains("metrics") && out.isMetric())
        || (types.contains("plots") && out.isPlot());
  }

  /** Returns the part of an output that a target means; a slash if none of it. */
  private static String inside(Target target, Out out) {
    if (target.path().isEmpty() || target.path().get().equals(out.path())) {
      return "";
    }
    String path = target.path().get();
    return path.startsWith(out.path() + "/") ? path.substring(out.path().length() + 1) : "/";
  }
}
