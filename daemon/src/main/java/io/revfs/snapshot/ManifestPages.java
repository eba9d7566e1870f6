package io.revfs.snapshot;

import io.revfs.fuse.FileNames;
import io.revfs.image.DirectorySize;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/**
 * The pages that directories of manifests are kept in: content-addressed, so that revisions share
 * what they have in common. A directory is an index of pages; a page ends where the hash of a name
 * says so, so that a change moves no other boundary.
 *
 * <pre>
 * page:   entries of: name length (1), name, kind (1), then for files MD5 (16) and size (8, -1
 *         unknown), for directories the directory's id (16)
 * index:  entries in all (4), then for each page: its id (16), ordinal of its first entry (4),
 *         then the directory's size (8) and links (4), which early versions left out
 * id:     the first 16 bytes of the SHA-256 of a page or an index
 * </pre>
 */
final class ManifestPages {
  static final int ID_BYTES = 16;
  static final byte FILE = 0;
  static final byte EXECUTABLE = 1;
  static final byte DIRECTORY = 2;
  private static final int MOST_ENTRIES = 1024;
  private static final int BOUNDARY_MASK = 0xFF; // a page has 256 entries on average
  private static final int INDEX_ENTRY_BYTES = ID_BYTES + Integer.BYTES;

  /** Less than an index' entry, so the number of pages is known with and without it. */
  private static final int SIZE_BYTES = Long.BYTES + Integer.BYTES;

  private ManifestPages() {}

  /** Stores a page or an index under its id. */
  @FunctionalInterface
  interface Store {
    void put(byte[] id, byte[] content);
  }

  static byte[] id(byte[] content) {
    try {
      return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(content), ID_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] fileEntry(byte[] name, byte[] md5, long size, boolean executable) {
    return ByteBuffer.allocate(2 + name.length + md5.length + Long.BYTES)
        .put((byte) name.length)
        .put(name)
        .put(executable ? EXECUTABLE : FILE)
        .put(md5)
        .putLong(size)
        .array();
  }

  static byte[] directoryEntry(byte[] name, byte[] id) {
    return ByteBuffer.allocate(2 + name.length + id.length)
        .put((byte) name.length)
        .put(name)
        .put(DIRECTORY)
        .put(id)
        .array();
  }

  static int compareNames(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, 1, 1 + (a[0] & 0xFF), b, 1, 1 + (b[0] & 0xFF));
  }

  /** Stores a directory of sorted entries; returns its id. */
  static byte[] storeDirectory(Iterable<byte[]> sorted, Store store) {
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    int count = 0;
    DirectorySize.Counter size = new DirectorySize.Counter();
    int first = 0;
    for (byte[] entry : sorted) {
      page.writeBytes(entry);
      count++;
      byte[] name = Arrays.copyOfRange(entry, 1, 1 + (entry[0] & 0xFF));
      size.add(name, entry[1 + name.length] == DIRECTORY);
      int hash = Arrays.hashCode(name);
      hash = (hash * 0x9E3779B9) >>> 20; // the last bits of hashCode are the last characters'
      if ((hash & BOUNDARY_MASK) == 0 || count - first >= MOST_ENTRIES) {
        endPage(page, index, first, store);
        first = count;
      }
    }
    if (count > first) {
      endPage(page, index, first, store);
    }
    DirectorySize counted = size.end();
    byte[] content =
        ByteBuffer.allocate(Integer.BYTES + index.size() + SIZE_BYTES)
            .putInt(count)
            .put(index.toByteArray())
            .putLong(counted.bytes())
            .putInt(counted.links())
            .array();
    byte[] id = id(content);
    store.put(id, content);
    return id;
  }

  private static void endPage(
      ByteArrayOutputStream page, ByteArrayOutputStream index, int first, Store store) {
    byte[] content = page.toByteArray();
    byte[] id = id(content);
    store.put(id, content);
    index.writeBytes(id);
    index.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(first).array());
    page.reset();
  }

  /** An index of pages as it lies in the store. */
  record PageIndex(ByteBuffer bytes) {
    int entries() {
      return bytes.getInt(bytes.position());
    }

    int pages() {
      return (bytes.remaining() - Integer.BYTES) / INDEX_ENTRY_BYTES;
    }

    /** Returns the directory's size, if it was stored. */
    Optional<DirectorySize> size() {
      int at = Integer.BYTES + pages() * INDEX_ENTRY_BYTES;
      if (bytes.remaining() - at != SIZE_BYTES) {
        return Optional.empty();
      }
      int from = bytes.position() + at;
      return Optional.of(new DirectorySize(bytes.getLong(from), bytes.getInt(from + Long.BYTES)));
    }

    byte[] page(int i) {
      byte[] id = new byte[ID_BYTES];
      bytes.get(bytes.position() + Integer.BYTES + i * INDEX_ENTRY_BYTES, id);
      return id;
    }

    int firstEntry(int i) {
      return bytes.getInt(bytes.position() + Integer.BYTES + i * INDEX_ENTRY_BYTES + ID_BYTES);
    }

    /** Returns the page that has the entry of this ordinal. */
    int pageOf(long ordinal) {
      int low = 0;
      int high = pages() - 1;
      while (low < high) {
        int middle = (low + high + 1) >>> 1;
        if (firstEntry(middle) <= ordinal) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
      return low;
    }
  }

  /** Compares the name of a page's first entry with a name. */
  static int compareFirst(ByteBuffer page, byte[] name) {
    return compareName(page, page.position(), name);
  }

  static int compareName(ByteBuffer page, int at, byte[] name) {
    int length = page.get(at) & 0xFF;
    for (int i = 0; i < Math.min(length, name.length); i++) {
      int difference = (page.get(at + 1 + i) & 0xFF) - (name[i] & 0xFF);
      if (difference != 0) {
        return difference;
      }
    }
    return length - name.length;
  }

  /** Returns the length of the entry at a place. */
  static int entryLength(ByteBuffer page, int at) {
    int name = page.get(at) & 0xFF;
    boolean directory = page.get(at + 1 + name) == DIRECTORY;
    return 2 + name + (directory ? ID_BYTES : 16 + Long.BYTES);
  }

  /** Returns an entry's name. */
  static String name(ByteBuffer page, int at) {
    byte[] name = new byte[page.get(at) & 0xFF];
    page.get(at + 1, name);
    return FileNames.decode(name);
  }
}
