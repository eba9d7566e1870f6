package io.revfs.experiment.queue;

import io.revfs.git.GitCaller;
import io.revfs.git.GitRepository;
import io.revfs.reach.Passages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Work trees beside the one that a person works in. Each has a repository of its own that borrows
 * all objects, so Git's commands work there and change nothing elsewhere.
 */
public final class Views {
  private Views() {}

  /**
   * Makes a work tree of a commit's files.
   *
   * @param git the repository whose objects are borrowed
   * @param head what {@code HEAD} is there
   * @param files the commit whose files are there
   * @return Git's own directory there
   */
  public static Path make(
      GitRepository git, GitCaller caller, Path directory, String head, String files)
      throws IOException {
    Files.createDirectories(directory);
    GitCaller there = new GitCaller(directory, caller.variables());
    var unusedInit = there.run("init", "--quiet", "--template=", "--initial-branch=experiment");
    Path own = directory.resolve(".git");
    Path lender = common(git.gitDirectory());
    Files.createDirectories(own.resolve("objects/info"));
    Files.writeString(
        own.resolve("objects/info/alternates"), Passages.shown(lender.resolve("objects")) + "\n");
    Path shallow = lender.resolve("shallow");
    if (Files.exists(shallow)) {
      Files.copy(shallow, own.resolve("shallow"));
    }
    Files.copy(
        lender.resolve("config"), own.resolve("config"), StandardCopyOption.REPLACE_EXISTING);
    for (String key : List.of("core.worktree", "core.bare", "core.fsmonitor")) {
      there.attempt("config", "--unset-all", key);
    }
    Files.writeString(own.resolve("HEAD"), head + "\n", StandardCharsets.US_ASCII);
    var unusedRead = there.run("read-tree", "--reset", "-u", files);
    return own;
  }

  /** Where a repository of several work trees keeps what they share. */
  private static Path common(Path gitDirectory) throws IOException {
    Path pointer = gitDirectory.resolve("commondir");
    return Files.exists(pointer)
        ? gitDirectory.resolve(Files.readString(pointer).strip()).normalize()
        : gitDirectory;
  }
}
