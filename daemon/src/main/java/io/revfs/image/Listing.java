package io.revfs.image;

import io.revfs.image.entry.ImageDirectory;
import io.revfs.image.entry.ImageEntry;
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

  /**
   * Reads ahead at the beginning of the listing.
   *
   * @return all entries if there are no more than {@code most}, otherwise some
   */
  Iterable<ImageEntry> readAhead(int most) throws IOException {
    while (!exhausted && ahead.size() <= most) {
      readPage();
    }
    return ahead;
  }

  /** Returns whether all entries were read ahead. */
  boolean isExhausted() {
    return exhausted;
  }

  /** Returns the next entry, null if there is none. */
  @Nullable ImageEntry next() throws IOException {
    if (ahead.isEmpty() && !exhausted) {
      readPage();
    }
    ImageEntry next = ahead.poll();
    if (next != null) {
      check(next.name());
      last = next.name();
    }
    return next;
  }

  private void readPage() throws IOException {
    List<ImageEntry> page = directory.entries(listed, PAGE);
    listed += page.size();
    exhausted = page.size() < PAGE;
    ahead.addAll(page);
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
    return Arrays.equals(name, Dots.SELF) || Arrays.equals(name, Dots.PARENT);
  }

  private static String text(byte[] name) {
    return new String(name, StandardCharsets.UTF_8);
  }
}
