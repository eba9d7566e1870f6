package io.revfs.command.transfer;

import io.revfs.command.tracking.Session;
import io.revfs.object.ObjectKey;
import io.revfs.stage.Stage;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Brings the data of imports, whose sources keep it, to the cache. */
public interface FetchedImports {
  /** Of a daemon that reaches no sources. */
  FetchedImports NONE =
      new FetchedImports() {
        @Override
        public boolean isAtSource(Stage stage) {
          return false;
        }

        @Override
        public Fetched fetch(Session session, List<Stage> stages) {
          return new Fetched(0, Map.of());
        }
      };

  /**
   * What was fetched.
   *
   * @param objects how many objects came
   * @param partial what outputs of which nothing is recorded hold, by their path
   */
  record Fetched(long objects, Map<String, ObjectKey> partial) {}

  /** Returns whether a stage's output is fetched from its source rather than from a remote. */
  boolean isAtSource(Stage stage);

  /**
   * Fetches what the cache lacks of the outputs of stages that are at their source. What cannot be
   * had is told to the caller, and is no failure: a checkout will miss it.
   */
  Fetched fetch(Session session, List<Stage> stages) throws IOException;
}
