package io.revfs.command.tracking;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.stage.target.Target;
import io.revfs.stage.target.Targets;
import io.revfs.stage.target.UnknownTargetException;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code checkout}: brings the data that is recorded here, from the cache. */
public final class CheckoutCommand implements Command {
  private final Workspaces workspaces;

  CheckoutCommand(Workspaces workspaces) {
    this.workspaces = workspaces;
  }

  @Override
  public String name() {
    return "checkout";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (Session session = Session.open(call, workspaces, "Checking out");
        var lock = session.lock(CommandFailure.OTHER)) {
      CheckoutRun.Options options =
          new CheckoutRun.Options(
              call.flag("force"), call.flag("relink"), call.flag("allow-missing"));
      CheckoutRun.Result result =
          new CheckoutRun(session, options).run(targets(session), call.values("targets").isEmpty());
      tell(call, result);
      if (!result.failed().isEmpty()) {
        throw missing(result.failed());
      }
      if (options.relink()) {
        call.out("Relinked successfully");
      }
    }
  }

  private static List<Target> targets(Session session) throws IOException {
    Invocation call = session.call();
    List<String> named = call.values("targets");
    if (named.isEmpty()) {
      return session.targets("targets");
    }
    List<Target> targets = new ArrayList<>();
    for (String target : named) {
      try {
        targets.addAll(
            session
                .targets()
                .resolve(
                    target, new Targets.Options(call.flag("with-deps"), call.flag("recursive"))));
      } catch (UnknownTargetException e) {
        throw new CommandFailure(
            String.valueOf(e.getMessage()),
            "did you mean `git checkout %s`?".formatted(target),
            CommandFailure.OTHER,
            e);
      }
    }
    return targets;
  }

  /** Writes what changed, as {@code pull} does too. */
  static void tell(Invocation call, CheckoutRun.Result result) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("modified", result.modified());
    json.put("added", result.added());
    json.put("deleted", result.deleted());
    call.result(json);
    if (call.flag("summary")) {
      String summary = summary(result);
      call.out(summary.isEmpty() ? "No changes." : summary);
      return;
    }
    result.modified().forEach(path -> call.out("M\t" + path));
    result.added().forEach(path -> call.out("A\t" + path));
    result.deleted().forEach(path -> call.out("D\t" + path));
  }

  private static String summary(CheckoutRun.Result result) {
    List<String> parts = new ArrayList<>();
    part(parts, result.filesModified(), "modified");
    part(parts, result.filesAdded(), "added");
    part(parts, result.filesDeleted(), "deleted");
    int last = parts.size() - 1;
    return last < 1
        ? String.join("", parts)
        : String.join(", ", parts.subList(0, last)) + " and " + parts.get(last);
  }

  private static void part(List<String> parts, long count, String what) {
    if (count > 0) {
      parts.add("%d file%s %s".formatted(count, count == 1 ? "" : "s", what));
    }
  }

  /** Returns the answer to outputs that are not complete in the cache. */
  public static CommandFailure missing(List<String> failed) {
    return new CommandFailure(
        "Checkout failed for following targets:\n"
            + String.join("\n", failed)
            + "\nIs your cache up to date?\n<https://error.dvc.org/missing-files>",
        "fetch what is missing: dvc pull",
        CommandFailure.OTHER);
  }
}
