package io.revfs.mount;

import io.revfs.fuse.FileNames;
import io.revfs.fuse.local.HeldFiles;
import io.revfs.fuse.local.QueuedFiles;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a working copy is reached past the mount that lies over it.
 *
 * @param path leads there, for this process; may be a link, as others see it
 * @param descriptors that a process after this one needs to reach it, too: none where it is bound
 *     at a place of its own, which takes root; else the open directory, and what holds files
 * @param held holds files without a name for the process after this one
 */
record Below(Path path, List<Integer> descriptors, HeldFiles held) implements Closeable {
  Below {
    descriptors = List.copyOf(descriptors);
  }

  /** It is bound at a place, and reached by that for as long as it is. */
  static Below bound(Path place) {
    return new Below(place, List.of(), HeldFiles.NONE);
  }

  /** Opens a directory that nothing is mounted over yet: it is reached by that from then on. */
  static Below open(Path directory) throws IOException {
    byte[] path = FileNames.encode(directory.toString());
    int fd = Posix.open(Posix.AT_FDCWD, path, NameCalls.O_PATH | Posix.O_DIRECTORY, 0);
    if (fd < 0) {
      throw new IOException("%s cannot be opened (error %d)".formatted(directory, -fd));
    }
    return opened(List.of(fd));
  }

  /**
   * The process before this one opened it.
   *
   * @param descriptors the directory's, and those of what held files, if anything did
   */
  static Below opened(List<Integer> descriptors) throws IOException {
    int fd = descriptors.getFirst();
    List<Integer> ends = descriptors.subList(1, descriptors.size());
    QueuedFiles held = ends.size() == 2 ? QueuedFiles.restored(ends) : QueuedFiles.fresh();
    String process = Long.toString(ProcessHandle.current().pid());
    return new Below(
        Path.of("/proc", process, "fd", Integer.toString(fd)),
        Stream.concat(Stream.of(fd), held.descriptors().stream()).toList(),
        held);
  }

  /** Returns whether a descriptor is of this kind: no device. */
  static boolean isOne(int fd) {
    return NameCalls.stat(fd) >= 0 && !NameCalls.details().isDevice();
  }

  @Override
  public void close() {
    for (int fd : descriptors) {
      int unused = Posix.close(fd);
    }
  }
}
