package io.revfs.image;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * An attribute's name as it is written.
 *
 * @param index the number of its namespace, or of a long prefix with {@link
 *     Format#ATTRIBUTE_LONG_PREFIX}
 * @param rest the name after that; empty if the prefix is all of it
 * @param filter the bit that says in an inode's filter that the inode has no such attribute
 */
record AttributeName(byte index, byte[] rest, int filter) {
  private static final Map<String, Integer> NAMESPACES =
      Map.of("user.", 1, "trusted.", 4, "security.", 6);

  /** A name divided into its namespace's number and what follows. */
  record Parts(int namespace, byte[] rest) {
    static Parts of(String name) {
      int dot = name.indexOf('.') + 1;
      Integer namespace = NAMESPACES.get(name.substring(0, dot));
      byte[] rest = name.substring(dot).getBytes(StandardCharsets.UTF_8);
      if (namespace == null || rest.length == 0 || rest.length > Format.MOST_ATTRIBUTE_NAME) {
        throw new IllegalArgumentException("'" + name + "' cannot be the name of an attribute");
      }
      return new Parts(namespace, rest);
    }

    /** Returns the bit of the kernel's filter: chosen by a hash of the name in its namespace. */
    int filter() {
      return 1 << (XxHash32.hash(rest, Format.ATTRIBUTE_FILTER_SEED + namespace) & 31);
    }
  }

  /** Returns a name without a long prefix. */
  static AttributeName plain(String name) {
    Parts parts = Parts.of(name);
    return new AttributeName((byte) parts.namespace(), parts.rest(), parts.filter());
  }

  /** Returns a name that is the whole of a long prefix. */
  static AttributeName prefixed(String name, int prefix) {
    int index = Format.ATTRIBUTE_LONG_PREFIX | prefix;
    return new AttributeName((byte) index, new byte[0], Parts.of(name).filter());
  }
}
