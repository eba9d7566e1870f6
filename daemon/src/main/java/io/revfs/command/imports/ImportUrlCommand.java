package io.revfs.command.imports;

import io.revfs.command.Invocation;
import io.revfs.command.record.Recorder;
import io.revfs.command.tracking.Session;
import io.revfs.remote.Redaction;
import io.revfs.workspace.Workspaces;
import java.io.IOException;

/** {@code import-url}: data of a store or of this machine. */
final class ImportUrlCommand extends ImportingCommand {
  ImportUrlCommand(Workspaces workspaces, Source.Reach reach, Deliveries deliveries) {
    super("import-url", workspaces, reach, deliveries);
  }

  @Override
  String what(Invocation call) throws IOException {
    return "'%s'".formatted(Redaction.url(call.required("url")));
  }

  @Override
  void bring(Session session, ImportRun run) throws IOException {
    Invocation call = session.call();
    if (call.has("remote") && !call.flag("to-remote")) {
      throw Recorder.failed("--remote can't be used without --to-remote", "leave it out");
    }
    run.run(call.required("url"), directory -> UrlSource.entry(session, directory));
  }
}
