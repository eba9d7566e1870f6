package io.revfs.command.project;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.project.DvcIgnore;
import io.revfs.project.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code check-ignore}: which paths {@code .dvcignore} hides, and by which rule. */
final class CheckIgnoreCommand implements Command {
  /** What stands for a rule where there is none. */
  private static final String NO_RULE = "::";

  @Override
  public String name() {
    return "check-ignore";
  }

  @Override
  public void run(Invocation call) throws IOException {
    check(call);
    Project project = Project.find(call.directory(), call.environment());
    DvcIgnore ignores = DvcIgnore.of(project.root());
    boolean any = false;
    for (String target : call.values("targets")) {
      if (target.isEmpty()) {
        break; // an empty line ends what is read from standard input
      }
      DvcIgnore.Verdict verdict = verdict(project, ignores, call.resolve(target));
      show(call, target, verdict);
      boolean counts = call.flag("details") || verdict.ignored();
      any = any || (counts && verdict.rule().isPresent());
    }
    call.exit(any ? 0 : CommandFailure.FAILED);
  }

  private static DvcIgnore.Verdict verdict(Project project, DvcIgnore ignores, Path path)
      throws IOException {
    return project.contains(path)
        ? ignores.verdict(project.relative(path), Files.isDirectory(path))
        : new DvcIgnore.Verdict(false, java.util.Optional.empty());
  }

  private static void show(Invocation call, String target, DvcIgnore.Verdict verdict) {
    if (call.flag("details")) {
      if (verdict.rule().isPresent() || call.flag("non-matching")) {
        call.out(verdict.rule().orElse(NO_RULE) + "\t" + target);
      }
    } else if (verdict.ignored()) {
      call.out(target);
    }
  }

  private static void check(Invocation call) throws CommandFailure {
    boolean details = call.flag("details");
    List<String> targets = call.values("targets");
    if (targets.isEmpty() && !call.flag("stdin")) {
      throw wrong("`targets` or `--stdin` needed", "name paths");
    }
    if (call.flag("non-matching") && !details) {
      throw wrong("`--non-matching` is only valid with `--details`", "add -d");
    }
    if (call.flag("all") && !details) {
      throw wrong("`--all` is only valid with `--details`", "add -d");
    }
    if (call.flag("quiet") && details) {
      throw wrong("cannot use both `--details` and `--quiet`", "leave one out");
    }
  }

  private static CommandFailure wrong(String message, String whatToDo) {
    return new CommandFailure(message, whatToDo, CommandFailure.OTHER);
  }
}
