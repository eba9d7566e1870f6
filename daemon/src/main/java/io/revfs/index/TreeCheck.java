package io.revfs.index;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Looks at every page that an LMDB file's trees reach: that each is where it says it is, is of the
 * kind that its depth asks for, and that its nodes lie within it. Bytes of keys and values have no
 * checksum and are not judged.
 *
 * <p>Layout (LMDB 0.9, mdb.c, 64 bits, little-endian): a page begins with its number (8), padding
 * (2), flags (2), and the ends of the pointers and of the free space (2 each), or the count of
 * pages of an overflow (4). Pointers (2 each) lead to nodes: two halves of the size (2 each), flags
 * (2), key length (2), key, value. In a branch the sizes and flags are the child's number. An
 * MDB_db: padding (4), flags (2), depth (2), three counts of pages (8 each), entries (8), root (8).
 */
final class TreeCheck {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private static final int BRANCH = 1;
  private static final int LEAF = 2;
  private static final int OVERFLOW = 4;
  private static final int KINDS = 0x4F; // and meta, and pages within nodes
  private static final int BIG_VALUE = 1;
  private static final int NAMED_TREE = 2;
  private static final int NODE_HEADER_BYTES = 8;
  private static final long NO_PAGE = -1;
  private static final int MOST_DEPTH = 32; // LMDB's CURSOR_STACK

  private final Path data;
  private final MemorySegment file;
  private final DataFile.Meta meta;
  private long pagesLeft;

  private TreeCheck(Path data, MemorySegment file, DataFile.Meta meta) {
    this.data = data;
    this.file = file;
    this.meta = meta;
    this.pagesLeft = meta.lastPage() + 1;
  }

  /**
   * Looks at all of it; takes some 100 ms for a million entries.
   *
   * @throws IOException if it is damaged, saying where
   */
  static void check(Path data, DataFile.Meta meta) throws IOException {
    try (FileChannel channel = FileChannel.open(data, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      long bytes = (meta.lastPage() + 1) * meta.pageSize();
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes, arena);
      TreeCheck check = new TreeCheck(data, file, meta);
      check.tree(meta.treesAt()); // free pages
      check.tree(meta.treesAt() + DataFile.TREE_BYTES);
    }
  }

  private void tree(long at) throws IOException {
    int depth = unsigned(at + 6);
    long entries = file.get(LONG, at + 32);
    long root = file.get(LONG, at + 40);
    if (root == NO_PAGE) {
      return;
    }
    if (depth < 1 || depth > MOST_DEPTH) {
      throw damaged(root, "a tree has " + depth + " levels");
    }
    long found = page(root, depth);
    if (found != entries) {
      throw damaged(root, "a tree of " + entries + " entries has " + found);
    }
  }

  /** Looks at a page and all below; returns the entries there. */
  private long page(long number, int depth) throws IOException {
    long at = pageOf(number, depth > 1 ? BRANCH : LEAF);
    int pointersEnd = unsigned(at + 12);
    int freeEnd = unsigned(at + 14);
    if (pointersEnd < DataFile.HEADER_BYTES || freeEnd < pointersEnd || freeEnd > meta.pageSize()) {
      throw damaged(number, "its parts overlap");
    }
    int nodes = (pointersEnd - DataFile.HEADER_BYTES) / Short.BYTES;
    long entries = 0;
    for (int i = 0; i < nodes; i++) {
      int node = unsigned(at + DataFile.HEADER_BYTES + (long) i * Short.BYTES);
      if (node < freeEnd || node + NODE_HEADER_BYTES > meta.pageSize()) {
        throw damaged(number, "a node is outside");
      }
      entries += depth > 1 ? branch(number, at, node, depth) : leaf(number, at, node);
    }
    return entries;
  }

  private long branch(long number, long at, int node, int depth) throws IOException {
    end(number, node, keyBytes(at + node));
    long child = sizes(at + node) | (long) unsigned(at + node + 4) << 32;
    return page(child, depth - 1);
  }

  private long leaf(long number, long at, int node) throws IOException {
    int flags = unsigned(at + node + 4);
    long valueBytes = sizes(at + node);
    long value = (long) node + NODE_HEADER_BYTES + keyBytes(at + node);
    boolean big = (flags & BIG_VALUE) != 0;
    end(number, node, keyBytes(at + node) + (big ? Long.BYTES : valueBytes));
    if (big) {
      overflow(file.get(LONG, at + value), valueBytes);
    } else if ((flags & NAMED_TREE) != 0) {
      if (valueBytes != DataFile.TREE_BYTES) {
        throw damaged(number, "a table's description has " + valueBytes + " bytes");
      }
      tree(at + value);
    }
    return 1;
  }

  private void overflow(long number, long bytes) throws IOException {
    long at = pageOf(number, OVERFLOW);
    long pages = Integer.toUnsignedLong(file.get(INT, at + 12));
    if (number + pages - 1 > meta.lastPage()
        || pages * meta.pageSize() < bytes + DataFile.HEADER_BYTES) {
      throw damaged(number, "a value does not fit");
    }
  }

  /** Returns where a page is. */
  private long pageOf(long number, int kind) throws IOException {
    if (number < 2 || number > meta.lastPage()) {
      throw damaged(number, "there is no such page");
    }
    if (--pagesLeft < 0) {
      throw damaged(number, "pages are used twice");
    }
    long at = number * meta.pageSize();
    if (file.get(LONG, at) != number || (unsigned(at + 10) & KINDS) != kind) {
      throw damaged(number, "another page is in its place");
    }
    return at;
  }

  private void end(long number, int node, long contentBytes) throws IOException {
    if (node + NODE_HEADER_BYTES + contentBytes > meta.pageSize()) {
      throw damaged(number, "a node is too long");
    }
  }

  private int keyBytes(long node) {
    return unsigned(node + 6);
  }

  private long sizes(long node) {
    return unsigned(node) | (long) unsigned(node + 2) << 16;
  }

  private int unsigned(long at) {
    return Short.toUnsignedInt(file.get(SHORT, at));
  }

  private IOException damaged(long page, String what) {
    return new IOException("%s is damaged at page %d: %s".formatted(data, page, what));
  }
}
