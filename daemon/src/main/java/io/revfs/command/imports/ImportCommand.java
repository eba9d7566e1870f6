package io.revfs.command.imports;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.workspace.Workspaces;
import java.io.IOException;

/** {@code import}: data of another repository, tracked with where it comes from. */
final class ImportCommand implements Command {
  private final Workspaces workspaces;
  private final Source.Reach reach;
  private final Deliveries deliveries;

  ImportCommand(Workspaces workspaces, Source.Reach reach, Deliveries deliveries) {
    this.workspaces = workspaces;
    this.reach = reach;
    this.deliveries = deliveries;
  }

  @Override
  public String name() {
    return "import";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (Session session = Session.open(call, workspaces, "Importing");
        var lock = session.lock()) {
      String path = call.required("path");
      String url = call.required("url");
      try {
        new ImportRun(session, reach, deliveries)
            .run(path, directory -> RepositorySource.entry(session));
      } catch (IOException e) {
        throw ImportRun.failure(
            "failed to import '%s' from '%s'.".formatted(path, io.revfs.remote.Redaction.url(url)),
            e);
      }
    }
  }
}
