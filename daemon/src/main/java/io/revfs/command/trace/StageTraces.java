package io.revfs.command.trace;

import io.revfs.command.repro.StageTracing;
import io.revfs.command.tracking.Session;
import io.revfs.reach.Passages;
import io.revfs.stage.Stage;
import io.revfs.trace.Trace;
import io.revfs.trace.run.NotRecordedException;
import io.revfs.trace.run.TracedRun;
import io.revfs.trace.run.TracedRuns;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Records stages as {@code run} records commands. Thread-safe. */
public final class StageTraces implements StageTracing {
  private final TracedRuns runs;

  public StageTraces(TracedRuns runs) {
    this.runs = runs;
  }

  private static StageTracing.NotRecordedException failure(NotRecordedException e) {
    return new StageTracing.NotRecordedException(String.valueOf(e.getMessage()), e.whatToDo(), e);
  }

  private TracedRun begin(Path root, Path directory, List<String> commands) throws IOException {
    try {
      return runs.begin(
          new TracedRuns.Wanted(
              root, root.relativize(directory).toString(), commands, RunCommand.head(root)));
    } catch (NotRecordedException e) {
      throw failure(e);
    }
  }

  @Override
  public boolean isAttached(Session session) throws IOException {
    return runs.trees().isAttached(WorkingCopies.root(session.call()));
  }

  @Override
  public Recording begin(Session session, Stage stage, List<String> commands) throws IOException {
    Path root = WorkingCopies.root(session.call());
    Path directory = Passages.shown(session.project().root().resolve(stage.workingDirectory()));
    TracedRun run = begin(root, directory, commands);
    if (!run.limits().isEmpty()) {
      session.call().warn("WARNING: " + run.limits());
    }
    return new Recording() {
      @Override
      public List<String> launcher() throws IOException {
        return run.launcher();
      }

      @Override
      public Path root() {
        boolean past = Passages.at(session.project().root()).isPresent();
        return past ? Passages.below(root) : root;
      }

      @Override
      public Trace end(int exit) throws IOException {
        try {
          return run.end(exit, "");
        } catch (NotRecordedException e) {
          throw failure(e);
        }
      }

      @Override
      public void close() throws IOException {
        run.close();
      }
    };
  }
}
