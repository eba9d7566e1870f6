package io.revfs.trace;

import java.time.Instant;
import java.util.List;

/**
 * A {@link Trace} without its processes and paths.
 *
 * @param inputs how many files were read that the run did not make
 * @param outputs how many files it left
 */
public record TraceSummary(
    String id,
    List<String> command,
    String root,
    String directory,
    String commit,
    Instant began,
    Instant ended,
    int exit,
    String incomplete,
    int inputs,
    int outputs) {
  public TraceSummary {
    command = List.copyOf(command);
  }

  /** Returns the command as one line. */
  public String commandLine() {
    return CommandLines.join(command);
  }
}
