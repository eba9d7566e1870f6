package io.revfs.fuse.device;

import io.revfs.fuse.FileNames;
import io.revfs.fuse.MountOptions;
import io.revfs.posix.Identity;
import io.revfs.posix.Processes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The descriptors of one connection: the first, by which it was mounted, and clones of it, one for
 * each further thread. A request is answered on any of them. Thread-safe.
 */
public final class FuseDevice {
  private static final String DEVICE = "/dev/fuse";
  private static final String SUBTYPE = "revfs";
  private static final int ENOENT = 2;
  private static final int EACCES = 13;
  private static final int EPERM = 1;

  private final List<Integer> descriptors;

  private FuseDevice(List<Integer> descriptors) {
    this.descriptors = List.copyOf(descriptors);
  }

  /**
   * Mounts a connection that nobody serves yet: by itself where this process may, else by libfuse's
   * helper.
   *
   * @throws UnavailableException where this machine lacks what it takes
   * @throws IOException if the place is wrong
   */
  public static FuseDevice mount(Path mountPoint, MountOptions options, boolean readOnly)
      throws IOException {
    int fd = NativeCalls.open(DEVICE);
    if (fd < 0) {
      throw new UnavailableException(
          fd == -ENOENT
              ? "there is no /dev/fuse (modprobe fuse; in a container: --device /dev/fuse)"
              : "/dev/fuse cannot be opened (error %d; as root: chmod 666 /dev/fuse)"
                  .formatted(-fd));
    }
    Identity self = Identity.ofProcess();
    String more = "default_permissions" + (options.allowOther() ? ",allow_other" : "");
    int answer =
        NativeCalls.mount(
            options.fileSystemName(),
            FileNames.encode(mountPoint.toString()),
            "fuse." + SUBTYPE,
            (readOnly ? NativeCalls.MS_RDONLY : 0) | NativeCalls.MS_NOSUID | NativeCalls.MS_NODEV,
            "fd=%d,rootmode=40000,user_id=%d,group_id=%d,%s"
                .formatted(fd, self.processUid(), self.processGid(), more));
    if (answer >= 0) {
      return new FuseDevice(List.of(fd));
    }
    NativeCalls.close(fd);
    boolean refused = answer == -EPERM || answer == -EACCES;
    if (refused && !self.isRoot()) {
      String name = options.fileSystemName().replace(',', '_');
      String ours = "fsname=%s,subtype=%s,nosuid,nodev,%s".formatted(name, SUBTYPE, more);
      return new FuseDevice(
          List.of(UserMount.mount(mountPoint, ours + (readOnly ? ",ro" : ",rw"))));
    }
    String message = "the kernel refuses to mount at " + mountPoint + " (error " + -answer + ")";
    throw refused ? new UnavailableException(message) : new IOException(message);
  }

  /**
   * Takes the device of a connection that another process has mounted and that nobody serves yet.
   *
   * @param number of the process's descriptor
   */
  public static FuseDevice of(int pid, int number) throws IOException {
    int fd = NativeCalls.take(pid, number);
    if (fd < 0) {
      throw new IOException(
          "the device of process %d cannot be taken over (error %d)".formatted(pid, -fd));
    }
    return new FuseDevice(List.of(fd));
  }

  /** Returns this connection with clones, so that it has so many descriptors if the system can. */
  public FuseDevice withClones(int count) {
    List<Integer> all = new ArrayList<>(descriptors);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment first = arena.allocate(Integer.BYTES, 4);
      first.set(ValueLayout.JAVA_INT, 0, descriptors.getFirst());
      while (all.size() < count) {
        int fd = NativeCalls.open(DEVICE);
        if (fd < 0) {
          break;
        }
        if (NativeCalls.ioctl(fd, NativeCalls.IOC_CLONE, first) < 0) {
          NativeCalls.close(fd);
          fd = NativeCalls.duplicate(descriptors.getFirst()); // of another user name space, say
          if (fd < 0) {
            break;
          }
          Processes.setInherited(fd, false);
        }
        all.add(fd);
      }
    }
    return new FuseDevice(all);
  }

  /** A connection whose descriptors came from another process, the first one first. */
  public static FuseDevice inherited(List<Integer> descriptors) {
    descriptors.forEach(fd -> Processes.setInherited(fd, false));
    return new FuseDevice(descriptors);
  }

  public List<Integer> descriptors() {
    return descriptors;
  }

  /** Returns the descriptor by which it was mounted. */
  public int first() {
    return descriptors.getFirst();
  }

  public int ioctl(long request, MemorySegment argument) {
    return NativeCalls.ioctl(first(), request, argument);
  }

  /** Ends this process's part; with the last one everywhere the connection ends. */
  public void close() {
    descriptors.forEach(NativeCalls::close);
  }
}
