package io.revfs.fuse.kernel;

import io.revfs.fuse.FuseException;
import io.revfs.fuse.RequestContext;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * A request and the memory for its answer. Confined to one thread. The answer's body is written
 * behind {@link Wire.OutHeader}, by {@link #body} and then {@link #target} or the segment.
 */
abstract class Exchange {
  /** The most that a request has; the kernel wants room for its largest write, of 4 KiB. */
  static final int REQUEST_BYTES = 64 << 10;

  private MemorySegment request = MemorySegment.NULL;
  private int requestBytes;
  private RequestContext context = RequestContext.INTERNAL;

  private long listingNext;
  private int listingSize;

  /** Makes this the exchange of a request of so many bytes, which has a whole header. */
  void begin(MemorySegment newRequest, int bytes, boolean mayBlock) {
    listingNext = 0;
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
