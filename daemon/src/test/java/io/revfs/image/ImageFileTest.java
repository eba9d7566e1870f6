package io.revfs.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Places never overlap, and bytes arrive wherever and whenever they are written. */
class ImageFileTest {
  private static final int SPACE = 8 << 20;

  @TempDir Path directory;

  @Test
  void randomWrites_areAllThere() throws Exception {
    long seed = Long.getLong("revfs.seed", System.nanoTime());
    Random random = new Random(seed);
    byte[] model = new byte[SPACE];
    TreeMap<Long, Integer> taken = new TreeMap<>();
    taken.put(0L, 1152);
    List<long[]> later = new ArrayList<>();
    Path path = directory.resolve("image");
    long size;
    try (ImageFile file = new ImageFile(path, 1152)) {
      while (file.size() < SPACE - (1 << 20)) {
        boolean blocks = random.nextInt(50) == 0;
        int bytes = 1 + random.nextInt(random.nextInt(20) == 0 ? 60_000 : 500);
        boolean inOneBlock = bytes <= Format.BLOCK && random.nextBoolean();
        long at =
            blocks
                ? file.blocks(Format.align(bytes, Format.BLOCK) / Format.BLOCK)
                : file.record(bytes, inOneBlock);
        assertEquals(0, at % (blocks ? Format.BLOCK : Format.SLOT), "seed " + seed);
        if (inOneBlock) {
          assertTrue(at % Format.BLOCK + bytes <= Format.BLOCK, "seed " + seed);
        }
        check(taken, at, bytes, seed);
        if (random.nextInt(10) == 0) {
          later.add(new long[] {at, bytes});
        } else {
          write(file, model, at, bytes, random);
        }
      }
      Collections.shuffle(later, random);
      for (long[] place : later) {
        write(file, model, place[0], (int) place[1], random);
      }
      size = file.size();
      file.finish();
    }
    byte[] written = Files.readAllBytes(path);
    assertEquals(size, written.length);
    assertArrayEquals(java.util.Arrays.copyOf(model, written.length), written, "seed " + seed);
  }

  private static void check(TreeMap<Long, Integer> taken, long at, int bytes, long seed) {
    var before = taken.floorEntry(at);
    var after = taken.ceilingEntry(at);
    assertTrue(before.getKey() + before.getValue() <= at, "seed " + seed);
    assertTrue(after == null || at + bytes <= after.getKey(), "seed " + seed);
    taken.put(at, bytes);
  }

  private static void write(ImageFile file, byte[] model, long at, int bytes, Random random)
      throws Exception {
    byte[] content = new byte[bytes];
    random.nextBytes(content);
    System.arraycopy(content, 0, model, (int) at, bytes);
    file.write(at, ByteBuffer.wrap(content));
  }
}
