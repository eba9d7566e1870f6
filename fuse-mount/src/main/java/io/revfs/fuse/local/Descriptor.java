package io.revfs.fuse.local;

import io.revfs.posix.Posix;

/** A descriptor for the length of a {@code try}. */
record Descriptor(int fd) implements AutoCloseable {
  @Override
  public void close() {
    int unused = Posix.close(fd);
  }
}
