package io.revfs.command.transfer;

import io.revfs.command.CommandFailure;
import io.revfs.command.repro.ReproCommand;
import io.revfs.command.tracking.Session;
import io.revfs.object.SourceUnreachableException;
import io.revfs.stage.Stage;
import io.revfs.stage.target.Target;
import io.revfs.transfer.RunCache;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Brings what {@code repro --pull} lacks. A remote that fails is told, and costs what it has. */
final class ReproPulls implements ReproCommand.Pulls {
  private final FetchSources sources;

  ReproPulls(FetchSources sources) {
    this.sources = sources;
  }

  @Override
  public boolean pull(Session session, List<Stage> stages) throws IOException {
    return PullCommand.pull(session, sources, stages);
  }

  @Override
  public boolean fetch(Session session, Stage stage) throws IOException {
    List<Target> targets = List.of(new Target(stage, Optional.empty()));
    try (Transfers transfers = new Transfers(session, sources.limits())) {
      return new FetchRun(session, transfers, sources).run(targets).lacking() == 0;
    } catch (SourceUnreachableException e) {
      session.call().warn("WARNING: " + e.getMessage());
      return false;
    }
  }

  @Override
  public void fetchHistory(Session session) throws IOException {
    try (Transfers transfers = new Transfers(session, sources.limits())) {
      String remote = transfers.remoteOf(Optional.empty());
      if (!transfers.isVersioned(remote)) {
        long unused =
            RunCache.fetch(
                session.project().cacheDirectory(),
                transfers.remote(remote),
                transfers.lanes(remote));
      }
    } catch (SourceUnreachableException | CommandFailure e) {
      session.call().warn("WARNING: the history of runs cannot be pulled: " + e.getMessage());
    }
  }
}
