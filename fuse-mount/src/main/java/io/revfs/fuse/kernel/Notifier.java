package io.revfs.fuse.kernel;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.device.FuseDevice;
import io.revfs.fuse.device.NativeCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the kernel, unasked, that what it keeps is so no more. A notification may wait in the
 * kernel for requests to be answered, so a {@link ServingThread} cannot send any. Thread-safe.
 */
final class Notifier {
  private static final Logger log = LoggerFactory.getLogger(Notifier.class);
  private static final int ENOENT = 2;
  private static final int ENODEV = 19;
  private static final int NOTIFICATION_BYTES = 512;
  private static final ExecutorService NOTIFYING =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("notify-", 0).factory());

  private final FuseDevice device;
  private final Path mountPoint;

  /** A thread that serves requests, and so must not notify, whatever session it is of. */
  static final class ServingThread extends Thread {
    ServingThread(String name, Runnable serving) {
      super(serving, name);
      setDaemon(true);
    }
  }

  /** How many are taking the mount away: the kernel may wait for us then. */
  @GuardedBy("this")
  private int held;

  /** Set once it was taken away. */
  @GuardedBy("this")
  private boolean ended;

  /** What was to be said meanwhile. */
  @GuardedBy("this")
  private final List<Runnable> unsaid = new ArrayList<>();

  Notifier(FuseDevice device, Path mountPoint) {
    this.device = device;
    this.mountPoint = mountPoint;
  }

  /** Sends nothing until {@link #release}, or ever if {@link #end} comes. */
  synchronized void hold() {
    held++;
  }

  /** The mount stays: says what was not said. */
  void release() {
    List<Runnable> late;
    synchronized (this) {
      if (--held > 0) {
        return;
      }
      late = List.copyOf(unsaid);
      unsaid.clear();
    }
    late.forEach(Runnable::run);
  }

  /** The mount was taken away: nothing is said any more. */
  synchronized void end() {
    ended = true;
    unsaid.clear();
  }

  /** Returns how much waits for {@link #release}. */
  synchronized int unsaid() {
    return unsaid.size();
  }

  private synchronized boolean isSilent() {
    return held > 0 || ended;
  }

  /** What the process before had read and not answered is to be sent again. */
  void resend() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(Wire.OutHeader.BYTES, 8);
      Wire.putInt(out, Wire.OutHeader.LEN, Wire.OutHeader.BYTES);
      Wire.putInt(out, Wire.OutHeader.ERROR, Wire.Notify.RESEND);
      int answer = NativeCalls.write(device.first(), out, Wire.OutHeader.BYTES);
      if (answer < 0 && answer != -ENODEV) { // ENODEV: unmounted meanwhile
        throw new IOException("the kernel does not send again (error " + -answer + ")");
      }
    }
  }

  /** A name leads to something else, or nowhere. */
  void entry(long parent, String name) {
    byte[] bytes = FileNames.encode(name);
    sendApart(
        Wire.Notify.INVAL_ENTRY,
        out -> Wire.putInvalEntry(out, Wire.OutHeader.BYTES, parent, bytes));
  }

  /**
   * A node has other attributes, and the bytes that it had.
   *
   * @return false if that is said later, or never, as the mount is being taken away
   */
  @CanIgnoreReturnValue
  boolean attributes(long node) {
    return sendApart(
        Wire.Notify.INVAL_INODE, out -> Wire.putInvalAttributes(out, Wire.OutHeader.BYTES, node));
  }

  /** A node has other attributes and bytes, or names. */
  void inode(long node) {
    sendApart(Wire.Notify.INVAL_INODE, out -> Wire.putInvalInode(out, Wire.OutHeader.BYTES, node));
  }

  /**
   * A virtual thread that waits in the kernel would keep what carries it, and those that answer
   * slowly have the same few to be carried by.
   */
  @CanIgnoreReturnValue
  private boolean sendApart(int code, ToIntFunction<MemorySegment> content) {
    if (Thread.currentThread() instanceof ServingThread) {
      throw new IllegalStateException("notification " + code + " from a thread that serves");
    }
    while (!sendOnce(code, content)) {
      synchronized (this) {
        if (isSilent()) {
          if (!ended) {
            unsaid.add(() -> sendApart(code, content));
          }
          return false;
        }
      }
    }
    return true;
  }

  private boolean sendOnce(int code, ToIntFunction<MemorySegment> content) {
    return Thread.currentThread().isVirtual()
        ? CompletableFuture.supplyAsync(() -> send(code, content), NOTIFYING).join()
        : send(code, content);
  }

  /**
   * {@code content} is put behind the header; returns its length.
   *
   * @return false if the mount is being taken away: nothing is said then
   */
  private boolean send(int code, ToIntFunction<MemorySegment> content) {
    if (isSilent()) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(NOTIFICATION_BYTES, 8);
      int length = Wire.OutHeader.BYTES + content.applyAsInt(out);
      Wire.putInt(out, Wire.OutHeader.LEN, length);
      Wire.putInt(out, Wire.OutHeader.ERROR, code);
      int answer = NativeCalls.write(device.first(), out, length);
      if (answer < 0 && answer != -ENOENT) { // ENOENT: the kernel did not know it anyway
        log.debug("{}: notification {} failed (error {})", mountPoint, code, -answer);
      }
    }
    return true;
  }
}
