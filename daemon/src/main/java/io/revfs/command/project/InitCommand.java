package io.revfs.command.project;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.git.GitCommand;
import io.revfs.project.FileTrees;
import io.revfs.project.Project;
import io.revfs.text.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code init}: makes a project. */
final class InitCommand implements Command {
  private static final long GIT_SECONDS = 60;
  private static final String GIT_IGNORE = "/config.local\n/tmp\n/cache\n";
  private static final String DVC_IGNORE =
      """
      # Add patterns of files dvc should ignore, which could improve
      # the performance. Learn more at
      # https://dvc.org/doc/user-guide/dvcignore
      """;

  @Override
  public String name() {
    return "init";
  }

  @Override
  public void run(Invocation call) throws IOException {
    boolean noScm = call.flag("no-scm");
    boolean below = call.flag("subdir");
    if (noScm && below) {
      throw new CommandFailure(
          "Cannot initialize repo with `--no-scm` and `--subdir`",
          "leave one out",
          CommandFailure.OTHER);
    }
    Path root = call.resolve(call.value("directory").orElse("."));
    if (!Files.isDirectory(root)) {
      throw failed("there is no directory " + root, "make it first");
    }
    Path dvc = root.resolve(".dvc");
    Optional<Path> git = noScm ? Optional.empty() : Optional.of(gitRoot(root, below));
    if (git.isPresent() && isIgnored(git.get(), dvc)) {
      throw failed(
          dvc + " is ignored by your SCM tool.",
          "make sure that it is tracked, for instance by adding '!.dvc' to .gitignore");
    }
    if (Files.exists(dvc, LinkOption.NOFOLLOW_LINKS)) {
      if (!call.flag("force")) {
        throw failed(
            "'" + call.shown(dvc) + "' exists. Use `-f` to force.",
            "with -f what is in it is removed, the cache too");
      }
      FileTrees.remove(dvc);
    }
    write(call, root, dvc, noScm);
    if (git.isPresent()) {
      List<Path> files = new ArrayList<>();
      files.add(dvc.resolve("config"));
      files.add(root.resolve(".dvcignore"));
      files.add(dvc.resolve(".gitignore"));
      track(git.get(), files);
    }
    call.out("Initialized DVC repository.\n");
    if (!noScm) {
      call.out("You can now commit the changes to git.\n");
    }
  }

  private static void write(Invocation call, Path root, Path dvc, boolean noScm)
      throws IOException {
    Files.createDirectory(dvc);
    Files.setPosixFilePermissions(dvc, AtomicFile.permissions(0777 & ~call.umask()));
    text(dvc.resolve("config"), noScm ? "[core]\n    no_scm = True\n" : "", call.umask());
    Path ignore = root.resolve(".dvcignore");
    if (!Files.exists(ignore, LinkOption.NOFOLLOW_LINKS)) {
      text(ignore, DVC_IGNORE, call.umask());
    }
    Project project = Project.at(root, call.environment());
    var unused = project.tmp();
    if (!noScm) {
      text(dvc.resolve(".gitignore"), GIT_IGNORE, call.umask());
    }
  }

  private static void text(Path file, String text, int umask) throws IOException {
    AtomicFile.replace(file, text.getBytes(StandardCharsets.UTF_8), umask);
  }

  private static Path gitRoot(Path root, boolean below) throws CommandFailure {
    Optional<Path> git = Project.findGitRoot(root);
    if (git.isEmpty() || (!below && !git.get().equals(root))) {
      throw failed(
          root + " is not tracked by any supported SCM tool (e.g. Git).",
          "use `--no-scm` if you don't want to use any SCM or `--subdir` if initializing inside a"
              + " subdirectory of a parent SCM repository");
    }
    return git.get();
  }

  private static boolean isIgnored(Path git, Path path) throws IOException {
    return GitCommand.run(git, GIT_SECONDS, "check-ignore", "-q", path.toString()).exit() == 0;
  }

  private static void track(Path git, List<Path> files) throws IOException {
    List<String> words = new ArrayList<>(List.of("add", "--"));
    files.forEach(file -> words.add(file.toString()));
    GitCommand.Result result = GitCommand.run(git, GIT_SECONDS, words.toArray(String[]::new));
    if (result.exit() != 0) {
      throw new IOException("git add: " + result.output().strip());
    }
  }

  private static CommandFailure failed(String message, String whatToDo) {
    return new CommandFailure(
        "failed to initiate DVC - " + message, whatToDo, CommandFailure.FAILED);
  }
}
