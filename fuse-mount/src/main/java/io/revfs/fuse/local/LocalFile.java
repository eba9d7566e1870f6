package io.revfs.fuse.local;

import io.revfs.fuse.Errno;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.posix.FileCalls;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/** A file that somebody has open. */
final class LocalFile implements OpenFile.Local {
  private final OpenLocals all;
  private final long node;
  private final int fd;
  private final boolean writable;
  private final boolean tellsOfClose;
  private final boolean allowsPassthrough;
  private final AtomicBoolean closed = new AtomicBoolean();

  LocalFile(
      OpenLocals all,
      long node,
      int fd,
      boolean writable,
      boolean tellsOfClose,
      boolean allowsPassthrough) {
    this.all = all;
    this.node = node;
    this.fd = fd;
    this.writable = writable;
    this.tellsOfClose = tellsOfClose;
    this.allowsPassthrough = allowsPassthrough;
  }

  long node() {
    return node;
  }

  @Override
  public int descriptor() {
    return fd;
  }

  @Override
  public boolean isWritable() {
    return writable;
  }

  @Override
  public boolean tellsOfClose() {
    return tellsOfClose;
  }

  @Override
  public boolean allowsPassthrough() {
    return allowsPassthrough;
  }

  @Override
  public long size() {
    return NameCalls.stat(fd) < 0 ? 0 : NameCalls.details().size();
  }

  @Override
  public int read(RequestContext context, ByteBuffer target, long offset) throws FuseException {
    int done = 0;
    while (target.hasRemaining()) {
      MemorySegment to = MemorySegment.ofBuffer(target);
      int n = FileCalls.readAt(fd, to, to.byteSize(), offset + done);
      if (n < 0) {
        throw new FuseException(Errno.of(-n), "read of node " + node);
      }
      if (n == 0) {
        break;
      }
      target.position(target.position() + n);
      done += n;
    }
    return done;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      all.remove(this);
      int unused = Posix.close(fd);
    }
  }
}
