package io.revfs.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** INIT with kernels of several ages: their offers as Linux's fs/fuse/inode.c makes them. */
class NegotiationTest {
  /** All flags of 7.31 but those of DAX: bits 0 to 25. */
  private static final int FLAGS_5_4 = (1 << 26) - 1;

  private static final int FLAGS_5_15 = FLAGS_5_4 | 1 << 27 | 1 << 28 | 1 << 29;
  private static final int FLAGS_6_9 = FLAGS_5_15 | 1 << 30;

  /** Bits 32 to 39: with passthrough and resend. */
  private static final int FLAGS2_6_9 = 0xff;

  private static MemorySegment offer(int minor, int flags, int... flags2) {
    ByteBuffer bytes = ByteBuffer.allocate(flags2.length == 0 ? 16 : 64);
    bytes.order(ByteOrder.nativeOrder()).putInt(7).putInt(minor).putInt(1 << 17).putInt(flags);
    for (int more : flags2) {
      bytes.putInt(more);
    }
    return MemorySegment.ofArray(bytes.array());
  }

  @Test
  void linux5_4_hasNoPassthroughAndNoResend() throws Exception {
    Negotiation agreed = Negotiation.of(offer(31, FLAGS_5_4), true);
    assertEquals(31, agreed.minor());
    assertFalse(agreed.has(Negotiation.PASSTHROUGH));
    assertFalse(agreed.has(Negotiation.HAS_RESEND));
    assertFalse(agreed.has(Negotiation.INIT_EXT));
    assertFalse(agreed.pageCache(), "opens are answered, since that was asked for");
    assertEquals(1 << 20, agreed.mostReadBytes());
    assertTrue(Negotiation.of(offer(31, FLAGS_5_4), false).pageCache());
  }

  @Test
  void linux5_15_sameAsBefore() throws Exception {
    Negotiation agreed = Negotiation.of(offer(34, FLAGS_5_15), false);
    assertTrue(agreed.pageCache());
    assertTrue(agreed.has(Negotiation.CACHE_SYMLINKS));
    assertFalse(agreed.has(Negotiation.HAS_RESEND));
    assertEquals(0, agreed.flags() >>> 32);
  }

  @Test
  void linux6_9_hasBoth() throws Exception {
    Negotiation agreed = Negotiation.of(offer(40, FLAGS_6_9, FLAGS2_6_9), true);
    assertTrue(agreed.has(Negotiation.PASSTHROUGH));
    assertTrue(agreed.has(Negotiation.HAS_RESEND));
    assertTrue(agreed.has(Negotiation.INIT_EXT));
    assertFalse(agreed.pageCache());
    Negotiation cached = Negotiation.of(offer(40, FLAGS_6_9, FLAGS2_6_9), false);
    assertFalse(cached.has(Negotiation.PASSTHROUGH));
    assertTrue(cached.pageCache());
  }

  @Test
  void aKernelWithoutMaxPages_readsLess() throws Exception {
    Negotiation agreed = Negotiation.of(offer(31, FLAGS_5_4 & ~(1 << 22)), false);
    assertEquals(32 * 4096, agreed.mostReadBytes());
  }

  @Test
  void tooOldOrAnotherMajor_isRefused() {
    assertThrows(
        Negotiation.UnsupportedKernelException.class, () -> Negotiation.of(offer(27, -1), false));
    MemorySegment eight = offer(31, -1);
    eight.set(ValueLayout.JAVA_INT_UNALIGNED, 0, 8);
    assertThrows(Negotiation.UnsupportedKernelException.class, () -> Negotiation.of(eight, false));
  }

  @Test
  void initOut_byteForByte() throws Exception {
    MemorySegment out = Arena.ofAuto().allocate(64, 8);
    Negotiation agreed = Negotiation.of(offer(40, FLAGS_6_9, FLAGS2_6_9), true);
    assertEquals(64, agreed.put(out, 0));
    int flags = 1 | 7 << 12 | 1 << 17 | 1 << 18 | 7 << 22 | 1 << 30;
    ByteBuffer expected = ByteBuffer.allocate(64).order(ByteOrder.nativeOrder());
    expected.putInt(7).putInt(40).putInt(1 << 20).putInt(flags);
    expected.putShort((short) 64).putShort((short) 48).putInt(4096).putInt(1);
    expected.putShort((short) 256).putShort((short) 0).putInt(1 << 5 | 1 << 7).putInt(1);
    assertEquals(expected.rewind(), out.asByteBuffer());
  }

  @Test
  void state_survives() throws Exception {
    Negotiation agreed = Negotiation.of(offer(40, FLAGS_6_9, FLAGS2_6_9), false);
    assertEquals(agreed, Negotiation.of(agreed.state()));
  }
}
