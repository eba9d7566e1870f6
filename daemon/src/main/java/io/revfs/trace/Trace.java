package io.revfs.trace;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The record of one finished run. A value.
 *
 * @param id sorts by time
 * @param command its words
 * @param root the working copy, absolute
 * @param directory where it ran, from the root
 * @param commit that was checked out when it began; empty without Git, or before the first
 * @param began when it began
 * @param ended when it ended
 * @param exit its exit status; {@link #NO_EXIT} if it is not known
 * @param incomplete why something may be missing from it; empty if nothing is
 * @param processes in the order in which they were seen first
 * @param paths in the working copy, sorted
 * @param outside elsewhere, sorted: in mounts of revisions, and what was opened of other files
 * @param outsideGap why {@code outside} may lack something; empty if nothing is missing
 */
public record Trace(
    String id,
    List<String> command,
    String root,
    String directory,
    String commit,
    Instant began,
    Instant ended,
    int exit,
    String incomplete,
    List<TracedProcess> processes,
    List<TracedPath> paths,
    List<TracedPath> outside,
    String outsideGap) {
  /** In place of an exit status. */
  public static final int NO_EXIT = -1;

  /** The gap of what nobody listened to. */
  public static final String NOT_RECORDED = "not recorded";

  public Trace {
    command = List.copyOf(command);
    processes = List.copyOf(processes);
    paths = List.copyOf(paths);
    outside = List.copyOf(outside);
  }

  /** Returns whether the run ended by itself and all of it was heard. */
  public boolean isComplete() {
    return incomplete.isEmpty();
  }

  /** Returns the command as one line. */
  public String commandLine() {
    return CommandLines.join(command);
  }

  /** Returns what is told of a path from the root. */
  public Optional<TracedPath> path(String path) {
    return paths.stream().filter(each -> each.path().equals(path)).findFirst();
  }

  /** Returns what is known of it without its paths. */
  public TraceSummary summary() {
    return new TraceSummary(
        id,
        command,
        root,
        directory,
        commit,
        began,
        ended,
        exit,
        incomplete,
        Math.toIntExact(paths.stream().filter(TracedPath::isInput).count()),
        Math.toIntExact(paths.stream().filter(TracedPath::isOutput).count()));
  }
}
