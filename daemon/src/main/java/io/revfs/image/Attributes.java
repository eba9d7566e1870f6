package io.revfs.image;

import io.revfs.image.entry.ImageAttribute;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the attributes of one inode after the other: those of its own in full, repeated ones as
 * references to where they are written once.
 */
final class Attributes {
  private static final int MOST_OWN_BYTES = 1 << 18; // i_xattr_icount has 16 bits
  private static final int MOST_SHARED = 255; // h_shared_count has 8 bits
  private static final int MOST_REMEMBERED = 1 << 14;

  private final ImageFile image;
  private final Map<String, AttributeName> names = new HashMap<>();
  private final Map<ImageAttribute, Integer> places = new HashMap<>();
  private final ByteBuffer own = ByteBuffer.allocate(MOST_OWN_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final int[] shared = new int[MOST_SHARED];
  private int sharedCount;
  private int filter;

  /** {@code prefixes}: the names that are long prefixes, in their order. */
  Attributes(ImageFile image, List<String> prefixes) {
    this.image = image;
    for (int i = 0; i < prefixes.size(); i++) {
      names.put(prefixes.get(i), AttributeName.prefixed(prefixes.get(i), i));
    }
  }

  /** Starts with an inode's. */
  void begin(List<ImageAttribute> attributes) throws IOException {
    own.clear();
    sharedCount = 0;
    filter = -1;
    for (ImageAttribute attribute : attributes) {
      add(attribute);
    }
  }

  /** Adds one more. */
  void add(ImageAttribute attribute) throws IOException {
    AttributeName name = names.computeIfAbsent(attribute.name(), AttributeName::plain);
    filter &= ~name.filter();
    int place = attribute.repeated() && sharedCount < MOST_SHARED ? place(attribute, name) : 0;
    if (place != 0) {
      shared[sharedCount++] = place;
    } else {
      put(own, name, attribute.value());
    }
    if (bytes() > MOST_OWN_BYTES) {
      throw new IllegalArgumentException("attributes of " + bytes() + " bytes");
    }
  }

  /** Returns the size of what {@link #write} writes; a multiple of 4. */
  int bytes() {
    return sharedCount == 0 && own.position() == 0
        ? 0
        : Format.ATTRIBUTE_HEADER_BYTES + sharedCount * Integer.BYTES + own.position();
  }

  /** Returns what an inode states of the size of its attributes. */
  static int count(int bytes) {
    return bytes == 0 ? 0 : (bytes - Format.ATTRIBUTE_HEADER_BYTES) / Format.ATTRIBUTE_UNIT + 1;
  }

  /** Appends them to an inode. */
  void write(ByteBuffer record) {
    if (bytes() == 0) {
      return;
    }
    record.putInt(filter).put((byte) sharedCount).put(new byte[7]);
    for (int i = 0; i < sharedCount; i++) {
      record.putInt(shared[i]);
    }
    record.put(own.array(), 0, own.position());
  }

  /** Returns where a repeated attribute is, in units from the image's start; 0: nowhere. */
  private int place(ImageAttribute attribute, AttributeName name) throws IOException {
    Integer known = places.get(attribute);
    if (known != null) {
      return known;
    }
    ByteBuffer entry = ByteBuffer.allocate(entryBytes(name, attribute.value()));
    put(entry.order(ByteOrder.LITTLE_ENDIAN), name, attribute.value());
    if (places.size() >= MOST_REMEMBERED || image.size() / Format.ATTRIBUTE_UNIT > 0x7FFF_0000L) {
      return 0;
    }
    long at = image.record(entry.flip().remaining(), entry.remaining() <= Format.BLOCK);
    image.write(at, entry);
    int place = (int) (at / Format.ATTRIBUTE_UNIT);
    places.put(attribute, place);
    return place;
  }

  private static int entryBytes(AttributeName name, byte[] value) {
    return Format.align(
        Format.ATTRIBUTE_ENTRY_BYTES + name.rest().length + value.length, Format.ATTRIBUTE_UNIT);
  }

  private static void put(ByteBuffer out, AttributeName name, byte[] value) {
    int end = out.position() + entryBytes(name, value);
    if (end > out.capacity()) {
      throw new IllegalArgumentException("attributes of more than " + end + " bytes");
    }
    out.put((byte) name.rest().length).put(name.index()).putShort((short) value.length);
    out.put(name.rest()).put(value);
    while (out.position() < end) {
      out.put((byte) 0);
    }
  }
}
