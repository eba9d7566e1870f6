package io.revfs.fuse.jnr;

import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountOptions;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.MountedPlace;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.WritableTree;
import io.revfs.fuse.device.FuseDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session of libfuse 2.9, whose loop runs on threads of this object's. */
public final class JnrFuseSession implements FuseSession {
  private static final Logger log = LoggerFactory.getLogger(JnrFuseSession.class);
  private static final long CLOSE_WAIT_SECONDS = 5;
  private static final int ARGUMENTS_BYTES = 24;

  private final Path mountPoint;
  private final MountedPlace mounted;
  private final TreeOperations operations;
  private final NativeOperations slots; // libfuse copies the struct, but the closures live here
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  private JnrFuseSession(Path mountPoint, TreeOperations operations, NativeOperations slots)
      throws IOException {
    this.mountPoint = mountPoint;
    this.mounted = MountedPlace.at(mountPoint);
    this.operations = operations;
    this.slots = slots;
  }

  /**
   * Mounts; when this returns the mount is up.
   *
   * @throws IOException saying what is missing
   */
  public static JnrFuseSession mount(FileTree tree, Path mountPoint, MountOptions options)
      throws IOException {
    LibFuse2 library;
    try {
      library = LibFuse2.load();
    } catch (UnsatisfiedLinkError e) {
      throw new IOException("libfuse 2 is not installed (apt-get install libfuse2)", e);
    }
    Runtime runtime = Runtime.getSystemRuntime();
    Path self = Path.of("/proc/self");
    int uid = (Integer) Files.getAttribute(self, "unix:uid");
    int gid = (Integer) Files.getAttribute(self, "unix:gid");
    LoopThreads threads = new LoopThreads("fuse " + mountPoint);
    Answers answers = new Answers(threads);
    Supplier<RequestContext> caller = () -> caller(library);
    TreeOperations operations = new TreeOperations(tree, uid, gid, answers, caller);
    NativeOperations slots = new NativeOperations(runtime);
    slots.useMemory(TreeOperations.allocate(runtime, Struct.size(slots)));
    operations.register(slots);
    if (tree instanceof WritableTree writable) {
      new NameOperations(writable, answers, caller).register(slots);
      new FileOperations(writable, operations, answers, caller).register(slots);
      slots.flags.set(NativeOperations.WITHOUT_PATHS);
    } else {
      ReadOnly.register(slots);
    }

    List<Pointer> keep = new ArrayList<>();
    FuseDevice device = FuseDevice.mount(mountPoint, options, !(tree instanceof WritableTree));
    Pointer fuse = session(library, runtime, device, arguments(tree, options), slots, keep);
    if (fuse == null) {
      device.close();
      MountTable.detach(mountPoint);
      throw new IOException("libfuse 2 refuses to serve " + mountPoint);
    }
    JnrFuseSession session = new JnrFuseSession(mountPoint, operations, slots);
    threads.start(() -> library.fuse_loop(fuse));
    threads.ended().whenComplete((nothing, never) -> session.end(library, fuse, keep));
    return session;
  }

  private static @Nullable Pointer session(
      LibFuse2 library,
      Runtime runtime,
      FuseDevice device,
      List<String> words,
      NativeOperations slots,
      List<Pointer> keep) {
    Pointer channel = library.fuse_kern_chan_new(device.first());
    if (channel == null) {
      return null;
    }
    // struct fuse_args: int argc, char **argv, int allocated
    Pointer arguments = Memory.allocateDirect(runtime, ARGUMENTS_BYTES, true);
    arguments.putInt(0, words.size());
    arguments.putPointer(8, argv(runtime, words, keep));
    keep.add(arguments);
    return LibFuse2.fuseNew(runtime, channel, arguments, slots);
  }

  /** {@code struct fuse_context}: a pointer, then uid, gid and pid. */
  private static RequestContext caller(LibFuse2 library) {
    Pointer context = library.fuse_get_context();
    return new RequestContext(context.getInt(8), context.getInt(12), context.getInt(16), true);
  }

  /** All threads have left the loop: the mount is gone, whoever took it. */
  private void end(LibFuse2 library, Pointer fuse, List<Pointer> keep) {
    try {
      library.fuse_destroy(fuse); // closes the device
      operations.close();
      log.debug("{} ended; {} slots, {} buffers", mountPoint, slots, keep.size());
      ended.complete(null);
    } catch (RuntimeException | Error e) {
      ended.completeExceptionally(e);
    }
  }

  /**
   * libfuse's own options. Of a tree that can be written the kernel keeps no names and attributes,
   * and reads a file anew when it is opened: libfuse's path interface has no way to make it forget.
   * What is unlinked is unlinked, not renamed until it is closed: libfuse would do so before it
   * renames over an open file, too, and whoever dies in between has lost that one.
   */
  private static List<String> arguments(FileTree tree, MountOptions options) {
    boolean writable = tree instanceof WritableTree;
    return List.of(
        "revfs",
        "-o",
        "use_ino,readdir_ino,negative_timeout=0,entry_timeout=%1$s,attr_timeout=%1$s,%2$s"
            .formatted(
                writable ? 0 : options.entrySeconds(),
                writable ? "hard_remove,big_writes,atomic_o_trunc" : "kernel_cache"));
  }

  private static Pointer argv(Runtime runtime, List<String> words, List<Pointer> keep) {
    Pointer argv = Memory.allocateDirect(runtime, runtime.addressSize() * (words.size() + 1), true);
    for (int i = 0; i < words.size(); i++) {
      byte[] bytes = NativePath.terminated(words.get(i));
      Pointer word = Memory.allocateDirect(runtime, bytes.length, true);
      word.put(0, bytes, 0, bytes.length);
      keep.add(word);
      argv.putPointer((long) i * runtime.addressSize(), word);
    }
    keep.add(argv);
    return argv;
  }

  /** Returns how many files are open through the mount. */
  public int openFiles() {
    return operations.openFiles();
  }

  @Override
  public Path mountPoint() {
    return mountPoint;
  }

  @Override
  public String backend() {
    return "jnr-fuse";
  }

  /** Nothing to do: links are read each time, and what else the kernel keeps never changes. */
  @Override
  public void invalidateEntry(long parent, String name) {}

  /** As {@link #invalidateEntry}. */
  @Override
  public void invalidateInode(long node) {}

  @Override
  public CompletionStage<Void> ended() {
    return ended.copy();
  }

  @Override
  public void unmount(boolean lazy) throws IOException {
    mounted.unmount(lazy);
  }

  @Override
  public void close() throws IOException {
    unmount(true);
    @Nullable Throwable failure = null;
    try {
      ended.get(CLOSE_WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      log.info("{} is detached; its open files are served until they are closed", mountPoint);
    } catch (java.util.concurrent.ExecutionException e) {
      failure = e.getCause();
    }
    if (failure != null) {
      throw new IOException("serving " + mountPoint + " ended badly: " + failure, failure);
    }
  }
}
