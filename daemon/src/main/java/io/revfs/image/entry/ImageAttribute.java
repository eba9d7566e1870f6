package io.revfs.image.entry;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * An extended attribute.
 *
 * @param name with its namespace, {@code user.…} or {@code trusted.…}; at most 255 bytes after that
 * @param value at most 65,535 bytes; not copied
 * @param repeated whether many entries have this very name and value: then it is written once, and
 *     each of them refers to it
 */
public record ImageAttribute(String name, byte[] value, boolean repeated) {
  public ImageAttribute {
    if (value.length > 0xFFFF) {
      throw new IllegalArgumentException(name + " has a value of " + value.length + " bytes");
    }
  }

  /** Returns an attribute whose value is its entry's own. */
  public static ImageAttribute own(String name, String value) {
    return new ImageAttribute(name, value.getBytes(StandardCharsets.UTF_8), false);
  }

  /** Returns an attribute that many entries have. */
  public static ImageAttribute repeated(String name, String value) {
    return new ImageAttribute(name, value.getBytes(StandardCharsets.UTF_8), true);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ImageAttribute that
        && name.equals(that.name)
        && Arrays.equals(value, that.value)
        && repeated == that.repeated;
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + Arrays.hashCode(value);
  }
}
