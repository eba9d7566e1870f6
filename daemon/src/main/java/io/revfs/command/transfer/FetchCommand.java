package io.revfs.command.transfer;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.object.SourceUnreachableException;
import io.revfs.workspace.Workspaces;
import java.io.IOException;

/** {@code fetch}: brings to the cache what it lacks of the outputs' objects. */
final class FetchCommand implements Command {
  private final Workspaces workspaces;
  private final FetchSources sources;

  FetchCommand(Workspaces workspaces, FetchSources sources) {
    this.workspaces = workspaces;
    this.sources = sources;
  }

  @Override
  public String name() {
    return "fetch";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (Session session = Session.open(call, workspaces, "Collecting");
        var lock = session.lock();
        Transfers transfers = new Transfers(session, sources.limits())) {
      FetchRun.Result result = new FetchRun(session, transfers, sources).run();
      if (result.lacking() > 0) {
        throw new CommandFailure(
            "failed to fetch data from the cloud - %d files failed to download"
                .formatted(result.lacking()),
            "push them from where they are: dvc push",
            CommandFailure.FAILED);
      }
      call.out(
          result.fetched() == 0
              ? "Everything is up to date."
              : Transfers.count(result.fetched(), "fetched"));
    } catch (SourceUnreachableException e) {
      throw unreachable(e);
    }
  }

  static CommandFailure unreachable(SourceUnreachableException e) {
    return new CommandFailure(
        "failed to fetch data from the cloud - " + e.getMessage(),
        "check the remote and its credentials; the next try goes on from here",
        CommandFailure.FAILED,
        e);
  }
}
