package io.revfs.fuse.kernel;

import io.revfs.fuse.Errno;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.RequestContext;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A request and the memory for its answer. Confined to one thread. The answer's body is written
 * behind {@link Wire.OutHeader}, by {@link #body} and then {@link #target} or the segment.
 */
abstract class Exchange {
  /** The most that a request has, with the smallest write, of 4 KiB. */
  static final int REQUEST_BYTES = 64 << 10;

  /** Room for what comes before the bytes of a write. */
  static final int WRITE_HEADER_BYTES = 4096;

  private MemorySegment request = MemorySegment.NULL;
  private int requestBytes;
  private RequestContext context = RequestContext.INTERNAL;

  private long listingNext;
  private int listingSize;
  private @Nullable Runnable afterAnswer;

  /** Makes this the exchange of a request of so many bytes, which has a whole header. */
  void begin(MemorySegment newRequest, int bytes, boolean mayBlock) {
    listingNext = 0;
    afterAnswer = null;
    request = newRequest;
    requestBytes = bytes;
    int uid = Wire.getInt(request, Wire.InHeader.UID);
    int gid = Wire.getInt(request, Wire.InHeader.GID);
    int pid = Wire.getInt(request, Wire.InHeader.PID);
    RequestContext last = context;
    if (last.uid() != uid
        || last.gid() != gid
        || last.pid() != pid
        || last.mayBlock() != mayBlock) { // the same process asks again and again
      context = new RequestContext(uid, gid, pid, mayBlock);
    }
  }

  /** Says where the listing goes on that this request is part of; 0: nowhere. */
  final void continueListing(long next, int size) {
    listingNext = next;
    listingSize = size;
  }

  final long listingNext() {
    return listingNext;
  }

  final int listingSize() {
    return listingSize;
  }

  /** Says what is to be done once the answer is out, and that nobody waits for. */
  final void afterAnswer(Runnable work) {
    afterAnswer = work;
  }

  /** Returns what {@link #afterAnswer(Runnable)} said. */
  final @Nullable Runnable afterAnswer() {
    return afterAnswer;
  }

  final MemorySegment request() {
    return request;
  }

  final int requestBytes() {
    return requestBytes;
  }

  final RequestContext context() {
    return context;
  }

  final int opcode() {
    return Wire.getInt(request, Wire.InHeader.OPCODE);
  }

  final long unique() {
    return Wire.getLong(request, Wire.InHeader.UNIQUE);
  }

  /** Returns whether a process before this one may have seen the request. */
  final boolean isResent() {
    return (unique() & Wire.InHeader.UNIQUE_RESENT) != 0;
  }

  final long node() {
    return Wire.getLong(request, Wire.InHeader.NODE);
  }

  /** Returns an int of the request's body. */
  final int intAt(int at) {
    return Wire.getInt(request, Wire.InHeader.BYTES + at);
  }

  /** Returns a long of the request's body. */
  final long longAt(int at) {
    return Wire.getLong(request, Wire.InHeader.BYTES + at);
  }

  final int bodyBytes() {
    return requestBytes - Wire.InHeader.BYTES;
  }

  /** Every structure's length is checked before its fields are read. */
  final void need(int bytes) throws FuseException {
    if (bodyBytes() < bytes) {
      throw new FuseException(
          Errno.EIO, "request %d has %d bytes".formatted(opcode(), bodyBytes()));
    }
  }

  /** Returns the bytes of the name in the request's body, from {@code at} on to a NUL. */
  final byte[] nameBytes(int at) throws FuseException {
    int from = Wire.InHeader.BYTES + at;
    int end = from;
    while (end < requestBytes && request.get(ValueLayout.JAVA_BYTE, end) != 0) {
      end++;
    }
    if (end >= requestBytes) {
      throw new FuseException(Errno.EIO, "a name without its end");
    }
    byte[] bytes = new byte[end - from];
    MemorySegment.copy(request, ValueLayout.JAVA_BYTE, from, bytes, 0, bytes.length);
    return bytes;
  }

  /** Returns a file name, as {@link #nameBytes} does. */
  final String name(int at) throws FuseException {
    byte[] bytes = nameBytes(at);
    if (bytes.length > FileNames.MAX_BYTES) {
      throw new FuseException(Errno.ENAMETOOLONG, "a name of " + bytes.length + " bytes");
    }
    return FileNames.decode(bytes);
  }

  /**
   * Makes room for an answer's body of at most so many bytes; may wait for memory where waiting is
   * allowed.
   *
   * @return the whole answer, header and body
   */
  abstract MemorySegment body(int bytes);

  /** Waits, where waiting is allowed, so that who asked can give it up. */
  void await(Waiting.Wait wait) throws FuseException {
    wait.run();
  }

  /** Returns a buffer over the body for which {@link #body} made room. */
  abstract ByteBuffer target(int bytes);
}
