package io.revfs.image;

import io.revfs.image.entry.ImageAttribute;
import io.revfs.image.entry.ImageEntry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes trees that a writer may stumble over. */
final class RandomTree {
  /** Bytes around those that are special in names or in sorting. */
  private static final byte[] EDGES = {1, ' ', '-', '.', '0', 'a', 0x7f, (byte) 0x80, (byte) 0xff};

  private static final int[] LENGTHS = {0, 1, 31, 100, 2047, 2048, 2049, 4064, 4095, 4096, 4097};

  private final Random random;
  private final List<byte[]> before = new ArrayList<>();

  RandomTree(Random random) {
    this.random = random;
  }

  /** Returns a tree of about so many entries. */
  ModelDirectory tree(int entries) {
    ModelDirectory root = new ModelDirectory();
    List<ModelDirectory> directories = new ArrayList<>(List.of(root));
    for (int i = 0; i < entries; i++) {
      // Old directories get more: some have thousands of entries, most few.
      int at = (int) (directories.size() * Math.pow(random.nextDouble(), 3));
      ModelDirectory parent = directories.get(at);
      byte[] name = name();
      if (parent.contains(name)) {
        continue;
      }
      ImageEntry entry = entry(name);
      parent.add(entry);
      if (entry instanceof ImageEntry.Directory below) {
        directories.add((ModelDirectory) below.content());
      }
    }
    return root;
  }

  private ImageEntry entry(byte[] name) {
    return switch (random.nextInt(20)) {
      case 0, 1 ->
          new ImageEntry.Directory(
              name, random.nextBoolean() ? 0555 : 0755, attributes(), new ModelDirectory());
      case 2 -> link(name, 1 + random.nextInt(200));
      case 3 -> link(name, 3900 + random.nextInt(196));
      case 4, 5, 6 -> new ImageEntry.InlineFile(name, 0444, attributes(), content());
      default -> new ImageEntry.ObjectFile(name, permissions(), attributes(), size(), object());
    };
  }

  /** Linux gives links no attributes of users. */
  private ImageEntry link(byte[] name, int length) {
    return new ImageEntry.SymbolicLink(name, rareAttributes(), nonZero(length));
  }

  private int permissions() {
    return random.nextBoolean() ? 0444 : 0555;
  }

  private byte[] content() {
    byte[] content =
        new byte
            [random.nextBoolean()
                ? LENGTHS[random.nextInt(LENGTHS.length)]
                : random.nextInt(20_000)];
    random.nextBytes(content);
    return content;
  }

  private long size() {
    long size = random.nextLong(1L << random.nextInt(1, 44));
    return switch (random.nextInt(6)) {
      case 0 -> size & 0xFFF;
      case 1 -> 1L << random.nextInt(44);
      case 2 -> (1L << random.nextInt(44)) - 1;
      default -> size;
    };
  }

  private byte[] object() {
    String hex = "%032x".formatted(random.nextLong(Long.MAX_VALUE));
    return ("/files/md5/" + hex.substring(0, 2) + "/" + hex.substring(2))
        .getBytes(StandardCharsets.UTF_8);
  }

  private List<ImageAttribute> attributes() {
    List<ImageAttribute> attributes = new ArrayList<>();
    if (random.nextInt(4) > 0) {
      attributes.add(ImageAttribute.own("user.revfs.digest", "md5:" + random.nextLong()));
      attributes.add(ImageAttribute.repeated("user.revfs.commit", "c".repeat(40)));
    }
    if (random.nextInt(4) == 0) {
      String remote = "remote" + random.nextInt(5);
      attributes.add(ImageAttribute.repeated("user.revfs.remote", remote));
    }
    attributes.addAll(rareAttributes());
    return attributes;
  }

  private List<ImageAttribute> rareAttributes() {
    List<ImageAttribute> attributes = new ArrayList<>();
    if (random.nextInt(50) == 0) {
      byte[] value = new byte[random.nextInt(3) == 0 ? 5000 : random.nextInt(300)];
      random.nextBytes(value);
      String name = "trusted.x" + "y".repeat(random.nextInt(200));
      attributes.add(new ImageAttribute(name, value, random.nextBoolean()));
    }
    return attributes;
  }

  /** Returns a name: anything; or much like one before, so that sorting and halving are hard. */
  byte[] name() {
    byte[] name =
        switch (random.nextInt(8)) {
          case 0 -> bytes(1 + random.nextInt(255));
          case 1 -> edges(250 + random.nextInt(6));
          case 2, 3 -> edges(1 + random.nextInt(6));
          case 4, 5 ->
              before.isEmpty() ? bytes(3) : like(before.get(random.nextInt(before.size())));
          default ->
              ("file-%07d.jpg".formatted(random.nextInt(10_000_000)))
                  .getBytes(StandardCharsets.UTF_8);
        };
    if (isDots(name)) {
      return name();
    }
    if (before.size() < 1000) {
      before.add(name);
    } else {
      before.set(random.nextInt(before.size()), name);
    }
    return name;
  }

  /** Longer, shorter, or different in one byte. */
  private byte[] like(byte[] other) {
    int length = Math.clamp(other.length + random.nextInt(3) - 1L, 1, 255);
    byte[] name = java.util.Arrays.copyOf(other, length);
    byte edge = EDGES[random.nextInt(EDGES.length)];
    int at = length > other.length ? length - 1 : random.nextInt(length);
    if (length >= other.length) {
      name[at] = edge;
    }
    return name;
  }

  private byte[] edges(int length) {
    byte[] name = new byte[length];
    for (int i = 0; i < length; i++) {
      name[i] = length > 200 && i < 240 ? (byte) 'p' : EDGES[random.nextInt(EDGES.length)];
    }
    return name;
  }

  private byte[] bytes(int length) {
    byte[] name = nonZero(length);
    for (int i = 0; i < length; i++) {
      name[i] = name[i] == '/' ? (byte) 0x80 : name[i];
    }
    return name;
  }

  private byte[] nonZero(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    for (int i = 0; i < length; i++) {
      bytes[i] = bytes[i] == 0 ? (byte) 1 : bytes[i];
    }
    return bytes;
  }

  private static boolean isDots(byte[] name) {
    return name[0] == '.' && (name.length == 1 || name.length == 2 && name[1] == '.');
  }
}
