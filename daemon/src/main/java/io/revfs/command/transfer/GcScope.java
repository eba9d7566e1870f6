package io.revfs.command.transfer;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.experiment.ExperimentRefs;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.TaskQueue;
import io.revfs.git.GitCaller;
import io.revfs.git.GitRepository;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Which revisions keep what they use from garbage collection; the work tree always does. */
final class GcScope {
  private static final List<String> SCOPES =
      List.of(
          "workspace",
          "all-branches",
          "all-tags",
          "all-commits",
          "all-experiments",
          "date",
          "rev",
          "num");

  private final Invocation call;

  /**
   * Checks that a scope is given, and one that makes sense.
   *
   * @throws CommandFailure if not
   */
  GcScope(Invocation call) throws CommandFailure {
    this.call = call;
    boolean cloud = call.flag("cloud");
    boolean notInRemote = call.flag("not-in-remote");
    if (call.has("remote") && !cloud && !notInRemote) {
      throw wrong("`--remote` requires `--cloud` or `--not-in-remote`", "add one of them");
    }
    if (cloud && notInRemote) {
      throw wrong("`--not-in-remote` and `--cloud` are mutually exclusive", "leave one out");
    }
    if (SCOPES.stream().noneMatch(this::isGiven)) {
      throw wrong(
          "Either of `-w|--workspace`, `-a|--all-branches`, `-T|--all-tags` `--all-experiments`,"
              + " `--all-commits`, `--date` or `--rev` needs to be set.",
          "say what is to be kept; -w keeps what the work tree uses");
    }
    if (isGiven("num") && !isGiven("rev") && !isGiven("all-branches")) {
      throw wrong("`--num` can only be used alongside `--rev` or `--all-branches`", "add --rev");
    }
    if (isGiven("date")) {
      var unused = since();
    }
  }

  private static CommandFailure wrong(String message, String whatToDo) {
    return new CommandFailure(message, whatToDo, CommandFailure.OTHER);
  }

  private boolean isGiven(String option) {
    OptionalLong number = call.number(option);
    return number.isPresent()
        ? number.getAsLong() != 0
        : call.flag(option) || call.value(option).filter(text -> !text.equals("false")).isPresent();
  }

  /** Returns the question that is asked before anything is removed. */
  String description() {
    StringBuilder text = new StringBuilder("the workspace");
    String last = isGiven("num") ? "last " + call.number("num").getAsLong() + " commits from " : "";
    if (isGiven("all-commits")) {
      text.append(" and all git commits");
    } else {
      if (isGiven("all-branches") && isGiven("all-tags")) {
        text.append(
            last.isEmpty()
                ? " and all git branches and tags"
                : " and " + last + "all git branches and all git tags");
      } else if (isGiven("all-branches")) {
        text.append(" and ").append(last).append("all git branches");
      } else if (isGiven("all-tags")) {
        text.append(" and all git tags");
      }
      call.value("date")
          .ifPresent(date -> text.append(" and all git commits before date ").append(date));
      call.value("rev")
          .ifPresent(rev -> text.append(" and last %d commits from %s".formatted(count(), rev)));
    }
    if (isGiven("all-experiments")) {
      text.append(" and all experiments");
    }
    if (isGiven("not-in-remote")) {
      text.append(" that are not present in the DVC remote");
    }
    List<String> projects = call.values("projects");
    if (projects.isEmpty()) {
      text.append(" of the current repo.");
    } else {
      text.append(" of the current and the following repos:");
      projects.forEach(path -> text.append("\n  - ").append(call.resolve(path)));
    }
    return text.toString();
  }

  private long count() {
    return Math.max(1, call.number("num").orElse(1));
  }

  private Instant since() throws CommandFailure {
    try {
      String zone = call.environment().getOrDefault("TZ", "");
      ZoneId here = zone.isEmpty() ? ZoneId.systemDefault() : ZoneId.of(zone);
      return LocalDate.parse(call.required("date")).atStartOfDay(here).toInstant();
    } catch (DateTimeException e) {
      throw wrong("'--date " + call.required("date") + "' is no date", "give it as 2026-01-31");
    }
  }

  /** Returns whether {@code --rev} names a commit; what the workspace has is kept anyway. */
  private boolean isRevision() throws CommandFailure {
    return isGiven("rev") && !call.required("rev").equals("workspace");
  }

  /** Returns the commits of one project that are meant, each once. */
  Set<String> commits(Session session) throws IOException {
    Set<String> commits = new LinkedHashSet<>();
    if (SCOPES.subList(1, SCOPES.size()).stream().noneMatch(this::isGiven)) {
      return commits;
    }
    if (isRevision()) {
      commits.addAll(withParents(session, session.commit(call.required("rev"))));
    }
    GitRepository git = session.git().orElse(null);
    if (git == null) {
      return commits;
    }
    if (git.isShallow()) {
      checkShallow(session, git);
    }
    if (isGiven("all-commits")) {
      commits.addAll(git.allCommits());
    } else {
      addSome(session, git, commits);
    }
    if (isGiven("all-experiments")) {
      commits.addAll(new ExperimentRefs(git).all().values());
      GitCaller caller =
          new GitCaller(session.project().gitRoot().orElseThrow(), call.environment());
      for (Task task : new TaskQueue(session.project(), git, caller).all()) {
        git.resolve(task.id()).ifPresent(commits::add); // what is to be run needs its data
      }
    }
    return commits;
  }

  private void addSome(Session session, GitRepository git, Set<String> commits) throws IOException {
    if (isGiven("all-branches")) {
      for (String branch : git.branches().values()) {
        commits.addAll(withParents(session, branch));
      }
    }
    if (isGiven("all-tags")) {
      commits.addAll(git.tags().values());
    }
    if (isGiven("date")) {
      Instant since = since();
      for (String commit : git.allCommits()) {
        if (!git.timeOf(commit).isBefore(since)) {
          commits.add(commit);
        }
      }
    }
  }

  /**
   * Of commits that a shallow clone lacks nobody here knows what they use.
   *
   * @throws CommandFailure if some of them are meant, and something is to be removed
   */
  private void checkShallow(Session session, GitRepository git) throws IOException {
    String here = session.project().root() + " is a shallow clone";
    boolean meant = isGiven("all-commits") || isGiven("date");
    if (!meant && isGiven("num")) {
      Set<String> ends = git.shallowCommits();
      Set<String> starts = new LinkedHashSet<>();
      if (isRevision()) {
        starts.add(session.commit(call.required("rev")));
      }
      if (isGiven("all-branches")) {
        starts.addAll(git.branches().values());
      }
      for (String start : starts) {
        List<String> found = withParents(session, start);
        meant |= found.size() < count() && ends.contains(found.getLast());
      }
    }
    if (meant && !call.flag("dry")) {
      throw new CommandFailure(
          here + ": what commits use that are not in it would be removed too",
          "bring them first: git fetch --unshallow; or say what is to be kept: -w, -a, -T, --rev",
          CommandFailure.OTHER);
    }
    call.warn(here + ": commits, branches and tags that were not fetched keep nothing");
  }

  /** The commit and its first parents, so many in all. */
  private List<String> withParents(Session session, String commit) throws IOException {
    List<String> found = new ArrayList<>(List.of(commit));
    GitRepository git = session.git().orElseThrow();
    for (long n = 1; n < count(); n++) {
      var parent = git.resolve(commit + "~" + n);
      if (parent.isEmpty()) {
        break;
      }
      found.add(parent.get());
    }
    return found;
  }
}
