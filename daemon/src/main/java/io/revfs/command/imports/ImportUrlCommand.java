package io.revfs.command.imports;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.command.record.Recorder;
import io.revfs.command.tracking.Session;
import io.revfs.remote.Redaction;
import io.revfs.workspace.Workspaces;
import java.io.IOException;

/** {@code import-url}: data of a store or of this machine, tracked with where it comes from. */
final class ImportUrlCommand implements Command {
  private final Workspaces workspaces;
  private final Source.Reach reach;
  private final Deliveries deliveries;

  ImportUrlCommand(Workspaces workspaces, Source.Reach reach, Deliveries deliveries) {
    this.workspaces = workspaces;
    this.reach = reach;
    this.deliveries = deliveries;
  }

  @Override
  public String name() {
    return "import-url";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (Session session = Session.open(call, workspaces, "Importing");
        var lock = session.lock()) {
      String url = call.required("url");
      try {
        if (call.has("remote") && !call.flag("to-remote")) {
          throw Recorder.failed("--remote can't be used without --to-remote", "leave it out");
        }
        new ImportRun(session, reach, deliveries)
            .run(url, directory -> UrlSource.entry(session, directory));
      } catch (IOException e) {
        throw ImportRun.failure("failed to import '%s'.".formatted(Redaction.url(url)), e);
      }
    }
  }
}
