package io.revfs.command.transfer;

import io.revfs.command.tracking.Session;
import io.revfs.stage.Stage;
import java.io.IOException;
import java.util.List;

/** Updates data that is no import. */
@FunctionalInterface
public interface PlainUpdates {
  /** Brings what is newest at the remotes that people may write to. */
  void update(Session session, List<Stage> stages) throws IOException;
}
