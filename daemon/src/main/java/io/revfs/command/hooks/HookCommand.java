package io.revfs.command.hooks;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.git.GitCommand;
import io.revfs.project.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A hook of Git's: runs another command, in a project; elsewhere there is nothing to do. */
final class HookCommand implements Command {
  private static final long GIT_SECONDS = 60;
  private static final String POST_CHECKOUT = "post-checkout";

  /** What lies in Git's directory while it is busy with more than a checkout. */
  private static final List<String> UNDER_WAY =
      List.of("rebase-merge", "rebase-apply", "MERGE_HEAD");

  /** How the pre-commit tool says what Git says by the third argument. */
  private static final String PRE_COMMIT_TOOL = "PRE_COMMIT_CHECKOUT_TYPE";

  private final String hook;
  private final Command command;

  HookCommand(String hook, Command command) {
    this.hook = hook;
    this.command = command;
  }

  @Override
  public String name() {
    return "git-hook " + hook;
  }

  @Override
  public void run(Invocation call) throws IOException {
    boolean inProject = Project.findRoot(call.directory()).isPresent();
    if (inProject && (!hook.equals(POST_CHECKOUT) || isOfBranch(call))) {
      Invocation plain = call.withoutArguments();
      command.run(plain);
      call.exit(plain.exit());
    }
  }

  /** A checkout of files is none of a revision; within a rebase or merge there are many. */
  private static boolean isOfBranch(Invocation call) throws IOException {
    List<String> arguments = call.values("args");
    String fromGit = arguments.size() < 3 ? "" : arguments.get(2);
    String kind = call.environment().getOrDefault(PRE_COMMIT_TOOL, fromGit);
    return kind.equals("1") && !isUnderWay(call.directory());
  }

  private static boolean isUnderWay(Path directory) throws IOException {
    GitCommand.Result git =
        GitCommand.run(directory, GIT_SECONDS, "rev-parse", "--absolute-git-dir");
    return git.exit() == 0
        && UNDER_WAY.stream().anyMatch(name -> Files.exists(Path.of(git.output().strip(), name)));
  }
}
