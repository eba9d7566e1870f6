package io.revfs.fuse.jnr;

import io.revfs.fuse.Errno;
import io.revfs.fuse.FuseException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Numbers for what is open; a number is never used twice. Thread-safe. */
final class HandleTable<T> {
  private final AtomicLong next = new AtomicLong();
  private final ConcurrentHashMap<Long, T> open = new ConcurrentHashMap<>();

  long add(T value) {
    long handle = next.incrementAndGet();
    open.put(handle, value);
    return handle;
  }

  T get(long handle) throws FuseException {
    T value = open.get(handle);
    if (value == null) {
      throw new FuseException(Errno.EBADF, "handle " + handle);
    }
    return value;
  }

  T remove(long handle) throws FuseException {
    T value = open.remove(handle);
    if (value == null) {
      throw new FuseException(Errno.EBADF, "handle " + handle);
    }
    return value;
  }

  int size() {
    return open.size();
  }
}
