package io.revfs.cache.local;

import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.ObjectSource;
import io.revfs.object.SourceUnreachableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Objects in memory, given out with faults as a seed wants them. */
final class FaultySource implements ObjectSource {
  final Map<ObjectKey, byte[]> objects = new ConcurrentHashMap<>();
  final AtomicInteger reads = new AtomicInteger();
  private final String name;
  private final Random random;
  private volatile int faultsPerHundred;

  FaultySource(String name, long seed) {
    this.name = name;
    this.random = new Random(seed);
  }

  void fail(int perHundred) {
    faultsPerHundred = perHundred;
  }

  private synchronized int dice() {
    return random.nextInt(100) < faultsPerHundred ? 1 + random.nextInt(3) : 0;
  }

  @Override
  public String name() {
    return name;
  }

  private byte[] bytes(ObjectKey key) throws ObjectMissingException {
    byte[] bytes = objects.get(key);
    if (bytes == null) {
      throw new ObjectMissingException(key, name);
    }
    return bytes;
  }

  @Override
  public long size(ObjectKey key) throws IOException {
    return bytes(key).length;
  }

  @Override
  public void read(ObjectKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    reads.incrementAndGet();
    byte[] bytes = bytes(key).clone();
    int fault = dice();
    if (fault == 1) {
      throw new SourceUnreachableException(name, "503", true, null);
    }
    if (fault == 2 && length > 0) {
      bytes[(int) offset] ^= 4; // a flipped bit
    }
    int end = (int) (fault == 3 ? offset + length / 2 : offset + length);
    for (int at = (int) offset; at < end; at += 10_000) {
      consumer.accept(ByteBuffer.wrap(bytes, at, Math.min(10_000, end - at)));
    }
    if (fault == 3) {
      throw new SourceUnreachableException(name, "cut", true, null);
    }
  }
}
