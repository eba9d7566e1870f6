package io.revfs.command.imports;

import io.revfs.browse.Places;
import io.revfs.command.Command;
import io.revfs.command.record.Elsewhere;
import io.revfs.command.record.StoreStates;
import io.revfs.command.repro.ReproCommand;
import io.revfs.command.tracking.DepStatuses;
import io.revfs.command.transfer.FetchedImports;
import io.revfs.command.transfer.PlainUpdates;
import io.revfs.remote.RemoteLimits;
import io.revfs.snapshot.FileContents;
import io.revfs.url.ExternalUrls;
import io.revfs.workspace.Workspaces;
import java.util.List;

/** All commands of this area, and what others ask it. */
public final class ImportCommands {
  private final Workspaces workspaces;
  private final Source.Reach reach;
  private final RemoteLimits limits;

  /**
   * @param places where repositories are found
   * @param contents where their bytes come from
   * @param urls what opens URLs
   */
  public ImportCommands(
      Workspaces workspaces,
      Places places,
      FileContents contents,
      ExternalUrls urls,
      RemoteLimits limits) {
    this.workspaces = workspaces;
    this.reach = new Source.Reach(places, contents, urls);
    this.limits = limits;
  }

  /** Returns the commands; {@code plain} updates what is no import. */
  public List<Command> all(PlainUpdates plain) {
    Deliveries deliveries = new Deliveries(limits);
    return List.of(
        new ImportCommand(workspaces, reach, deliveries),
        new ImportUrlCommand(workspaces, reach, deliveries),
        new UpdateCommand(workspaces, new ImportUpdate(reach, deliveries), plain));
  }

  /** Returns what brings an import up to its source while another command runs. */
  public ReproCommand.Imports updates() {
    return new ImportUpdate(reach, new Deliveries(limits));
  }

  /** Returns what tracks data that is elsewhere. */
  public Elsewhere elsewhere() {
    return new AddedElsewhere(reach, new Deliveries(limits));
  }

  /** Returns what knows how sources differ from what is recorded of them. */
  public DepStatuses statuses() {
    return new ImportStatuses(reach);
  }

  /** Returns what says what dependencies on stores are now. */
  public StoreStates states() {
    return (session, stage, dep) -> UrlSource.state(reach, session, stage, dep);
  }

  /** Returns what brings the data of imports to the cache. */
  public FetchedImports fetched() {
    return new ImportedObjects(reach);
  }
}
