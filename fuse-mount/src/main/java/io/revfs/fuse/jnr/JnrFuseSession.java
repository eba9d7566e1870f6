package io.revfs.fuse.jnr;

import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountOptions;
import io.revfs.fuse.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session of libfuse 2.9: its multi-threaded loop runs on a thread of this object's. */
public final class JnrFuseSession implements FuseSession {
  private static final Logger log = LoggerFactory.getLogger(JnrFuseSession.class);
  private static final long CLOSE_WAIT_SECONDS = 5;

  private final Path mountPoint;
  private final TreeOperations operations;
  private final NativeOperations slots; // libfuse copies the struct, but the closures live here
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  private JnrFuseSession(Path mountPoint, TreeOperations operations, NativeOperations slots) {
    this.mountPoint = mountPoint;
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
    TreeOperations operations = new TreeOperations(tree, uid, gid, threads);
    NativeOperations slots = new NativeOperations(runtime);
    slots.useMemory(TreeOperations.allocate(runtime, Struct.size(slots)));
    operations.register(slots);

    List<Pointer> keep = new ArrayList<>();
    List<String> words = arguments(mountPoint, options);
    Pointer argv = argv(runtime, words, keep);
    Pointer mountPointOut = out(runtime, keep);
    Pointer multiThreadedOut = out(runtime, keep);
    Pointer fuse =
        library.fuse_setup(
            words.size(),
            argv,
            Struct.getMemory(slots),
            Struct.size(slots),
            mountPointOut,
            multiThreadedOut,
            null);
    if (fuse == null) {
      throw new IOException("FUSE refuses to mount at " + mountPoint + hint(options));
    }
    Pointer nativeMountPoint = mountPointOut.getPointer(0);
    JnrFuseSession session = new JnrFuseSession(mountPoint, operations, slots);
    threads.start(() -> library.fuse_loop(fuse));
    threads
        .ended()
        .whenComplete((nothing, never) -> session.end(library, fuse, nativeMountPoint, keep));
    return session;
  }

  private static String hint(MountOptions options) {
    if (!Files.exists(Path.of("/dev/fuse"))) {
      return ": there is no /dev/fuse (modprobe fuse; in a container: --device /dev/fuse)";
    }
    if (!Files.isWritable(Path.of("/dev/fuse"))) {
      return ": /dev/fuse is not accessible (as root: chmod 666 /dev/fuse)";
    }
    if (options.allowOther()) {
      return ": allow_other needs root, or user_allow_other in /etc/fuse.conf; fusermount must be"
          + " installed (apt-get install fuse3)";
    }
    return ": is fusermount installed (apt-get install fuse3), is the directory yours?";
  }

  /** All threads have left the loop: the mount is gone, whoever took it. */
  private void end(LibFuse2 library, Pointer fuse, Pointer nativeMountPoint, List<Pointer> keep) {
    try {
      // Closes the device; where the mount is gone already it leaves the place alone.
      library.fuse_teardown(fuse, nativeMountPoint);
      operations.close();
      log.debug("{} ended; {} slots, {} buffers", mountPoint, slots, keep.size());
      ended.complete(null);
    } catch (RuntimeException | Error e) {
      ended.completeExceptionally(e);
    }
  }

  private static List<String> arguments(Path mountPoint, MountOptions options) {
    return List.of(
        "revfs",
        "-f",
        "-o",
        "fsname=%s,subtype=revfs,ro,default_permissions%s"
            .formatted(
                options.fileSystemName().replace(",", "_"),
                options.allowOther() ? ",allow_other" : ""),
        "-o",
        "kernel_cache,use_ino,readdir_ino,entry_timeout=%s,attr_timeout=%s,negative_timeout=0"
            .formatted(options.entrySeconds(), options.entrySeconds()),
        mountPoint.toString());
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

  private static Pointer out(Runtime runtime, List<Pointer> keep) {
    Pointer out = Memory.allocateDirect(runtime, runtime.addressSize(), true);
    keep.add(out);
    return out;
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
    if (!isMounted()) {
      return;
    }
    if (lazy) {
      MountTable.detach(mountPoint);
    } else {
      MountTable.unmount(mountPoint);
    }
  }

  private boolean isMounted() throws IOException {
    return MountTable.read().at(mountPoint).isPresent();
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
