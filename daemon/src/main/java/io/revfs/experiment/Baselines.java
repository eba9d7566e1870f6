package io.revfs.experiment;

import io.revfs.git.GitRefs;
import io.revfs.git.GitRepository;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The commits that experiments began with: which are asked for, and what they are called. */
public final class Baselines {
  private final GitRepository git;
  private final GitRefs refs;

  public Baselines(GitRepository git) {
    this.git = git;
    this.refs = git.gitRefs();
  }

  /**
   * Which commits are meant.
   *
   * @param revisions their full ids; with nothing else asked for {@code HEAD} if there are none
   * @param number so many commits along first parents, from each revision and branch; all of them
   *     if it is negative
   */
  public record Choice(
      List<String> revisions,
      boolean allBranches,
      boolean allTags,
      boolean allCommits,
      long number) {}

  /** Returns them, each once, in the order asked for. */
  public Set<String> commits(Choice choice) throws IOException {
    Set<String> commits = new LinkedHashSet<>();
    boolean any = choice.allBranches() || choice.allTags() || choice.allCommits();
    List<String> starts = choice.revisions();
    if (starts.isEmpty() && !any) {
      starts = git.resolve("HEAD").stream().toList();
    }
    addWithParents(commits, starts, choice.number());
    if (choice.allCommits()) {
      commits.addAll(git.allCommits());
      return commits;
    }
    if (choice.allBranches()) {
      addWithParents(commits, List.copyOf(localBranches().values()), choice.number());
    }
    if (choice.allTags()) {
      commits.addAll(git.tags().values());
    }
    return commits;
  }

  private void addWithParents(Set<String> commits, List<String> starts, long number)
      throws IOException {
    if (number != 0) {
      for (String start : starts) {
        commits.addAll(refs.firstParents(start, number));
      }
    }
  }

  private Map<String, String> localBranches() throws IOException {
    return refs.below("refs/heads/");
  }

  /**
   * Returns what a commit is called: the branch that {@code HEAD} is on, a tag, a branch. The
   * answers are for the refs as they are now.
   */
  public Names names() throws IOException {
    Map<String, String> names = new HashMap<>();
    for (Map.Entry<String, String> branch : localBranches().entrySet()) {
      names.putIfAbsent(branch.getValue(), branch.getKey().substring("refs/heads/".length()));
    }
    Map<String, String> tagged = new HashMap<>();
    git.tags().forEach((tag, commit) -> tagged.putIfAbsent(commit, tag));
    names.putAll(tagged);
    Optional<String> branch = refs.headBranch();
    Optional<String> head = git.resolve("HEAD");
    if (branch.isPresent() && head.isPresent()) {
      names.put(head.get(), branch.get());
    }
    return commit -> Optional.ofNullable((@Nullable String) names.get(commit));
  }

  /** What commits are called. */
  @FunctionalInterface
  public interface Names {
    /** Returns the name of a commit; empty if it has none. */
    Optional<String> of(String commit);
  }
}
