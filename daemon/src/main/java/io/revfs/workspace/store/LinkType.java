package io.revfs.workspace.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How a file of the work tree shares its bytes with an object of the cache. */
public enum LinkType {
  /** A clone: the bytes are shared on disk until either is written. */
  REFLINK,
  /** Another name of the object, which nobody may write to. */
  HARDLINK,
  /** A symbolic link to the object, which nobody may write to. */
  SYMLINK,
  /** A copy. */
  COPY;

  /** What DVC does if nothing is configured. */
  public static final List<LinkType> DEFAULT = List.of(REFLINK, COPY);

  /** Returns its name in {@code cache.type}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the types that a {@code cache.type} names, in order.
   *
   * @throws IllegalArgumentException if it names none that there is
   */
  public static List<LinkType> parse(String configured) {
    List<LinkType> types = new ArrayList<>();
    for (String word : configured.split(",")) {
      if (!word.isBlank()) {
        types.add(valueOf(word.strip().toUpperCase(Locale.ROOT)));
      }
    }
    return types.isEmpty() ? DEFAULT : List.copyOf(types);
  }

  /** Returns whether a file of this type is independent of its object. */
  public boolean isOwn() {
    return this == REFLINK || this == COPY;
  }
}
