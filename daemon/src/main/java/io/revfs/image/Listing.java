package io.revfs.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The entries of a directory, one after the other, read in pages and checked. */
final class Listing {
  private static final int PAGE = 512;
  private static final int MOST_NAME_BYTES = 255;

  private final ImageDirectory directory;
  private final ArrayDeque<ImageEntry> ahead = new ArrayDeque<>();
  private long listed;
  private boolean exhausted;
  private byte[] last = {};

  Listing(ImageDirectory directory) {
    this.directory = directory;
  }

  /** The beginning of a listing: how many bytes its names take, and whether that is all. */
  record Beginning(int nameBytes, int subdirectories, boolean whole) {}

  /** Reads ahead until names take more than {@code bytes}, or there are no more. */
  Beginning beginning(int bytes) throws IOException {
    int nameBytes = 0;
    int subdirectories = 0;
    while (!exhausted && nameBytes <= bytes) {
      for (ImageEntry entry : page()) {
        nameBytes += DirectoryBlock.bytes(entry.name());
        subdirectories += entry instanceof ImageEntry.Directory ? 1 : 0;
      }
    }
    return new Beginning(nameBytes, subdirectories, exhausted);
  }

  /** Returns the next entry, null if there is none. */
  @Nullable ImageEntry next() throws IOException {
    if (ahead.isEmpty() && !exhausted) {
      page();
    }
    ImageEntry next = ahead.poll();
    if (next != null) {
      check(next.name());
      last = next.name();
    }
    return next;
  }

  private List<ImageEntry> page() throws IOException {
    List<ImageEntry> page = directory.entries(listed, PAGE);
    listed += page.size();
    exhausted = page.size() < PAGE;
    ahead.addAll(page);
    return page;
  }

  private void check(byte[] name) {
    if (name.length == 0 || name.length > MOST_NAME_BYTES || isReserved(name)) {
      throw new IllegalArgumentException("'" + text(name) + "' cannot be a name");
    }
    if (Arrays.compareUnsigned(last, name) >= 0) {
      throw new IllegalArgumentException(
          "'" + text(name) + "' does not come after '" + text(last) + "'");
    }
  }

  private static boolean isReserved(byte[] name) {
    for (byte b : name) {
      if (b == 0 || b == '/') {
        return true;
      }
    }
    return name[0] == '.' && (name.length == 1 || name.length == 2 && name[1] == '.');
  }

  private static String text(byte[] name) {
    return new String(name, StandardCharsets.UTF_8);
  }
}
