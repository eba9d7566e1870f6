package io.revfs.fuse.serve;

import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountOptions;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.WritableTree;
import io.revfs.fuse.device.UnavailableException;
import io.revfs.fuse.jnr.JnrFuseSession;
import io.revfs.fuse.kernel.KernelSession;
import io.revfs.fuse.kernel.turn.Turns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Mounts trees: picks the way of serving. */
public final class FuseMounts {
  private static final Logger log = LoggerFactory.getLogger(FuseMounts.class);

  /** No more: a page fault in a mapped file reads as much around it, and that is to be fetched. */
  private static final String READ_AHEAD_KIB = "1024";

  private FuseMounts() {}

  /**
   * Mounts a tree at an existing directory, which is empty unless the tree is writable: that may
   * lie over what it shows. When this returns the mount answers.
   *
   * @throws IOException saying what is wrong with the place, or what this machine lacks
   */
  public static FuseSession mount(FileTree tree, Path mountPoint, MountOptions options)
      throws IOException {
    Path absolute = mountPoint.toAbsolutePath().normalize();
    if (MountTable.read().at(absolute).isPresent()) {
      throw new IOException(absolute + " is a mount point already");
    }
    if (!Files.isDirectory(absolute)) {
      throw new IOException(absolute + " is not a directory");
    }
    try (Stream<Path> entries = Files.list(absolute)) {
      if (!(tree instanceof WritableTree) && entries.findAny().isPresent()) {
        throw new IOException(absolute + " is not empty");
      }
    }
    FuseSession session =
        switch (options.backend()) {
          case KERNEL -> KernelSession.mount(tree, absolute, options);
          case JNR -> JnrFuseSession.mount(tree, absolute, options);
          case AUTO -> {
            try {
              yield KernelSession.mount(tree, absolute, options);
            } catch (UnavailableException e) {
              log.info("{}; mounting by jnr-fuse instead", e.getMessage());
              yield JnrFuseSession.mount(tree, absolute, options);
            }
          }
        };
    widenReadAhead(absolute);
    return session;
  }

  /**
   * Says whether idle processors are kept awake while somebody works file by file, in all mounts of
   * this process: the default, where this process may.
   */
  public static void keepAwake(boolean whenBusy) {
    Turns.keepAwake(whenBusy);
  }

  /**
   * Goes on serving a mount that another process began, and that is there all the time: who reads
   * it sees a pause.
   *
   * @param survival what {@link FuseSession#survival} gave there, with this process's descriptors
   * @param openFiles the file that the session has kept of what is open
   */
  public static FuseSession resume(
      FileTree tree, Path mountPoint, FuseSession.Survival survival, Path openFiles)
      throws IOException {
    return KernelSession.resume(tree, mountPoint, survival, openFiles);
  }

  /**
   * Serves a mount that another process made in a mount name space of its own: it opened {@code
   * /dev/fuse}, mounted by that descriptor, and waits in the mount for the first answer. When this
   * returns the mount answers; it ends with its name space, and neither {@link FuseSession#unmount}
   * nor {@link FuseSession#close} does anything. Needs no privilege but that over the process
   * (ptrace(2), PTRACE_MODE_ATTACH_REALCREDS).
   *
   * @param mountPoint where, as that process sees it
   * @param number of that process's descriptor
   * @param openFiles where what is open is kept for the next process; null: nowhere
   * @param beforeAnswers is called with the session before it answers anything but that it is there
   */
  public static FuseSession adopt(
      FileTree tree,
      Path mountPoint,
      int pid,
      int number,
      @Nullable Path openFiles,
      Consumer<FuseSession> beforeAnswers)
      throws IOException {
    return KernelSession.adopt(tree, mountPoint, pid, number, openFiles, beforeAnswers);
  }

  /**
   * The kernel reads 128 KiB ahead unless the file system's backing device says otherwise, whatever
   * INIT agreed on; with more, a big file arrives three times as fast. Needs root; without it all
   * works as well.
   */
  private static void widenReadAhead(Path mountPoint) throws IOException {
    Optional<MountTable.Mount> mount = MountTable.read().at(mountPoint);
    if (mount.isEmpty()) {
      return;
    }
    Path setting = Path.of("/sys/class/bdi", mount.get().device(), "read_ahead_kb");
    try {
      Files.writeString(setting, READ_AHEAD_KIB, StandardOpenOption.WRITE);
    } catch (IOException e) {
      log.debug("{} stays as it is: {}", setting, e.toString());
    }
  }
}
