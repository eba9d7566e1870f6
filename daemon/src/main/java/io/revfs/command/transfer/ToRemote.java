package io.revfs.command.transfer;

import io.revfs.command.CommandFailure;
import io.revfs.command.tracking.Session;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.RemoteLimits;
import io.revfs.transfer.Conveyor;
import io.revfs.url.ExternalData;
import java.io.IOException;
import java.util.Optional;

/** {@code --to-remote}: data of a store becomes objects of a remote, and does not come here. */
public final class ToRemote {
  private ToRemote() {}

  /** Brings data to the remote that the call names, or the default one. */
  public static Conveyor.Conveyed bring(Session session, RemoteLimits limits, ExternalData data)
      throws IOException {
    try (Transfers transfers = new Transfers(session, limits)) {
      String remote = transfers.remoteOf(Optional.empty());
      return new Conveyor(
              transfers.remote(remote),
              session.project().tmp(),
              transfers.lanes(remote),
              transfers.listener("Transferring"))
          .convey(data);
    } catch (SourceUnreachableException e) {
      throw new CommandFailure(
          "failed to transfer data to the remote - " + e.getMessage(),
          "what was brought stays; the next try goes on from there",
          CommandFailure.FAILED,
          e);
    }
  }
}
