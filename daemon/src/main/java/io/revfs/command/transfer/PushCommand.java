package io.revfs.command.transfer;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.RemoteLimits;
import io.revfs.transfer.ObjectSet;
import io.revfs.transfer.Push;
import io.revfs.transfer.RemoteIndex;
import io.revfs.transfer.RunCache;
import io.revfs.transfer.TransferListener;
import io.revfs.transfer.TransferResult;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
      push(session, transfers, new RemoteIndex(workspaces.index()));
    } catch (SourceUnreachableException e) {
      throw new CommandFailure(
          "failed to push data to the cloud - " + e.getMessage(),
          "check the remote and its credentials; the next push goes on from here",
          CommandFailure.FAILED,
          e);
    }
  }

  private static void push(Session session, Transfers transfers, RemoteIndex index)
      throws IOException {
    Invocation call = session.call();
    long pushed = 0;
    checkOneRevision(session, transfers);
    String runs = call.flag("run-cache") ? transfers.remoteOf(Optional.empty()) : "";
    if (!runs.isEmpty() && !transfers.isVersioned(runs)) {
      pushed +=
          RunCache.push(
              session.project().cacheDirectory(), transfers.remote(runs), transfers.lanes(runs));
    }
    List<UsedOutputs.Used> used = new ArrayList<>(new UsedOutputs(session).find(true));
    Map<String, List<UsedOutputs.Used>> versioned = transfers.takeVersioned(used);
    Map<String, ObjectSet> byRemote = transfers.objects(used, Optional.empty());
    TransferListener listener = transfers.listener("Pushing");
    TransferResult result = TransferResult.NOTHING;
    for (Map.Entry<String, List<UsedOutputs.Used>> one : versioned.entrySet()) {
      result =
          result.and(new VersionedOutputs(session, transfers, one.getKey()).push(one.getValue()));
    }
    for (Map.Entry<String, ObjectSet> one : byRemote.entrySet()) {
      String remote = one.getKey();
      Push push =
          new Push(
              session.workspace().store(),
              transfers.remote(remote),
              index,
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

  /** A version belongs to one revision's file, and cannot be written to others. */
  private static void checkOneRevision(Session session, Transfers transfers) throws IOException {
    Invocation call = session.call();
    Optional<String> remote =
        call.value("remote").or(() -> session.project().config().defaultRemote());
    boolean several =
        call.flag("all-branches") || call.flag("all-tags") || call.flag("all-commits");
    if (several && remote.isPresent() && transfers.isVersioned(remote.get())) {
      throw new CommandFailure(
          "failed to push data to the cloud - Multiple rev push is unsupported for cloud versioned"
              + " remotes",
          "push from each revision by itself",
          CommandFailure.FAILED);
    }
  }
}
