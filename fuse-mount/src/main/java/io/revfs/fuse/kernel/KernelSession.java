package io.revfs.fuse.kernel;

import io.revfs.fuse.Errno;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountOptions;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.MountedPlace;
import io.revfs.fuse.SlowAnswerException;
import io.revfs.fuse.WritableTree;
import io.revfs.fuse.device.FuseDevice;
import io.revfs.fuse.device.NativeCalls;
import io.revfs.fuse.device.UnavailableException;
import io.revfs.fuse.kernel.turn.Turns;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session that speaks with the kernel itself. A few threads read requests, each from its own
 * descriptor, and answer what is quick; what has to wait goes on in a virtual thread, so that slow
 * answers delay nobody. Thread-safe.
 */
public final class KernelSession implements FuseSession {
  private static final Logger log = LoggerFactory.getLogger(KernelSession.class);
  private static final int LEAST_THREADS = 4;
  private static final int MOST_THREADS = 16;
  private static final int CLOSE_WAIT_SECONDS = 5;
  private static final int IDLE_SECONDS = 5;
  private static final int ENOENT = 2;
  private static final int EINTR = 4;
  private static final int EAGAIN = 11;
  private static final int ENODEV = 19;

  /** Answers of reads that waited, in memory at once; more wait until there is room. */
  private static final int SLOW_ANSWERS = 16;

  private final Path mountPoint;
  private final FileTree tree;
  private final FuseDevice device;
  private final Notifier notifier;
  private final Negotiation agreed;
  private final NodeFiles files;
  private final OpenNodes open;
  private final PassthroughFiles passthrough;
  private final Requests requests;
  private final AtomicInteger threads = new AtomicInteger();
  private final Turns turns;
  private final ConcurrentHashMap<Long, Waiting> slow = new ConcurrentHashMap<>();
  private final Semaphore slowAnswers = new Semaphore(SLOW_ANSWERS);
  private final Set<String> warned = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  /** Null where the mount is in a name space of its own, which ends it. */
  private final @Nullable MountedPlace mounted;

  private KernelSession(
      Path mountPoint,
      FileTree tree,
      FuseDevice device,
      Negotiation agreed,
      OpenNodes open,
      boolean elsewhere)
      throws IOException {
    this.mountPoint = mountPoint;
    this.mounted = elsewhere ? null : MountedPlace.at(mountPoint);
    this.tree = tree;
    this.device = device;
    this.notifier = new Notifier(device, mountPoint);
    this.agreed = agreed;
    this.files = new NodeFiles(tree, agreed.pageCache());
    this.open = open;
    this.passthrough = new PassthroughFiles(device, open, agreed.has(Negotiation.PASSTHROUGH));
    this.turns =
        new Turns(tree instanceof WritableTree && Runtime.getRuntime().availableProcessors() > 1);
    AttributeLifetimes lifetimes =
        new AttributeLifetimes(tree, open, !agreed.seesStores(), notifier::attributes);
    this.requests =
        new Requests(tree, agreed, files, passthrough, lifetimes, id("unix:uid"), id("unix:gid"));
  }

  private static int id(String attribute) throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), attribute);
  }

  /**
   * Mounts; when this returns the mount answers.
   *
   * @throws UnavailableException where this process may not, or this kernel cannot
   */
  public static KernelSession mount(FileTree tree, Path mountPoint, MountOptions options)
      throws IOException {
    boolean readOnly = !(tree instanceof WritableTree);
    FuseDevice first = FuseDevice.mount(mountPoint, options, readOnly);
    try {
      Negotiation agreed =
          negotiate(
              first,
              options.serve() == MountOptions.Serve.PASSTHROUGH && id("unix:uid") == 0,
              tree instanceof WritableTree);
      FuseDevice device = first.withClones(threadCount());
      KernelSession session =
          new KernelSession(
              mountPoint, tree, device, agreed, OpenNodes.fresh(options.openFiles()), false);
      session.start();
      return session;
    } catch (IOException | RuntimeException e) {
      first.close();
      MountTable.detach(mountPoint);
      throw e;
    }
  }

  /** As {@link io.revfs.fuse.serve.FuseMounts#adopt}. */
  public static KernelSession adopt(
      FileTree tree,
      Path mountPoint,
      int pid,
      int number,
      @Nullable Path openFiles,
      Consumer<FuseSession> beforeAnswers)
      throws IOException {
    FuseDevice first = FuseDevice.of(pid, number);
    try {
      Negotiation agreed = negotiate(first, true, tree instanceof WritableTree);
      FuseDevice device = first.withClones(threadCount());
      KernelSession session =
          new KernelSession(mountPoint, tree, device, agreed, OpenNodes.fresh(openFiles), true);
      beforeAnswers.accept(session);
      session.start();
      return session;
    } catch (IOException | RuntimeException e) {
      first.close();
      throw e;
    }
  }

  /** As {@link io.revfs.fuse.serve.FuseMounts#resume}. */
  public static KernelSession resume(
      FileTree tree, Path mountPoint, Survival survival, Path openFiles) throws IOException {
    KernelSession session =
        new KernelSession(
            mountPoint,
            tree,
            FuseDevice.inherited(survival.descriptors()),
            Negotiation.of(survival.state()),
            OpenNodes.restored(openFiles),
            false);
    session.start();
    session.notifier.resend();
    return session;
  }

  @Override
  public Optional<Survival> survival() {
    return agreed.has(Negotiation.HAS_RESEND)
        ? Optional.of(new Survival(agreed.state(), device.descriptors()))
        : Optional.empty();
  }

  private static int threadCount() {
    return Math.clamp(Runtime.getRuntime().availableProcessors(), LEAST_THREADS, MOST_THREADS);
  }

  /** The kernel's first request. */
  private static Negotiation negotiate(FuseDevice device, boolean passthrough, boolean writable)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment in = arena.allocate(Exchange.REQUEST_BYTES, 8);
      MemorySegment out = arena.allocate(Wire.OutHeader.BYTES + Wire.InitOut.BYTES, 8);
      int n = NativeCalls.read(device.first(), in);
      if (n < Wire.InHeader.BYTES + Wire.InitIn.OLD_BYTES
          || Wire.getInt(in, Wire.InHeader.OPCODE) != Opcode.INIT) {
        throw new IOException("the kernel did not begin with INIT (" + n + ")");
      }
      Negotiation agreed =
          Negotiation.of(
              in.asSlice(Wire.InHeader.BYTES, n - Wire.InHeader.BYTES), passthrough, writable);
      int length = Wire.OutHeader.BYTES + agreed.put(out, Wire.OutHeader.BYTES);
      Wire.putInt(out, Wire.OutHeader.LEN, length);
      Wire.putInt(out, Wire.OutHeader.ERROR, 0);
      Wire.putLong(out, Wire.OutHeader.UNIQUE, Wire.getLong(in, Wire.InHeader.UNIQUE));
      int answer = NativeCalls.write(device.first(), out, length);
      if (answer < 0) {
        throw new IOException("the kernel refuses our INIT (error " + -answer + ")");
      }
      return agreed;
    } catch (Negotiation.UnsupportedKernelException e) {
      throw new UnavailableException(String.valueOf(e.getMessage()));
    }
  }

  private void start() {
    threads.set(device.descriptors().size());
    for (int i = 0; i < device.descriptors().size(); i++) {
      int fd = device.descriptors().get(i);
      new Notifier.ServingThread("fuse " + mountPoint + " " + (i + 1), () -> serve(fd)).start();
    }
    Thread.ofVirtual().name("idle files " + mountPoint).start(this::keepClosingIdleFiles);
  }

  private void keepClosingIdleFiles() {
    while (!ended.isDone()) {
      try {
        Thread.sleep(TimeUnit.SECONDS.toMillis(IDLE_SECONDS));
      } catch (InterruptedException e) {
        return;
      }
      files.closeIdle(TimeUnit.SECONDS.toNanos(IDLE_SECONDS));
    }
  }

  /** The loop of one thread. Nothing that a request does ends it; the end of the mount does. */
  private void serve(int fd) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment in =
          arena.allocate(
              Math.max(
                  Exchange.REQUEST_BYTES,
                  Exchange.WRITE_HEADER_BYTES + (long) agreed.mostWriteBytes()),
              8);
      FastExchange x = new FastExchange(arena, agreed.mostReadBytes());
      Turns.Turn turn = turns.join(fd);
      while (true) {
        turn.await();
        int n = NativeCalls.read(fd, in);
        if (n >= 0) {
          turn.began(isSlow(in, n), caller(in, n));
          serve(fd, x, in, n);
        } else if (n != -EINTR && n != -EAGAIN && n != -ENOENT) {
          if (n != -ENODEV) {
            log.warn("{}: reading requests failed (error {})", mountPoint, -n);
          }
          return;
        }
      }
    } finally {
      turns.end();
      if (threads.decrementAndGet() == 0) {
        end();
      }
    }
  }

  private static int caller(MemorySegment in, int bytes) {
    return bytes < Wire.InHeader.BYTES ? 0 : Wire.getInt(in, Wire.InHeader.PID);
  }

  /** Returns whether a request moves bytes: others are not to wait for it. */
  private static boolean isSlow(MemorySegment in, int bytes) {
    if (bytes < Wire.InHeader.BYTES) {
      return false;
    }
    return switch (Wire.getInt(in, Wire.InHeader.OPCODE)) {
      case Opcode.READ,
          Opcode.WRITE,
          Opcode.FSYNC,
          Opcode.FSYNCDIR,
          Opcode.FALLOCATE,
          Opcode.COPY_FILE_RANGE ->
          true;
      default -> false;
    };
  }

  /** One request. Whatever goes wrong in it, the loop goes on: others wait for it. */
  private void serve(int fd, FastExchange x, MemorySegment in, int bytes) {
    if (bytes < Wire.InHeader.BYTES) {
      log.warn("{}: a request of {} bytes is left out", mountPoint, bytes);
      return; // it does not even say whom to answer
    }
    try {
      x.begin(in, bytes, false);
      handle(fd, x);
      requests.prepareNext(x);
    } catch (Throwable t) { // out of memory, say: the next request may do with less
      if (warned.add(t.toString())) {
        log.error("{}: request {} failed", mountPoint, x.opcode(), t);
      }
    }
  }

  private void end() {
    notifier.end();
    try {
      slow.values().forEach(Waiting::giveUp);
      files.closeAll();
      requests.close();
      open.close();
      tree.forgetAll();
      ended.complete(null);
    } catch (IOException | RuntimeException | Error e) {
      ended.completeExceptionally(e);
    } finally {
      device.close(); // last: who was told of the end has forgotten these numbers by now
    }
  }

  /** Answers a request, or hands it to a virtual thread. */
  private void handle(int fd, Exchange x) {
    if (x.opcode() == Opcode.INTERRUPT) {
      interrupt(fd, x);
      return;
    }
    int length;
    int error = 0;
    try {
      if (Wire.getInt(x.request(), Wire.InHeader.LEN) != x.requestBytes()) {
        throw new FuseException(Errno.EIO, "a request of wrong length");
      }
      length = requests.answer(x);
    } catch (SlowAnswerException e) {
      handOver(fd, x);
      return;
    } catch (FuseException e) {
      length = 0;
      error = -e.errno().number();
      report(x, e);
    } catch (Throwable t) {
      length = 0;
      error = -Errno.EIO.number();
      if (warned.add(x.opcode() + t.toString())) {
        log.error("{}: request {} of node {} failed", mountPoint, x.opcode(), x.node(), t);
      }
    }
    if (length == Requests.NO_ANSWER || isWithoutAnswer(x.opcode())) {
      return;
    }
    int answer = reply(fd, x, length, error);
    if (answer == -ENOENT && error == 0) {
      requests.openAbandoned(x);
    }
    Runnable work = x.afterAnswer();
    if (work != null) {
      turns.afterwards(work);
    }
  }

  private static boolean isWithoutAnswer(int opcode) {
    return opcode == Opcode.FORGET || opcode == Opcode.BATCH_FORGET;
  }

  private void report(Exchange x, FuseException e) {
    if (e.getCause() == null) {
      if (log.isDebugEnabled()) {
        log.debug("{}: request {}: {}", mountPoint, x.opcode(), e.getMessage());
      }
    } else if (warned.add(x.opcode() + e.getCause().toString())) {
      log.warn("{}: {}", mountPoint, e.getMessage());
    }
  }

  private static int reply(int fd, Exchange x, int length, int error) {
    MemorySegment out = x.body(0);
    Wire.putInt(out, Wire.OutHeader.LEN, Wire.OutHeader.BYTES + length);
    Wire.putInt(out, Wire.OutHeader.ERROR, error);
    Wire.putLong(out, Wire.OutHeader.UNIQUE, x.unique());
    return NativeCalls.write(fd, out, Wire.OutHeader.BYTES + (long) length);
  }

  private void handOver(int fd, Exchange x) {
    byte[] copy = new byte[x.requestBytes()];
    MemorySegment.copy(x.request(), ValueLayout.JAVA_BYTE, 0, copy, 0, copy.length);
    long unique = x.unique();
    Waiting waiting = new Waiting();
    slow.put(unique, waiting); // before it waits, so that it can be given up at any time
    Thread.ofVirtual()
        .start(
            () -> {
              try (SlowExchange later = new SlowExchange(slowAnswers, waiting)) {
                later.begin(MemorySegment.ofArray(copy), copy.length, true);
                handle(fd, later);
              } finally {
                slow.remove(unique);
              }
            });
  }

  /** Who asked does not wait any longer. What is quick is about to be answered anyway. */
  private void interrupt(int fd, Exchange x) {
    if (x.bodyBytes() < Wire.InterruptIn.BYTES) {
      return;
    }
    Waiting waiting = slow.get(x.longAt(Wire.InterruptIn.UNIQUE));
    if (waiting != null) {
      waiting.giveUp();
    } else {
      reply(fd, x, 0, -EAGAIN); // the kernel asks again if the request is still there
    }
  }

  @Override
  public Path mountPoint() {
    return mountPoint;
  }

  @Override
  public String backend() {
    return agreed.pageCache()
        ? "kernel, page-cache"
        : passthrough.isAllowed() ? "kernel, passthrough" : "kernel, served";
  }

  @Override
  public void closeIdleFiles() {
    files.closeIdle(0);
  }

  @Override
  public CompletionStage<Void> ended() {
    return ended.copy();
  }

  @Override
  public void invalidateEntry(long parent, String name) {
    notifier.entry(parent, name);
  }

  @Override
  public void invalidateInode(long node) {
    notifier.inode(node);
  }

  @Override
  public void unmount(boolean lazy) throws IOException {
    if (mounted == null) {
      return; // what is there in this name space is another's
    }
    notifier.hold();
    try {
      if (mounted.unmount(lazy)) {
        notifier.end();
      }
    } finally {
      notifier.release();
    }
  }

  @Override
  public void close() throws IOException {
    if (mounted == null) {
      return; // its name space ends with its last process, and so does this
    }
    unmount(true);
    try {
      ended.get(CLOSE_WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      log.info("{} is detached; its open files are served until they are closed", mountPoint);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IOException("serving " + mountPoint + " ended badly: " + e.getCause(), e);
    }
  }
}
