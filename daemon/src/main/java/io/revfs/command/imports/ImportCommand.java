package io.revfs.command.imports;

import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.remote.Redaction;
import io.revfs.workspace.Workspaces;
import java.io.IOException;

/** {@code import}: data of another repository. */
final class ImportCommand extends ImportingCommand {
  ImportCommand(Workspaces workspaces, Source.Reach reach, Deliveries deliveries) {
    super("import", workspaces, reach, deliveries);
  }

  @Override
  String what(Invocation call) throws IOException {
    return "'%s' from '%s'".formatted(call.required("path"), Redaction.url(call.required("url")));
  }

  @Override
  void bring(Session session, ImportRun run) throws IOException {
    run.run(session.call().required("path"), directory -> RepositorySource.entry(session));
  }
}
