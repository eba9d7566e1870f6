package io.revfs.fuse.local;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.posix.Posix;
import io.revfs.posix.Sockets;
import java.io.Closeable;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Holds files in the queue between two sockets: whoever has these has all that waits in it. So they
 * are given to a keeper once, and what is held can change without it. Thread-safe.
 *
 * <p>A queue gives its first message only: to find one, or to take one out, all go round. Each is
 * put to the end before it is taken from the front, so a kill in between loses none; it may leave
 * one twice, or a mark, which the next process clears away.
 */
public final class QueuedFiles implements HeldFiles, Closeable {
  /** The queue has room for some 250; one that goes round and its mark need room too. */
  private static final int MOST = 128;

  private final int in;
  private final int out;

  /** What a process before this one held, by descriptors of this one. */
  @GuardedBy("this")
  private final Map<Long, Integer> inherited = new HashMap<>();

  @GuardedBy("this")
  private final Set<Long> queued = new HashSet<>();

  /** Nodes are positive, marks negative, and not those of a process before. */
  @GuardedBy("this")
  private long mark = -1 - (System.nanoTime() & Long.MAX_VALUE);

  private QueuedFiles(int in, int out) {
    this.in = in;
    this.out = out;
  }

  /** Begins with an empty queue. */
  public static QueuedFiles fresh() throws IOException {
    int[] ends = Sockets.queue();
    return new QueuedFiles(ends[0], ends[1]);
  }

  /**
   * Goes on with another process's.
   *
   * @param descriptors as {@link #descriptors} gave them there, with this process's numbers
   */
  public static QueuedFiles restored(List<Integer> descriptors) {
    QueuedFiles files = new QueuedFiles(descriptors.get(0), descriptors.get(1));
    files.inherit();
    return files;
  }

  /** Returns what the next process needs. */
  public List<Integer> descriptors() {
    return List.of(in, out);
  }

  private synchronized void inherit() {
    Map<Long, Integer> found = new HashMap<>();
    goRound(
        message -> found.putIfAbsent(message.number(), message.descriptor()) == null,
        found.values());
    inherited.putAll(found);
    queued.addAll(found.keySet());
  }

  /** Says whether a message stays. */
  @FunctionalInterface
  private interface Stay {
    boolean of(Sockets.Message message);
  }

  /** {@code kept}: of the descriptors that arrive, those that are not to be closed. */
  @GuardedBy("this")
  private void goRound(Stay stay, Collection<Integer> kept) {
    long end = --mark;
    if (!Sockets.offer(in, end, -1)) {
      return; // no room, which is left for it; they stay held until the session ends
    }
    while (true) {
      Optional<Sockets.Message> next = Sockets.peek(out);
      if (next.isEmpty()) {
        return;
      }
      Sockets.Message message = next.get();
      if (message.number() >= 0 && message.descriptor() >= 0 && stay.of(message)) {
        boolean unused = Sockets.offer(in, message.number(), message.descriptor());
      }
      Sockets.take(out).ifPresent(taken -> close(taken.descriptor()));
      if (!kept.contains(message.descriptor())) {
        close(message.descriptor());
      }
      if (message.number() == end) {
        return;
      }
    }
  }

  private static void close(int fd) {
    if (fd >= 0) {
      int unused = Posix.close(fd);
    }
  }

  @Override
  public synchronized boolean hold(long node, int fd) {
    if (queued.contains(node)) {
      return true;
    }
    if (queued.size() >= MOST || !Sockets.offer(in, node, fd)) {
      return false;
    }
    queued.add(node);
    return true;
  }

  @Override
  public synchronized void letGo(long node) {
    if (!queued.remove(node)) {
      return;
    }
    Integer fd = inherited.remove(node);
    if (fd != null) {
      close(fd);
    }
    goRound(message -> message.number() != node, List.of());
  }

  @Override
  public synchronized OptionalInt find(long node) {
    Integer fd = inherited.get(node);
    return fd == null ? OptionalInt.empty() : OptionalInt.of(fd);
  }

  /** Holds nothing any more; of the same queue in another process nothing is taken. */
  @Override
  public synchronized void close() {
    inherited.values().forEach(QueuedFiles::close);
    inherited.clear();
    queued.clear();
    close(in);
    close(out);
  }
}
