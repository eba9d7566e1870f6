package io.revfs.cli.caller;

import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;

/** What is to be ended before this process ends, whatever ends it. Thread-safe. */
public final class Endings {
  private static final Deque<Runnable> ALL = new ConcurrentLinkedDeque<>();

  private Endings() {}

  /** Adds something; it is run by Ctrl-C and the like, unless it is taken out before. */
  public static void add(Runnable ending) {
    ALL.push(ending);
  }

  public static void remove(Runnable ending) {
    boolean unused = ALL.remove(ending);
  }

  /** Ends all, the youngest first. */
  public static void run() {
    ALL.forEach(Runnable::run);
  }
}
