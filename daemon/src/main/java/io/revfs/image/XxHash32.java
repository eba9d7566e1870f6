package io.revfs.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The hash XXH32, by which the kernel chooses bits of an inode's attribute filter. */
final class XxHash32 {
  private static final int PRIME_1 = 0x9E3779B1;
  private static final int PRIME_2 = 0x85EBCA77;
  private static final int PRIME_3 = 0xC2B2AE3D;
  private static final int PRIME_4 = 0x27D4EB2F;
  private static final int PRIME_5 = 0x165667B1;
  private static final int STRIPE = 16;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private XxHash32() {}

  static int hash(byte[] bytes, int seed) {
    int at = 0;
    int hash = seed + PRIME_5;
    if (bytes.length >= STRIPE) {
      int[] lanes = {seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1};
      for (; at <= bytes.length - STRIPE; at += STRIPE) {
        for (int lane = 0; lane < lanes.length; lane++) {
          int sum = lanes[lane] + (int) INT.get(bytes, at + 4 * lane) * PRIME_2;
          lanes[lane] = Integer.rotateLeft(sum, 13) * PRIME_1;
        }
      }
      hash =
          Integer.rotateLeft(lanes[0], 1)
              + Integer.rotateLeft(lanes[1], 7)
              + Integer.rotateLeft(lanes[2], 12)
              + Integer.rotateLeft(lanes[3], 18);
    }
    hash += bytes.length;
    for (; at <= bytes.length - 4; at += 4) {
      hash = Integer.rotateLeft(hash + (int) INT.get(bytes, at) * PRIME_3, 17) * PRIME_4;
    }
    for (; at < bytes.length; at++) {
      hash = Integer.rotateLeft(hash + (bytes[at] & 0xFF) * PRIME_5, 11) * PRIME_1;
    }
    return mix(hash);
  }

  private static int mix(int hash) {
    int mixed = (hash ^ hash >>> 15) * PRIME_2;
    mixed = (mixed ^ mixed >>> 13) * PRIME_3;
    return mixed ^ mixed >>> 16;
  }
}
