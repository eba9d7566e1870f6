package io.revfs.command.imports;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.workspace.Workspaces;
import java.io.IOException;

/** A command that brings data from elsewhere and tracks it with where it comes from. */
abstract class ImportingCommand implements Command {
  private final String name;
  private final Workspaces workspaces;
  private final Source.Reach reach;
  private final Deliveries deliveries;

  ImportingCommand(String name, Workspaces workspaces, Source.Reach reach, Deliveries deliveries) {
    this.name = name;
    this.workspaces = workspaces;
    this.reach = reach;
    this.deliveries = deliveries;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final void run(Invocation call) throws IOException {
    try (Session session = Session.open(call, workspaces, "Importing");
        var lock = session.lock()) {
      String what = what(call);
      try {
        bring(session, new ImportRun(session, reach, deliveries));
      } catch (IOException e) {
        throw ImportRun.failure("failed to import " + what + ".", e);
      }
    }
  }

  /** Returns what is to be imported, for people. */
  abstract String what(Invocation call) throws IOException;

  /** Imports it. */
  abstract void bring(Session session, ImportRun run) throws IOException;
}
