package io.revfs.testing.server;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An object in the memory of a test's server: parts of which equal large ones are kept once, so
 * that an object of many gibibytes of zeros takes little.
 */
final class StoredBytes {
  private static final int LARGE_BYTES = 1 << 20;
  private static final Map<Integer, byte[]> ZEROS = new ConcurrentHashMap<>();

  private final List<byte[]> parts = new ArrayList<>();
  private long size;

  static StoredBytes of(byte[] bytes) {
    StoredBytes stored = new StoredBytes();
    stored.add(bytes);
    return stored;
  }

  void add(byte[] bytes) {
    byte[] kept = bytes;
    if (bytes.length >= LARGE_BYTES) {
      byte[] zeros = ZEROS.computeIfAbsent(bytes.length, byte[]::new);
      kept = Arrays.equals(bytes, zeros) ? zeros : bytes;
    }
    parts.add(kept);
    size += bytes.length;
  }

  void add(StoredBytes other) {
    parts.addAll(other.parts);
    size += other.size;
  }

  long size() {
    return size;
  }

  /** Returns something that differs where the content does. */
  String tag() {
    int hash = 1;
    for (byte[] part : parts) {
      hash = 31 * hash + Arrays.hashCode(part);
    }
    return Integer.toHexString(hash);
  }

  void write(long from, long to, OutputStream out) throws IOException {
    long at = 0;
    for (byte[] part : parts) {
      long first = Math.max(from - at, 0);
      long last = Math.min(to - at, part.length);
      if (first < last) {
        out.write(part, (int) first, (int) (last - first));
      }
      at += part.length;
    }
  }
}
