package io.revfs.git;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * An index of our own over somebody's work tree: what is there becomes a tree without that person's
 * index, branch or stash being touched. For one thread.
 */
public final class ScratchIndex implements Closeable {
  private static final String LOCK = ".lock";

  private final GitCaller git;
  private final Path file;

  private ScratchIndex(GitCaller git, Path file) {
    this.git = git;
    this.file = file;
  }

  /** Makes one that begins as the work tree's own, so that unchanged files need not be read. */
  public static ScratchIndex copy(GitCaller git) throws IOException {
    return copy(git, path(git, "index"));
  }

  /** Makes one that begins as another file. */
  public static ScratchIndex copy(GitCaller git, Path own) throws IOException {
    ScratchIndex scratch = empty(git);
    if (Files.exists(own)) {
      Files.copy(
          own,
          scratch.file,
          StandardCopyOption.REPLACE_EXISTING,
          StandardCopyOption.COPY_ATTRIBUTES); // Git compares its time with those of files
    }
    return scratch;
  }

  /** Makes one of nothing. */
  public static ScratchIndex empty(GitCaller git) throws IOException {
    Path directory = path(git, "index").resolveSibling("");
    Path file = Files.createTempFile(directory, "index-revfs-", "");
    Files.delete(file); // Git takes an empty file for a broken one
    return new ScratchIndex(git, file);
  }

  private static Path path(GitCaller git, String name) throws IOException {
    return git.directory().resolve(git.run("rev-parse", "--git-path", name)).normalize();
  }

  private String run(String input, String... words) throws IOException {
    return git.run(Map.of("GIT_INDEX_FILE", file.toString()), input, words);
  }

  /** Takes what tracked files hold now; those that are gone leave. */
  public void takeTracked() throws IOException {
    var unused = run("", "add", "--update", "--", ":/");
  }

  /**
   * Takes files or directories, those that are not there and those that Git ignores excepted.
   *
   * @param paths relative to the directory that Git runs in
   * @param force whether ignored ones are taken too
   */
  public void take(Collection<String> paths, boolean force) throws IOException {
    List<String> there = new ArrayList<>();
    for (String path : paths) {
      if (Files.exists(git.directory().resolve(path))) {
        there.add(path);
      }
    }
    if (there.isEmpty()) {
      return;
    }
    List<String> words = new ArrayList<>(List.of("add"));
    if (force) {
      words.add("--force");
    }
    words.add("--ignore-errors");
    words.add("--");
    there.forEach(path -> words.add(":(literal)" + path));
    GitCommand.Answer answer =
        git.answer(Map.of("GIT_INDEX_FILE", file.toString()), "", words.toArray(String[]::new));
    if (answer.exit() > 1) { // 1: some were ignored, the others were taken
      throw GitCaller.failed("add", answer);
    }
  }

  /** Takes all files that Git neither tracks nor ignores. */
  public void takeUntracked(List<String> untracked) throws IOException {
    if (!untracked.isEmpty()) {
      var unused = run(String.join("\0", untracked), "update-index", "--add", "-z", "--stdin");
    }
  }

  /** Makes it have a file of this text, whatever the work tree has. */
  public void put(String path, String text) throws IOException {
    String blob = run(text, "hash-object", "-w", "--stdin");
    String mode = "100644";
    var unused = run("", "update-index", "--add", "--cacheinfo", mode + "," + blob + "," + path);
  }

  /**
   * Makes the work tree's files be those of a commit; files that the commit does not have stay.
   * Files that are the same already are not written.
   */
  public void bring(String commit) throws IOException {
    var unused = run("", "checkout", "--quiet", commit, "--", ":/");
  }

  /** Returns the id of a tree of what it has. */
  public String tree() throws IOException {
    return run("", "write-tree");
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
    Files.deleteIfExists(file.resolveSibling(file.getFileName() + LOCK));
  }
}
