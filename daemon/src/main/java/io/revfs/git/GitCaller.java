package io.revfs.git;

import io.revfs.reach.Passages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code git} command as somebody runs it in a directory: with that person's name, keys and
 * configuration, and without anybody's hooks. Immutable.
 *
 * @param directory the top of a work tree, where it runs
 * @param variables the caller's; those that would lead it to another repository do not count
 * @param repository the repository whose objects are read and written, if it is not the one that
 *     the directory is in
 */
public record GitCaller(Path directory, Map<String, String> variables, Optional<Path> repository) {
  private static final long SECONDS = 3600;

  public GitCaller {
    Map<String, String> kept = new HashMap<>(variables);
    kept.keySet().removeAll(GitCommand.LEADING);
    variables = Map.copyOf(kept);
  }

  /** Returns the command in the repository that a directory is in. */
  public GitCaller(Path directory, Map<String, String> variables) {
    this(directory, variables, Optional.empty());
  }

  /** Returns the same person's command over another work tree of this repository. */
  public GitCaller over(Path workTree, Path repositoryDirectory) {
    return new GitCaller(workTree, variables, Optional.of(repositoryDirectory));
  }

  /** What git said where it failed. */
  public static final class FailedException extends IOException {
    private static final long serialVersionUID = 1L;

    FailedException(String message) {
      super(message);
    }
  }

  /** Runs it and returns what it wrote, without the last line break. */
  public String run(String... arguments) throws IOException {
    return run(Map.of(), "", arguments);
  }

  /**
   * Runs it.
   *
   * @param more variables for this run only
   * @param input what it reads
   * @throws FailedException with what it said if it fails
   */
  public String run(Map<String, String> more, String input, String... arguments)
      throws IOException {
    GitCommand.Answer answer = answer(more, input, arguments);
    if (answer.exit() != 0) {
      throw failed(arguments[0], answer);
    }
    return answer.out().replaceFirst("\\R\\z", "");
  }

  /** Runs it, whatever comes of it; returns whether it did what it should. */
  public boolean attempt(String... arguments) throws IOException {
    return answer(Map.of(), "", arguments).exit() == 0;
  }

  GitCommand.Answer answer(Map<String, String> more, String input, String... arguments)
      throws IOException {
    Passages.beforeOthersLook(Passages.below(directory));
    Map<String, String> environment = new HashMap<>(variables);
    repository.ifPresent(
        there -> {
          environment.put("GIT_DIR", there.toString());
          environment.put("GIT_WORK_TREE", directory.toString());
        });
    environment.putAll(more);
    List<String> words = new ArrayList<>(List.of("-c", "core.hooksPath=/dev/null"));
    words.addAll(List.of(arguments));
    return GitCommand.run(directory, environment, input, SECONDS, words);
  }

  static FailedException failed(String what, GitCommand.Answer answer) {
    String said = answer.err().isBlank() ? answer.out() : answer.err();
    List<String> lines =
        said.lines()
            .map(line -> line.replaceFirst("^(fatal|error): ", "").strip())
            .filter(line -> !line.isEmpty() && !line.startsWith("hint:"))
            .toList();
    return new FailedException("git " + what + ": " + String.join("; ", lines));
  }

  /**
   * Makes a commit; nothing points to it yet.
   *
   * @param message as it will stand there, byte for byte
   * @return its id
   */
  public String commit(String tree, List<String> parents, String message) throws IOException {
    List<String> words = new ArrayList<>(List.of("commit-tree", tree));
    for (String parent : parents) {
      words.addAll(List.of("-p", parent));
    }
    return run(Map.of(), message, words.toArray(String[]::new));
  }
}
