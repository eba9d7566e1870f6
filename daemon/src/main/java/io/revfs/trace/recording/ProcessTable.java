package io.revfs.trace.recording;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.FileNames;
import io.revfs.trace.TracedProcess;
import io.revfs.trace.journal.RunEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * The processes of one run, as /proc tells of them (proc(5)) while they use files. Thread-safe.
 *
 * <p>A process is looked at when it is heard of first, and again when that has doubled: it may have
 * executed another program since, which happens early in its life if at all.
 */
final class ProcessTable {
  /** What may have been a parent, and was gone when it was asked for. */
  private static final int MOST_ANCESTORS = 64;

  private final LongSupplier millis;
  private final RunEvents events;
  private final Map<Integer, Caller> threads = new ConcurrentHashMap<>();

  @GuardedBy("this")
  private final Map<Integer, TracedProcess> processes = new LinkedHashMap<>();

  private volatile int root;

  /** A thread that asks, and the process it belongs to. */
  private static final class Caller {
    final int process;
    int heard; // races only make it look once more or less

    Caller(int process) {
      this.process = process;
    }
  }

  /** {@code events}: is told of what is known of each process. */
  ProcessTable(LongSupplier millis, RunEvents events) {
    this.millis = millis;
    this.events = events;
  }

  /** Says which process was the run's first, of which all is told anyway. */
  void startedAs(int pid) {
    root = pid;
  }

  /** Takes what another process knew. */
  synchronized void known(TracedProcess process) {
    processes.put(process.pid(), process);
  }

  /**
   * A process did something a moment ago, and may be gone.
   *
   * @return its id; 0 if nothing is known of it
   */
  int heardOf(int process) {
    if (!threads.containsKey(process) && words(process).isEmpty()) {
      synchronized (this) {
        return processes.containsKey(process) ? process : 0;
      }
    }
    return heard(process);
  }

  /** Says which process is the run's first. */
  void root(int pid) {
    root = pid;
    look(pid);
  }

  /**
   * A thread did something.
   *
   * @return the process's id
   */
  int heard(int thread) {
    Caller caller = threads.get(thread);
    if (caller == null) {
      int process = processOf(thread);
      caller = new Caller(process);
      threads.put(thread, caller);
      look(process);
    } else {
      int heard = ++caller.heard;
      if ((heard & (heard - 1)) == 0) {
        look(caller.process);
      }
    }
    return caller.process;
  }

  private static int processOf(int thread) {
    try {
      for (String line : Files.readAllLines(proc(thread, "status"))) {
        if (line.startsWith("Tgid:")) {
          return Integer.parseInt(line.substring(5).strip());
        }
      }
    } catch (IOException | NumberFormatException e) {
      return thread; // gone already: who asks for others, as a kernel thread, say
    }
    return thread;
  }

  private static Path proc(int pid, String name) {
    return Path.of("/proc", Integer.toString(pid), name);
  }

  private void look(int pid) {
    int at = pid;
    for (int i = 0; i < MOST_ANCESTORS && at > 1; i++) {
      int parent = lookOne(at);
      if (at == root || parent <= 1) {
        return;
      }
      synchronized (this) {
        if (processes.containsKey(parent)) {
          return;
        }
      }
      at = parent;
    }
  }

  /** Returns the parent; 0 if it is not known. */
  private int lookOne(int pid) {
    List<String> words = words(pid);
    String executable = executable(pid);
    int parent = pid == root ? 0 : parent(pid);
    synchronized (this) {
      TracedProcess known =
          processes.getOrDefault(pid, new TracedProcess(pid, 0, List.of(), "", millis.getAsLong()));
      TracedProcess now =
          new TracedProcess(
              pid,
              known.parent() == 0 ? parent : known.parent(), // one that ends gives its children on
              words.isEmpty() ? known.command() : words,
              executable.isEmpty() ? known.executable() : executable,
              known.firstMillis());
      if (!now.equals(processes.put(pid, now))) {
        events.process(now);
      }
    }
    return parent;
  }

  private static List<String> words(int pid) {
    try {
      String line = FileNames.decode(Files.readAllBytes(proc(pid, "cmdline")));
      return line.isEmpty()
          ? List.of()
          : new ArrayList<>(Arrays.asList(line.substring(0, line.length() - 1).split("\0", -1)));
    } catch (IOException e) {
      return List.of();
    }
  }

  private static String executable(int pid) {
    try {
      return Files.readSymbolicLink(proc(pid, "exe")).toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static int parent(int pid) {
    try {
      String stat = FileNames.decode(Files.readAllBytes(proc(pid, "stat")));
      // The name, in parentheses, may have anything in it.
      String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return Integer.parseInt(words[1]);
    } catch (IOException | RuntimeException e) {
      return 0;
    }
  }

  /** Returns all, the first one with this command. */
  synchronized List<TracedProcess> all(List<String> command) {
    List<TracedProcess> all = new ArrayList<>();
    for (TracedProcess process : processes.values()) {
      boolean first = process.pid() == root;
      all.add(
          first
              ? new TracedProcess(
                  process.pid(), 0, command, process.executable(), process.firstMillis())
              : process);
    }
    return all;
  }
}
