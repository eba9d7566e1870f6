package io.revfs.git;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Another repository, to which refs are pushed and from which they are fetched one by one.
 *
 * @param name of a remote of Git's configuration, or a URL
 */
public record GitRemote(GitCaller git, String name) {
  private static final int MOST_REFS = 500; // the kernel limits the length of command lines

  /** What became of a ref. */
  public enum Outcome {
    DONE,
    UP_TO_DATE,
    /** The other side has another commit under the name; nothing changed. */
    DIVERGED,
    /** The other side, or one of its hooks, did not want it. */
    REJECTED
  }

  /** What became of a ref, and why it was not taken. */
  public record Result(Outcome outcome, String reason) {}

  /** Returns its refs whose names begin so, and what they point to. */
  public Map<String, String> list(String prefix) throws IOException {
    Map<String, String> found = new LinkedHashMap<>();
    String listed = git.run("ls-remote", "--refs", "--quiet", "--", name, prefix + "*");
    for (String line : listed.lines().toList()) {
      String[] parts = line.split("\t", 2);
      if (parts.length == 2 && parts[1].startsWith(prefix)) {
        found.put(parts[1], parts[0]);
      }
    }
    return found;
  }

  /**
   * Pushes refs, each by itself: some may arrive where others do not.
   *
   * @param specs {@code from:to}; an empty {@code from} removes the ref there
   * @param force whether what is there is replaced
   * @return what became of each, by {@code to}
   * @throws GitCaller.FailedException if the other side could not be asked
   */
  public Map<String, Result> push(Collection<String> specs, boolean force) throws IOException {
    Map<String, Result> results = new LinkedHashMap<>();
    for (List<String> some : parts(specs)) {
      List<String> words = new ArrayList<>(List.of("push", "--porcelain", "--no-verify"));
      if (force) {
        words.add("--force");
      }
      words.addAll(List.of("--", name));
      words.addAll(some);
      GitCommand.Answer answer = git.answer(Map.of(), "", words.toArray(String[]::new));
      Map<String, Result> known = results(answer);
      if (answer.exit() != 0 && known.isEmpty()) {
        throw GitCaller.failed("push", answer);
      }
      results.putAll(known);
    }
    return results;
  }

  private static List<List<String>> parts(Collection<String> specs) {
    List<String> all = List.copyOf(specs);
    List<List<String>> parts = new ArrayList<>();
    for (int i = 0; i < all.size(); i += MOST_REFS) {
      parts.add(all.subList(i, Math.min(all.size(), i + MOST_REFS)));
    }
    return parts;
  }

  /** Reads lines of {@code flag TAB from:to TAB summary (reason)}. */
  private static Map<String, Result> results(GitCommand.Answer answer) {
    String said =
        String.join(
            "; ",
            answer
                .err()
                .lines()
                .filter(line -> line.startsWith("remote:"))
                .map(line -> line.substring("remote:".length()).strip())
                .filter(line -> !line.isEmpty())
                .toList());
    Map<String, Result> results = new LinkedHashMap<>();
    for (String line : answer.out().lines().toList()) {
      String[] parts = line.split("\t");
      if (parts.length < 3 || parts[0].length() != 1 || parts[1].indexOf(':') < 0) {
        continue;
      }
      String to = parts[1].substring(parts[1].indexOf(':') + 1);
      results.put(to, result(parts[0].charAt(0), parts[2], said));
    }
    return results;
  }

  private static Result result(char flag, String summary, String said) {
    return switch (flag) {
      case '=' -> new Result(Outcome.UP_TO_DATE, "");
      case '!' ->
          summary.contains("(non-fast-forward)")
                  || summary.contains("(fetch first)")
                  || summary.contains("(already exists)")
                  || summary.contains("(needs force)")
              ? new Result(Outcome.DIVERGED, summary)
              : new Result(Outcome.REJECTED, said.isEmpty() ? summary : summary + ": " + said);
      default -> new Result(Outcome.DONE, "");
    };
  }

  /**
   * Fetches refs to the same names here, whatever they are here.
   *
   * @throws GitCaller.FailedException if they could not be had
   */
  public void fetch(Collection<String> refs) throws IOException {
    for (List<String> some : parts(refs)) {
      List<String> words =
          new ArrayList<>(
              List.of("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", name));
      some.forEach(ref -> words.add("+" + ref + ":" + ref));
      var unused = git.run(words.toArray(String[]::new));
    }
  }

  /** Brings the objects of a ref here, without a ref to them. */
  public void fetchObjects(String ref) throws IOException {
    var unused = git.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", name, ref);
  }
}
