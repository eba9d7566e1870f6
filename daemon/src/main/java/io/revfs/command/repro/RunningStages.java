package io.revfs.command.repro;

import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.stage.Stage;
import io.revfs.stage.StageId;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The stages of one call that run at the same time, each on a thread of its own, which has the turn
 * of the hold except while its command runs. For the one thread that starts them.
 */
final class RunningStages {
  private final Session session;
  private final ProjectHold hold;
  private final StageRun runs;
  private final Map<StageId, Running> running = new LinkedHashMap<>();
  private final LinkedBlockingQueue<Ended> ended = new LinkedBlockingQueue<>();

  /** A stage that runs on a thread of its own. */
  private record Running(
      Stage stage, Thread thread, StagePaths paths, CompletableFuture<Boolean> success) {}

  /** A stage that does not run any more, and what it failed with. */
  record Ended(Stage stage, boolean force, Optional<IOException> failure) {}

  RunningStages(Session session, ProjectHold hold, StageRun runs) {
    this.session = session;
    this.hold = hold;
    this.runs = runs;
  }

  boolean isEmpty() {
    return running.isEmpty();
  }

  int size() {
    return running.size();
  }

  /** Returns which run. */
  Set<StageId> ids() {
    return running.keySet();
  }

  /**
   * Returns whether nothing that runs is in the way of a stage.
   *
   * @param made what it waits for anyway
   */
  boolean isFree(Stage stage, List<Path> made) {
    if (running.isEmpty()) {
      return true;
    }
    StagePaths paths = paths(stage).without(made);
    return running.values().stream().noneMatch(one -> one.paths().isInTheWayOf(paths));
  }

  private StagePaths paths(Stage stage) {
    return StagePaths.of(stage, session.project().root());
  }

  /** Runs a stage on the caller's thread. */
  Ended runHere(Stage stage, StageRun.Options options) throws InterruptedIOException {
    return runHere(stage, options, Upstream.NONE);
  }

  private Ended runHere(Stage stage, StageRun.Options options, Upstream upstream)
      throws InterruptedIOException {
    Invocation.checkInterrupted();
    try {
      runs.run(stage, options, upstream);
      return new Ended(stage, options.force(), Optional.empty());
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      return new Ended(stage, options.force(), Optional.of(e));
    }
  }

  /** Lets a stage run; {@link #await} tells when it has ended. */
  void start(Stage stage, StageRun.Options options, Upstream upstream) {
    CompletableFuture<Boolean> success = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual()
            .name("stage " + stage.id())
            .unstarted(
                () -> {
                  Ended result;
                  try (Closeable turn = hold.enter()) {
                    result = runHere(stage, options, upstream);
                  } catch (IOException e) {
                    result = new Ended(stage, options.force(), Optional.of(e));
                  } catch (RuntimeException | Error e) {
                    result = new Ended(stage, options.force(), Optional.of(new IOException(e)));
                  }
                  success.complete(result.failure().isEmpty());
                  ended.add(result);
                });
    running.put(stage.id(), new Running(stage, thread, paths(stage), success));
    thread.start();
  }

  /** Waits for the next one to end. */
  Ended await() throws IOException {
    Ended next;
    try (Closeable free = hold.pause()) {
      next = ended.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    running.remove(next.stage().id());
    return next;
  }

  /** Interrupts all, and waits until they have given back what they locked. */
  void stop() throws IOException {
    if (running.isEmpty()) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    running.values().forEach(one -> one.thread().interrupt());
    try (Closeable free = hold.pause()) {
      for (Running one : running.values()) {
        one.thread().join();
      }
    } catch (InterruptedException e) {
      interrupted = true; // a second time: nobody waits for what is left
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Returns those among the stages that run which another needs. */
  Upstream upstream(List<Stage> needed) {
    List<Running> still =
        needed.stream().map(Stage::id).filter(running::containsKey).map(this::running).toList();
    List<String> names =
        still.stream().map(one -> one.stage().id().addressing(session.from())).toList();
    List<Path> writes = still.stream().flatMap(one -> one.paths().writes().stream()).toList();
    return new Upstream() {
      @Override
      public List<String> names() {
        return names;
      }

      @Override
      public List<Path> writes() {
        return writes;
      }

      @Override
      public void await() throws IOException {
        for (int i = 0; i < still.size(); i++) {
          if (!succeeded(still.get(i))) {
            throw new Upstream.FailedException(names.get(i));
          }
        }
      }
    };
  }

  private Running running(StageId id) {
    return java.util.Objects.requireNonNull(running.get(id));
  }

  private static boolean succeeded(Running stage) throws IOException {
    try {
      return stage.success().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
  }
}
