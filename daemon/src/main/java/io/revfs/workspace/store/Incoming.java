package io.revfs.workspace.store;

import io.revfs.object.ObjectKey;
import io.revfs.posix.FileCalls;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A file in the cache that is being filled, and becomes an object or goes. For one thread. */
public final class Incoming implements AutoCloseable {
  private static final int TRIES = 3;
  private static final int BUFFER_BYTES = 1 << 18;

  private final ObjectStore store;
  private final Depot depot;
  private final byte @Nullable [] temporary;
  private int fd;
  private boolean placed;
  private @Nullable ByteBuffer outside; // the kernel takes no bytes of the heap

  /** {@code temporary}: its name as long as it is no object; null if it has none. */
  Incoming(ObjectStore store, Depot depot, byte @Nullable [] temporary, int fd) {
    this.store = store;
    this.depot = depot;
    this.temporary = temporary;
    this.fd = fd;
  }

  int fd() {
    return fd;
  }

  /** Appends bytes. */
  public void write(ByteBuffer bytes) throws IOException {
    if (bytes.isDirect()) {
      write(MemorySegment.ofBuffer(bytes), bytes.remaining());
      bytes.position(bytes.limit());
      return;
    }
    if (outside == null) {
      outside = ByteBuffer.allocateDirect(BUFFER_BYTES);
    }
    while (bytes.hasRemaining()) {
      int n = Math.min(bytes.remaining(), BUFFER_BYTES);
      outside.clear().put(bytes.slice(bytes.position(), n)).flip();
      write(MemorySegment.ofBuffer(outside), n);
      bytes.position(bytes.position() + n);
    }
  }

  private void write(MemorySegment bytes, int length) throws IOException {
    PosixFailure.check(FileCalls.writeAll(fd, bytes, length), store.root().toString());
  }

  /** Gives it its name. */
  public void place(ObjectKey key) throws IOException {
    if (store.modes().needSetting(FileModes.OBJECT)) {
      PosixFailure.check(Posix.permissions(fd, FileModes.OBJECT), store.root().toString());
    }
    if (temporary == null) {
      link(key);
    }
    int closing = Posix.close(fd);
    fd = -1;
    if (closing < 0 && temporary == null) {
      boolean unused = store.remove(key); // some of its bytes did not reach the disk
    }
    PosixFailure.check(closing, store.root().toString()); // a full disk may show only here
    if (temporary != null) {
      depot.rename(temporary, key);
    }
    placed = true;
  }

  private void link(ObjectKey key) throws IOException {
    int linked = depot.name(fd, key);
    for (int i = 0; i < TRIES && linked == -PosixFailure.EEXIST; i++) {
      if (store.check(key)) {
        return; // another was faster
      }
      linked = depot.name(fd, key);
    }
    PosixFailure.check(linked, store.path(key).toString());
  }

  @Override
  public void close() {
    if (fd >= 0) {
      Posix.close(fd);
    }
    if (!placed && temporary != null) {
      Posix.unlink(depot.fd(), temporary);
    }
  }
}
