package io.revfs.posix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuLatencyTest {
  @TempDir Path directory;

  private long held(Path device) throws IOException {
    try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors
          .filter(
              descriptor -> {
                try {
                  return Files.readSymbolicLink(descriptor).equals(device);
                } catch (IOException e) {
                  return false; // closed meanwhile
                }
              })
          .count();
    }
  }

  @Test
  void asksForNoLatency_asLongAsItIsHeld() throws IOException {
    Path device = Files.createFile(directory.toRealPath().resolve("latency"));
    CpuLatency latency = new CpuLatency(device);
    assertTrue(latency.hold());
    assertTrue(latency.hold(), "is held already");
    assertEquals(1, held(device));
    assertArrayEquals(new byte[Integer.BYTES], Files.readAllBytes(device));
    latency.release();
    latency.release();
    assertEquals(0, held(device));
    assertTrue(latency.hold(), "can be held again");
    latency.release();
  }

  @Test
  void whereThereIsNoDevice_isNotTriedAgain() throws IOException {
    Path device = directory.resolve("latency");
    CpuLatency latency = new CpuLatency(device);
    assertFalse(latency.hold());
    Files.createFile(device);
    assertFalse(latency.hold());
    latency.release();
  }

  /** As root the kernel takes it, also where processors do not sleep. */
  @Test
  void theMachinesOwn_isRoots() throws IOException {
    CpuLatency latency = new CpuLatency();
    boolean may = Files.isWritable(Path.of("/dev/cpu_dma_latency"));
    assertEquals(may, latency.hold());
    latency.release();
  }
}
