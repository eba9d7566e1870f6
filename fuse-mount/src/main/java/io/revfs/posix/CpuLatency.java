package io.revfs.posix;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kernel that idle processors wait awake: the PM QoS interface {@code
 * /dev/cpu_dma_latency} (Documentation/power/pm_qos_interface.rst), which holds as long as its file
 * is open, so it ends with the process. Root's. Thread-safe.
 */
public final class CpuLatency {
  private static final Path DEVICE = Path.of("/dev/cpu_dma_latency");

  private final Path device;

  @GuardedBy("this")
  private @Nullable FileChannel held;

  @GuardedBy("this")
  private boolean refused;

  /** The machine's. */
  public CpuLatency() {
    this(DEVICE);
  }

  CpuLatency(Path device) {
    this.device = device;
  }

  /** Asks for it; returns whether it holds. Where it is refused once, it is not tried again. */
  public synchronized boolean hold() {
    if (held == null && !refused) {
      FileChannel channel = null;
      try {
        channel = FileChannel.open(device, StandardOpenOption.WRITE);
        int written = channel.write(ByteBuffer.allocate(Integer.BYTES)); // 0 µs
        refused = written != Integer.BYTES;
      } catch (IOException e) {
        refused = true;
      }
      held = channel;
      if (refused) {
        release();
      }
    }
    return held != null;
  }

  /** Lets the processors sleep again. */
  public synchronized void release() {
    try {
      if (held != null) {
        held.close();
      }
    } catch (IOException e) {
      refused = true; // the number is closed all the same
    }
    held = null;
  }
}
