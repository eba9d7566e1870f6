package io.revfs.command.transfer;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.CheckoutRun;
import io.revfs.command.tracking.Session;
import io.revfs.object.SourceUnreachableException;
import io.revfs.stage.Stage;
import io.revfs.stage.target.Target;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code pull}: fetches, and brings what was fetched into the work tree. */
final class PullCommand implements Command {
  private final Workspaces workspaces;
  private final FetchSources sources;

  PullCommand(Workspaces workspaces, FetchSources sources) {
    this.workspaces = workspaces;
    this.sources = sources;
  }

  @Override
  public String name() {
    return "pull";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (Session session = Session.open(call, workspaces, "Checking out");
        var lock = session.lock();
        Transfers transfers = new Transfers(session, sources.limits())) {
      FetchRun.Result fetched = new FetchRun(session, transfers, sources).run();
      if (fetched.lacking() > 0) {
        throw new CommandFailure(
            "failed to pull data from the cloud - %d files failed to download"
                .formatted(fetched.lacking()),
            "push them from where they are: dvc push",
            CommandFailure.FAILED);
      }
      CheckoutRun run =
          new CheckoutRun(
              session,
              new CheckoutRun.Options(call.flag("force"), false, call.flag("allow-missing")),
              fetched.partial());
      List<String> named = call.values("targets");
      CheckoutRun.Result result =
          run.run(new UsedOutputs(session).workTreeTargets(named), named.isEmpty());
      tell(call, fetched.fetched(), result);
    } catch (SourceUnreachableException e) {
      throw FetchCommand.unreachable(e);
    }
  }

  /** Brings the outputs of stages; returns whether all could be had. */
  static boolean pull(Session session, FetchSources sources, List<Stage> stages)
      throws IOException {
    List<Target> targets =
        stages.stream().map(stage -> new Target(stage, Optional.empty())).toList();
    try (Transfers transfers = new Transfers(session, sources.limits())) {
      FetchRun.Result fetched = new FetchRun(session, transfers, sources).run(targets);
      CheckoutRun.Options options = new CheckoutRun.Options(true, false, false);
      CheckoutRun run = new CheckoutRun(session, options, fetched.partial());
      return fetched.lacking() == 0 && run.run(targets, false).failed().isEmpty();
    } catch (SourceUnreachableException e) {
      session.call().warn("WARNING: " + e.getMessage());
      return false;
    }
  }

  private static void tell(Invocation call, long fetched, CheckoutRun.Result result)
      throws CommandFailure {
    result.modified().forEach(path -> call.out("M\t" + path));
    result.added().forEach(path -> call.out("A\t" + path));
    result.deleted().forEach(path -> call.out("D\t" + path));
    List<String> parts = new ArrayList<>();
    part(parts, fetched, "fetched");
    part(parts, result.filesModified(), "modified");
    part(parts, result.filesAdded(), "added");
    part(parts, result.filesDeleted(), "deleted");
    int last = parts.size() - 1;
    String summary =
        last < 1
            ? String.join("", parts)
            : String.join(", ", parts.subList(0, last)) + " and " + parts.get(last);
    call.out(summary.isEmpty() ? "Everything is up to date." : summary);
    if (!result.failed().isEmpty()) {
      throw new CommandFailure(
          "failed to pull data from the cloud - Checkout failed for following targets:\n"
              + String.join("\n", result.failed())
              + "\nIs your cache up to date?\n<https://error.dvc.org/missing-files>",
          "push them from where they are: dvc push",
          CommandFailure.FAILED);
    }
  }

  private static void part(List<String> parts, long count, String what) {
    if (count > 0) {
      parts.add(Transfers.count(count, what));
    }
  }
}
