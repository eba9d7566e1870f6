package io.revfs.trace;

import java.util.List;

/**
 * A process of a run. Those that touched no file of the session, and none of whose children did,
 * are not known.
 *
 * @param pid its id
 * @param parent the id of its parent; 0 for the run's first
 * @param command its words as they were when it was seen last
 * @param executable the program's file; empty if it could not be seen
 * @param firstMillis when it was seen first, in milliseconds after the run began
 */
public record TracedProcess(
    int pid, int parent, List<String> command, String executable, long firstMillis) {
  public TracedProcess {
    command = List.copyOf(command);
  }
}
