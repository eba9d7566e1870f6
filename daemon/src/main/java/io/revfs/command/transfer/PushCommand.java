package io.revfs.command.transfer;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.RemoteLimits;
import io.revfs.transfer.ObjectSet;
import io.revfs.transfer.Push;
import io.revfs.transfer.RunCache;
import io.revfs.transfer.TransferListener;
import io.revfs.transfer.TransferResult;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** {@code push}: brings to the remotes what they lack of the outputs' objects. */
final class PushCommand implements Command {
  private final Workspaces workspaces;
  private final RemoteLimits limits;

  PushCommand(Workspaces workspaces, RemoteLimits limits) {
    this.workspaces = workspaces;
    this.limits = limits;
  }

  @Override
  public String name() {
    return "push";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (Session session = Session.open(call, workspaces, "Collecting");
        var lock = session.lock();
        Transfers transfers = new Transfers(session, limits)) {
      push(session, transfers);
    } catch (SourceUnreachableException e) {
      throw new CommandFailure(
          "failed to push data to the cloud - " + e.getMessage(),
          "check the remote and its credentials; the next push goes on from here",
          CommandFailure.FAILED,
          e);
    }
  }

  private static void push(Session session, Transfers transfers) throws IOException {
    Invocation call = session.call();
    long pushed = 0;
    if (call.flag("run-cache")) {
      String remote = transfers.remoteOf(Optional.empty());
      pushed +=
          RunCache.push(
              session.project().cacheDirectory(),
              transfers.remote(remote),
              transfers.lanes(remote));
    }
    Map<String, ObjectSet> byRemote =
        transfers.objects(new UsedOutputs(session).find(true), Optional.empty());
    TransferListener listener = transfers.listener("Pushing");
    TransferResult result = TransferResult.NOTHING;
    for (Map.Entry<String, ObjectSet> one : byRemote.entrySet()) {
      String remote = one.getKey();
      Push push =
          new Push(
              session.workspace().store(),
              transfers.remote(remote),
              transfers.lanes(remote),
              listener);
      result = result.and(push.run(one.getValue()));
    }
    transfers.warnOfMissing(result);
    if (!result.failed().isEmpty()) {
      throw Transfers.failed("failed to push data to the cloud", result.failed());
    }
    long all = pushed + result.transferred();
    call.out(all == 0 ? "Everything is up to date." : Transfers.count(all, "pushed"));
  }
}
