package io.revfs.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.revfs.image.entry.ImageAttribute;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each structure of the format, byte for byte as {@code docs/erofs-image.md} has it. */
class StructuresTest {
  private static final Inode.Common ROOT = new Inode.Common(0, 0, 946_684_800);

  @TempDir Path directory;

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replaceAll("[\\s|]", ""));
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void compactInode() {
    ByteBuffer out = buffer(32);
    new Inode(Format.LAYOUT_CHUNKED, 0100444, 1, 0x12345678, 3, 7)
        .write(out, new Inode.Common(1000, 100, 946_684_800), false, 33);
    assertArrayEquals(
        bytes(
            """
            0800 2100 2481 0100 | 78563412 00000000 03000000
            07000000 e803 6400 00000000
            """),
        out.array());
  }

  @Test
  void extendedInode() {
    ByteBuffer out = buffer(64);
    new Inode(Format.LAYOUT_PLAIN, 040555, 70_000, 0x123456789AL, 9, 8).write(out, ROOT, true, 0);
    assertArrayEquals(
        bytes(
            """
            0100 0000 6d41 0000 | 9a78563412000000 09000000
            08000000 00000000 00000000 | 80436d3800000000 00000000
            70110100 | 00000000000000000000000000000000
            """),
        out.array());
  }

  @Test
  void inode_isCompact_whereSizeLinksAndOwnersFit() {
    assertEquals(false, Inode.isExtended(ROOT, 0xFFFF, 0xFFFF_FFFFL));
    assertEquals(true, Inode.isExtended(ROOT, 1, 0x1_0000_0000L));
    assertEquals(true, Inode.isExtended(ROOT, 0x1_0000, 1));
    assertEquals(true, Inode.isExtended(new Inode.Common(0x1_0000, 0, 0), 1, 1));
    assertEquals(false, Inode.isExtended(new Inode.Common(0xFFFF, 0xFFFF, 0), 1, 1));
  }

  @Test
  void directoryBlock_hasEntriesThenNames() {
    DirectoryBlock block = new DirectoryBlock();
    block.add(text("."), 36, Format.TYPE_DIRECTORY);
    block.add(text(".."), 36, Format.TYPE_DIRECTORY);
    block.add(text("name"), 0x1_0000_0001L, Format.TYPE_FILE);
    byte[] expected = new byte[4096];
    byte[] start =
        bytes(
            """
            2400000000000000 2400 02 00
            2400000000000000 2500 02 00
            0100000001000000 2700 01 00
            2e 2e2e 6e616d65
            """);
    System.arraycopy(start, 0, expected, 0, start.length);
    assertEquals(start.length, block.bytes());
    assertArrayEquals(expected, block.drainBlock().array());
    assertEquals(0, block.bytes());
  }

  @Test
  void directoryBlock_holdsAsManyOfTheShortestNamesAsABlockHas() {
    DirectoryBlock block = new DirectoryBlock();
    int count = 0;
    while (!DirectorySize.isFull(block.bytes(), text("x"))) {
      block.add(text("x"), count++, Format.TYPE_LINK);
    }
    assertEquals(4096 / 13, count);
    assertEquals(4096, block.drainBlock().remaining());
  }

  @Test
  void attributes_areOwnOnesInFullAndPlacesOfRepeatedOnes() throws Exception {
    try (ImageFile image = new ImageFile(directory.resolve("image"), 1152)) {
      Attributes attributes = new Attributes(image, List.of("user.revfs.digest"));
      ImageAttribute commit = ImageAttribute.repeated("user.revfs.commit", "abc");
      attributes.begin(
          List.of(
              ImageAttribute.own("user.revfs.digest", "md5:0"),
              commit,
              ImageAttribute.own("trusted.x", "")));
      byte[] expected =
          bytes(
              """
              %08x 01 00000000000000 20010000
              00 80 0500 6d64353a30 000000
              01 04 0000 78 000000
              """
                  .formatted(
                      Integer.reverseBytes(
                          ~(1 << (XxHash32.hash(text("revfs.digest"), 0x25BBE08F + 1) & 31)
                              | 1 << (XxHash32.hash(text("revfs.commit"), 0x25BBE08F + 1) & 31)
                              | 1 << (XxHash32.hash(text("x"), 0x25BBE08F + 4) & 31)))));
      ByteBuffer out = buffer(attributes.bytes());
      attributes.write(out);
      assertArrayEquals(expected, out.array());
      assertEquals((expected.length - 12) / 4 + 1, Attributes.count(attributes.bytes()));
      // The repeated one: at the image's first record, 4 * 0x120 bytes from its start.
      assertArrayEquals(
          bytes("0c 01 0300 72657666732e636f6d6d6974 616263 00"), image.read(1152, 20));

      attributes.begin(List.of(commit));
      assertEquals(16, attributes.bytes());
      attributes.begin(List.of());
      assertEquals(0, attributes.bytes());
      assertEquals(0, Attributes.count(0));
    }
  }

  @Test
  void hole_hasAsFewChunksAsTheFormatAllows() {
    assertEquals(new Hole(Format.LAYOUT_PLAIN, 0, 0), Hole.of(0));
    assertEquals(new Hole(Format.LAYOUT_CHUNKED, 0, 1), Hole.of(1));
    assertEquals(new Hole(Format.LAYOUT_CHUNKED, 0, 1), Hole.of(4096));
    assertEquals(new Hole(Format.LAYOUT_CHUNKED, 1, 1), Hole.of(4097));
    assertEquals(new Hole(Format.LAYOUT_CHUNKED, 31, 1), Hole.of(1L << 43));
    assertEquals(new Hole(Format.LAYOUT_CHUNKED, 31, 2), Hole.of((1L << 43) + 1));
    assertEquals(new Hole(Format.LAYOUT_CHUNKED, 31, 1 << 13), Hole.of(1L << 56));
  }

  @Test
  void hash_isXxh32() {
    assertEquals(0x02CC5D05, XxHash32.hash(text(""), 0));
    assertEquals(0x36B78AE7, XxHash32.hash(text(""), 0x9E3779B1));
    assertEquals(0x550D7456, XxHash32.hash(text("a"), 0));
    assertEquals(0x32D153FF, XxHash32.hash(text("abc"), 0));
    assertEquals(0xE2293B2F, XxHash32.hash(text("Nobody inspects the spammish repetition"), 0));
  }

  @Test
  void anEmptyTree_isASuperblockAndARoot() throws Exception {
    Path file = directory.resolve("empty");
    ImageSettings settings = new ImageSettings(946_684_800, 0, 0, List.of("user.revfs.digest"));
    ImageSummary summary = ErofsImage.write(new ModelDirectory().asRoot(), file, settings);
    byte[] image = Files.readAllBytes(file);
    assertEquals(4096, image.length);
    assertEquals(4096, summary.bytes());
    assertArrayEquals(new byte[1024], Arrays.copyOf(image, 1024));
    assertArrayEquals(
        bytes(
            """
            e2e1f5e0 %s 07000000 0c 00 2500
            0100000000000000 80436d3800000000 00000000
            00000000 00000000 00000000
            00000000000000000000000000000000 72657666730000000000000000000000
            40000000 0000 0000 0000 00 01 20010000
            0000000000000000 00 00 0000 00000000 0000000000000000 0000000000000000
            0d00 01 72657666732e646967657374 00 00000000000000000000000000000000
            """
                .formatted(HexFormat.of().formatHex(image, 1028, 1032))),
        Arrays.copyOfRange(image, 1024, 1184));
    assertArrayEquals(
        bytes(
            """
            0400 0000 6d41 0200 | 1b000000 00000000 00000000
            00000000 0000 0000 00000000
            2500000000000000 1800 02 00
            2500000000000000 1900 02 00
            2e 2e2e
            """),
        Arrays.copyOfRange(image, 1184, 1184 + 32 + 27));
  }
}
