package io.revfs.command.experiment.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.command.Invocation;
import io.revfs.reach.Passages;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceStore;
import io.revfs.trace.run.TracedRun;
import io.revfs.trace.run.TracedRuns;
import io.revfs.workingcopy.UnmountedCopies;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Shows data in the work trees of experiments to the stages that run in them, which are recorded:
 * bytes come when they are read. Only for callers that are the daemon's own user, where the system
 * allows mount name spaces. Thread-safe.
 */
public final class LazyViews {
  private static final String OWNER = "unix:uid";

  private final UnmountedCopies copies;
  private final TracedRuns runs;

  /** Whether it was tried, and went well. */
  private volatile boolean possible;

  public LazyViews(UnmountedCopies copies, TracedRuns runs) {
    this.copies = copies;
    this.runs = runs;
  }

  /**
   * Shows what a work tree lacks, until what is returned is closed; empty, and the caller knows
   * why, if that cannot be.
   *
   * @param view the work tree's top, where this process reaches it
   * @param of the working copy that it is made beside
   * @param own a directory of the work tree that its commands do not touch
   */
  Optional<Closeable> show(Invocation call, Path view, Path of, Path own) throws IOException {
    if (!isOwner(call)) {
      return refused(call, "only the daemon's own user is shown data in a view");
    }
    Closeable shown = copies.open(view, of, own.resolve("revfs-hidden"));
    Optional<String> refusal;
    try {
      refusal = possible ? Optional.empty() : refusal(call, view);
    } catch (IOException | RuntimeException e) {
      shown.close();
      throw e;
    }
    if (refusal.isPresent()) {
      shown.close();
      return refused(call, refusal.get());
    }
    possible = true;
    return Optional.of(shown);
  }

  private static Optional<Closeable> refused(Invocation call, String why) {
    call.warn(linked(why));
    return Optional.empty();
  }

  /** Returns the line that says why data is not shown. */
  static String linked(String why) {
    return "WARNING: data is linked to the cache, as far as it is there: " + why;
  }

  private static boolean isOwner(Invocation call) {
    long caller = call.number("caller-pid").orElse(0);
    try {
      return caller > 0
          && Files.getAttribute(Path.of("/proc", Long.toString(caller)), OWNER)
              .equals(Files.getAttribute(Path.of("/proc/self"), OWNER));
    } catch (IOException | UnsupportedOperationException e) {
      return false; // it has gone, or there is no /proc
    }
  }

  /** Lets the caller run a command that does nothing; returns why that cannot be, if so. */
  private Optional<String> refusal(Invocation call, Path view) throws IOException {
    List<String> nothing = List.of("true");
    Path shown = Passages.shown(view);
    try (TracedRun run = runs.begin(new TracedRuns.Wanted(shown, "", nothing, ""))) {
      JsonNode exit =
          call.request(
              "launch",
              Map.of(
                  "launcher",
                  run.launcher(),
                  "command",
                  nothing,
                  "directory",
                  shown.toString(),
                  "quiet",
                  true));
      return exit.isNumber() && exit.asInt() == 0
          ? Optional.empty()
          : Optional.of("a mount name space of its own fails");
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Returns what was recorded of runs, as far as it is known still. */
  List<Trace> traces(List<String> ids) throws IOException {
    TraceStore store = runs.store();
    List<Trace> traces = new ArrayList<>();
    for (String id : ids) {
      store.get(id).ifPresent(traces::add);
    }
    return traces;
  }
}
