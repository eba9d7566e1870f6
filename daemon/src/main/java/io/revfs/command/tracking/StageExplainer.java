package io.revfs.command.tracking;

import io.revfs.stage.Stage;
import java.io.IOException;
import java.util.List;

/** Says of stages why they would run, or why not: {@code status --explain}. */
@FunctionalInterface
public interface StageExplainer {
  /**
   * Answers the session's call, as lines and as JSON.
   *
   * @param stages in any order
   */
  void explain(Session session, List<Stage> stages) throws IOException;
}
