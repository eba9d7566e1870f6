package io.revfs.command.experiment.live;

import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.command.experiment.session.WorkspaceRun;
import io.revfs.experiment.queue.Task;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Looks again and again at what runs in a project, and tells what is new: a step, the machine's
 * load, the end of a run. Whatever is in the work tree counts as a run too, since a script needs
 * nobody to start it. For one thread.
 */
public final class LiveWatch {
  private static final long LOOK_MILLISECONDS = 250;
  private static final long LOAD_NANOSECONDS = 2_000_000_000L;
  private static final String WORKSPACE = "workspace";

  private final ExperimentSession session;
  private final SystemLoad load;
  private final Map<Path, LiveState> known = new LinkedHashMap<>();
  private Map<String, Path> running = new LinkedHashMap<>();
  private long loadTold = System.nanoTime() - LOAD_NANOSECONDS;

  /**
   * Something new.
   *
   * @param type {@code metrics}, {@code system} or {@code ended}
   */
  public record Event(String type, Map<String, Object> data) {}

  private LiveWatch(ExperimentSession session) {
    this.session = session;
    this.load =
        new SystemLoad(
            session.project().root(), session.call().environment().getOrDefault("PATH", ""));
  }

  /** Watches the project of a session. */
  public static LiveWatch of(ExperimentSession session) {
    return new LiveWatch(session);
  }

  /** Returns whether an experiment runs, as it was at the last look. */
  public boolean isRunning() {
    return running.keySet().stream().anyMatch(name -> !name.equals(WORKSPACE));
  }

  /** Looks once. */
  public List<Event> look() throws IOException {
    List<Event> events = new ArrayList<>();
    Map<String, Path> now = runs();
    for (Map.Entry<String, Path> run : now.entrySet()) {
      look(run.getKey(), run.getValue(), events);
    }
    for (String before : running.keySet()) {
      if (!now.containsKey(before) && !before.equals(WORKSPACE)) {
        events.add(new Event("ended", Map.of("experiment", before)));
      }
    }
    running = now;
    if (System.nanoTime() - loadTold >= LOAD_NANOSECONDS) {
      loadTold = System.nanoTime();
      events.add(new Event("system", load.now()));
    }
    return events;
  }

  private void look(String name, Path root, List<Event> events) {
    List<Path> directories;
    try {
      directories = LiveFiles.directories(root);
    } catch (IOException | DirectoryIteratorException e) {
      return; // as below, or the run has just ended
    }
    for (Path directory : directories) {
      LiveState state;
      try {
        state = LiveFiles.read(name, root, directory);
      } catch (IOException | UncheckedIOException e) {
        continue; // it is being made, or removed
      }
      if (!state.equals(known.put(directory, state))) {
        events.add(new Event("metrics", state.json()));
      }
    }
  }

  /** The roots of the trees in which something runs, by the experiment's name. */
  private Map<String, Path> runs() throws IOException {
    Map<String, Path> runs = new LinkedHashMap<>();
    Optional<WorkspaceRun> here = WorkspaceRun.read(session.project());
    runs.put(here.map(WorkspaceRun::name).orElse(WORKSPACE), session.project().root());
    for (Task task : session.tasks().active()) {
      Optional<Path> directory = task.place();
      if (directory.isPresent()) {
        runs.put(task.name(), directory.get().resolve(session.projectInGit()));
      }
    }
    return runs;
  }

  /** Takes what is new. */
  @FunctionalInterface
  public interface Listener {
    /** Returns whether to go on. */
    boolean heard(List<Event> events) throws IOException;
  }

  /**
   * Looks until the listener has enough.
   *
   * @throws InterruptedIOException if the caller went away
   */
  public void follow(Listener listener) throws IOException {
    while (listener.heard(look())) {
      Invocation.checkInterrupted();
      try {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      }
    }
  }

  /** Returns an event as people read it; empty for what they need not. */
  public static Optional<String> text(Event event) {
    Map<String, Object> data = event.data();
    return switch (event.type()) {
      case "metrics" -> {
        StringBuilder text = new StringBuilder(String.valueOf(data.get("experiment")));
        if (data.containsKey("step")) {
          text.append("  step ").append(data.get("step"));
        }
        if (data.get("metrics") instanceof Map<?, ?> metrics) {
          metrics.forEach(
              (name, value) -> text.append("  ").append(name).append('=').append(value));
        }
        yield Optional.of(text.toString());
      }
      case "ended" -> Optional.of(data.get("experiment") + "  ended");
      default -> Optional.empty();
    };
  }
}
