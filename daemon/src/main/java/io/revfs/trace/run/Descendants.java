package io.revfs.trace.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Tells which threads belong to a run by their ancestors (/proc/PID/status, proc(5)). Thread-safe.
 *
 * <p>A process whose parents have all ended before it is first asked about is not known to belong.
 */
final class Descendants {
  private static final int MOST_GENERATIONS = 256;

  private final Supplier<OptionalInt> first;
  private final Map<Integer, Boolean> known = new ConcurrentHashMap<>();
  private volatile int root;

  /** {@code first}: finds the run's first process; empty while it has not begun. */
  Descendants(Supplier<OptionalInt> first) {
    this.first = first;
  }

  /** Returns whether a thread is one of the run's. */
  boolean has(int thread) {
    if (root == 0) {
      root = first.get().orElse(0);
      if (root == 0) {
        return false;
      }
    }
    // Strangers are looked at each time: their numbers may become the run's own.
    return known.containsKey(thread) || find(thread);
  }

  private boolean find(int thread) {
    int at = thread;
    for (int i = 0; i < MOST_GENERATIONS && at > 1; i++) {
      Identity identity = identity(at);
      if (identity.process() == root || known.containsKey(identity.process())) {
        known.put(thread, true);
        known.put(identity.process(), true);
        return true;
      }
      at = identity.parent();
    }
    return false;
  }

  /** The process of a thread, and its parent; 0 if it is gone. */
  private record Identity(int process, int parent) {}

  private static Identity identity(int thread) {
    int process = 0;
    int parent = 0;
    try {
      for (String line : Files.readAllLines(Path.of("/proc", "" + thread, "status"))) {
        if (line.startsWith("Tgid:")) {
          process = Integer.parseInt(line.substring(5).strip());
        } else if (line.startsWith("PPid:")) {
          parent = Integer.parseInt(line.substring(5).strip());
          break;
        }
      }
    } catch (IOException | NumberFormatException e) {
      return new Identity(0, 0);
    }
    return new Identity(process, parent);
  }
}
