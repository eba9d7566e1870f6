package io.revfs.command.imports;

import io.revfs.command.record.Recorder;
import io.revfs.command.tracking.Session;
import io.revfs.command.transfer.ToRemote;
import io.revfs.dvc.Output;
import io.revfs.remote.RemoteLimits;
import io.revfs.stage.Out;
import io.revfs.transfer.Conveyor;
import io.revfs.url.ExternalData;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Brings sources straight to remotes. */
record Deliveries(RemoteLimits limits) {
  /** Returns what is to be recorded of the output. */
  Output bring(Session session, Source source, Out out) throws IOException {
    if (!(source instanceof UrlSource url)) {
      throw Recorder.failed(
          "Data imported from other DVC or Git repositories can't be updated with --to-remote",
          "leave --to-remote out");
    }
    try (ExternalData data = url.open()) {
      Conveyor.Conveyed conveyed = ToRemote.bring(session, limits, data);
      Output before = out.recorded();
      return new Output(
          before.path(),
          Optional.of(conveyed.key()),
          OptionalLong.of(conveyed.size()),
          conveyed.fileCount(),
          false,
          before.cached(),
          before.remote(),
          before.push(),
          List.of(),
          Map.of(),
          before.line());
    }
  }
}
