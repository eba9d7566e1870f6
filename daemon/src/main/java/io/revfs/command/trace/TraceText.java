package io.revfs.command.trace;

import io.revfs.object.Digest;
import io.revfs.trace.CommandLines;
import io.revfs.trace.Deed;
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
    section(lines, trace, "executed", path -> path.has(Deed.EXECUTED), TracedPath::before);
    section(
        lines, trace, "read", path -> path.has(Deed.READ) && path.isInput(), TracedPath::before);
    section(lines, trace, "listed", path -> path.has(Deed.LISTED), TracedPath::listing);
    section(lines, trace, "looked for in vain", path -> path.has(Deed.ABSENT), TraceText::none);
    section(lines, trace, "created", path -> path.has(Deed.CREATED), TracedPath::after);
    section(
        lines,
        trace,
        "written",
        path -> path.isOutput() && !path.has(Deed.CREATED),
        TracedPath::after);
    section(lines, trace, "deleted", path -> path.has(Deed.DELETED), TraceText::none);
    if (statted) {
      section(lines, trace, "only looked at", path -> path.has(Deed.STATTED), TraceText::none);
    }
    return lines;
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
      Trace trace,
      String title,
      Predicate<TracedPath> wanted,
      Function<TracedPath, Optional<Digest>> digest) {
    List<String> found = new ArrayList<>();
    for (List<TracedPath> part : List.of(trace.paths(), trace.outside())) {
      for (TracedPath path : part) {
        if (wanted.test(path)) {
          String content = digest.apply(path).map(each -> "  " + each).orElse("");
          String from = path.from().isEmpty() ? "" : "  from " + path.from();
          found.add("  " + (path.path().isEmpty() ? "." : path.path()) + content + from);
        }
      }
    }
    if (!found.isEmpty()) {
      lines.add(title);
      lines.addAll(found);
    }
  }
}
