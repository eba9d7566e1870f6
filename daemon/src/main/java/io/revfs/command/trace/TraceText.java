package io.revfs.command.trace;

import io.revfs.object.Digest;
import io.revfs.trace.CommandLines;
import io.revfs.trace.Deed;
import io.revfs.trace.OfTheSystem;
import io.revfs.trace.Trace;
import io.revfs.trace.TracedPath;
import io.revfs.trace.TracedProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Traces for people. */
final class TraceText {
  private TraceText() {}

  /** Returns an exit status, or that the run is incomplete. */
  static String exit(int exit, String incomplete) {
    return !incomplete.isEmpty() && exit == Trace.NO_EXIT ? "?" : Integer.toString(exit);
  }

  /** Returns what was done with a path. */
  static String deeds(TracedPath path) {
    return path.deeds().stream().map(Deed::word).collect(Collectors.joining(", "));
  }

  /**
   * Returns a trace as lines.
   *
   * @param statted whether to name what was only looked at
   */
  static List<String> of(Trace trace, boolean statted) {
    List<String> lines = new ArrayList<>();
    lines.add("run      " + trace.id());
    lines.add("command  " + trace.commandLine());
    lines.add(
        "in       " + trace.root() + (trace.directory().isEmpty() ? "" : "/" + trace.directory()));
    if (!trace.commit().isEmpty()) {
      lines.add("commit   " + trace.commit());
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "began    %s, took %.3f s, exit %s",
            trace.began(),
            Duration.between(trace.began(), trace.ended()).toMillis() / 1000.0,
            exit(trace.exit(), trace.incomplete())));
    if (!trace.isComplete()) {
      lines.add("INCOMPLETE: " + trace.incomplete());
    }
    if (!trace.processes().isEmpty()) {
      lines.add("processes");
      processes(lines, trace, 0, "  ");
    }
    paths(lines, trace.paths(), "");
    outside(lines, trace, statted);
    if (statted) {
      section(
          lines, trace.paths(), "only looked at", path -> path.has(Deed.STATTED), TraceText::none);
    }
    return lines;
  }

  /** {@code where}: what follows each title. */
  private static void paths(List<String> lines, List<TracedPath> paths, String where) {
    section(lines, paths, "executed" + where, path -> path.has(Deed.EXECUTED), TracedPath::before);
    section(
        lines,
        paths,
        "read" + where,
        path -> path.has(Deed.READ) && path.isInput(),
        TracedPath::before);
    section(lines, paths, "listed" + where, path -> path.has(Deed.LISTED), TracedPath::listing);
    section(
        lines, paths, "looked for in vain" + where, path -> path.has(Deed.ABSENT), TraceText::none);
    section(lines, paths, "created" + where, path -> path.has(Deed.CREATED), TracedPath::after);
    section(
        lines,
        paths,
        "written" + where,
        path -> path.isOutput() && !path.has(Deed.CREATED),
        TracedPath::after);
    section(lines, paths, "deleted" + where, path -> path.has(Deed.DELETED), TraceText::none);
  }

  /** What is not in the working copy; of the system's own files only how many, if not all. */
  private static void outside(List<String> lines, Trace trace, boolean all) {
    List<TracedPath> others =
        trace.outside().stream().filter(path -> all || !OfTheSystem.is(path.path())).toList();
    paths(lines, others, " outside");
    int left = trace.outside().size() - others.size();
    if (left > 0) {
      lines.add(left + " files of the system and its tools outside (--stat names them)");
    }
    if (!trace.outsideGap().isEmpty()) {
      lines.add("outside: " + trace.outsideGap());
    }
  }

  private static Optional<Digest> none(TracedPath path) {
    return Optional.empty();
  }

  private static void processes(List<String> lines, Trace trace, int parent, String indent) {
    for (TracedProcess process : trace.processes()) {
      if (process.parent() == parent) {
        lines.add(indent + process.pid() + " " + CommandLines.join(process.command()));
        processes(lines, trace, process.pid(), indent + "  ");
      }
    }
  }

  private static void section(
      List<String> lines,
      List<TracedPath> paths,
      String title,
      Predicate<TracedPath> wanted,
      Function<TracedPath, Optional<Digest>> digest) {
    List<String> found = new ArrayList<>();
    for (TracedPath path : paths) {
      if (wanted.test(path)) {
        String content = digest.apply(path).map(each -> "  " + each).orElse("");
        String from = path.from().isEmpty() ? "" : "  from " + path.from();
        found.add("  " + (path.path().isEmpty() ? "." : path.path()) + content + from);
      }
    }
    if (!found.isEmpty()) {
      lines.add(title);
      lines.addAll(found);
    }
  }
}
