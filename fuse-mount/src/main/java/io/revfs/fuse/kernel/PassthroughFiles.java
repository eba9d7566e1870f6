package io.revfs.fuse.kernel;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.device.FuseDevice;
import io.revfs.fuse.device.NativeCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which nodes are open, and how. The kernel wants all opens of a node to agree: those that it reads
 * by itself share one backing file, and while one is open that it reads through us, all are so;
 * otherwise the open fails with EIO. Thread-safe.
 *
 * <p>Source: Linux's fs/fuse/iomode.c and fs/fuse/passthrough.c of 6.9.
 */
final class PassthroughFiles {
  private static final Logger log = LoggerFactory.getLogger(PassthroughFiles.class);

  /** How a node is open: the backing id that the kernel gave, or none. */
  static final int SERVED = 0;

  private static final int ELOOP = 40;

  private final FuseDevice device;
  private final OpenNodes nodes;
  private final ConcurrentHashMap<Long, Object> locks = new ConcurrentHashMap<>();
  private volatile boolean allowed;

  /** {@code allowed}: whether INIT agreed on passthrough. */
  PassthroughFiles(FuseDevice device, OpenNodes nodes, boolean allowed) {
    this.device = device;
    this.nodes = nodes;
    this.allowed = allowed;
  }

  /** Returns whether the kernel may read complete files by itself, as far as is known. */
  boolean isAllowed() {
    return allowed;
  }

  /**
   * Counts an open.
   *
   * @return the backing id to answer with, or {@link #SERVED}
   */
  int open(long node, OpenFile file) {
    synchronized (lock(node)) {
      OpenNodes.State state = nodes.get(node);
      if (state != null) {
        nodes.put(node, state.backingId(), state.opens() + 1);
        return state.backingId();
      }
      int id = register(file);
      nodes.put(node, id, 1);
      return id;
    }
  }

  private int register(OpenFile file) {
    int fd = allowed ? descriptor(file) : -1;
    if (fd < 0) {
      return SERVED;
    }
    int answer;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment map = arena.allocate(Wire.BackingMap.BYTES, 8);
      Wire.putBackingMap(map, fd);
      answer = device.ioctl(NativeCalls.IOC_BACKING_OPEN, map);
    }
    if (answer > 0) {
      return answer;
    }
    if (answer == -ELOOP && file instanceof OpenFile.Local) {
      return SERVED; // what is mounted inside a working copy says nothing of the rest
    }
    // EPERM: no right; ELOOP: the cache lies on a stacked file system; EOPNOTSUPP: neither.
    log.info(
        "the kernel does not read cached files by itself here (error {}); they are served",
        -answer);
    allowed = false;
    return SERVED;
  }

  /** Returns the descriptor of what the kernel may read by itself, or -1. */
  private static int descriptor(OpenFile file) {
    return switch (file) {
      case OpenFile.Backed backed -> {
        try {
          yield NativeCalls.descriptor(backed.channel());
        } catch (IOException e) {
          yield -1; // taken away meanwhile; it is read through us
        }
      }
      case OpenFile.Local local -> local.allowsPassthrough() ? local.descriptor() : -1;
      case OpenFile.Served served -> -1;
    };
  }

  /**
   * Counts a close; after the last one the backing file is given back.
   *
   * @return whether it may have been read and written by the kernel
   */
  @CanIgnoreReturnValue
  boolean release(long node) {
    synchronized (lock(node)) {
      OpenNodes.State state = nodes.get(node);
      if (state == null) {
        return true; // opened before a restart that lost count
      }
      boolean passed = state.backingId() != SERVED;
      if (state.opens() > 1) {
        nodes.put(node, state.backingId(), state.opens() - 1);
        return passed;
      }
      nodes.remove(node);
      if (passed) {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment id = arena.allocate(Integer.BYTES, 4);
          Wire.putInt(id, 0, state.backingId());
          int answer = device.ioctl(NativeCalls.IOC_BACKING_CLOSE, id);
          if (answer < 0) {
            log.debug("backing file {} cannot be given back: {}", state.backingId(), -answer);
          }
        }
      }
      return passed;
    }
  }

  private static final int LOCKS = 64;

  private Object lock(long node) {
    return locks.computeIfAbsent(Math.floorMod(node, (long) LOCKS), k -> new Object());
  }
}
