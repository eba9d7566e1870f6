package io.revfs.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Checks LMDB's data file before it is mapped, since a truncated one ends the process with SIGBUS.
 * Layout (LMDB 0.9, mdb.c, struct MDB_page and MDB_meta, 64 bits): two pages with a header of 16
 * bytes and then magic (4), version (4), address (8), map size (8), two MDB_db of 48 bytes, last
 * page (8), transaction (8). The page size stands in the first MDB_db's first 4 bytes.
 */
final class DataFile {
  /** Bytes of a page's header, before the pointers to its nodes. */
  static final int HEADER_BYTES = 16;

  /** Bytes of an MDB_db, which describes a tree. */
  static final int TREE_BYTES = 48;

  private static final int MAGIC = 0xBEEFC0DE;
  private static final int META_AT = HEADER_BYTES;
  private static final int PAGE_SIZE_AT = META_AT + 24;
  private static final int LAST_PAGE_AT = PAGE_SIZE_AT + 2 * TREE_BYTES;
  private static final int TRANSACTION_AT = LAST_PAGE_AT + 8;

  private DataFile() {}

  /** What a file's valid meta page says: page size in bytes, and where its two MDB_db stand. */
  record Meta(int pageSize, long lastPage, long treesAt) {}

  /** Checks beginning and length; empty if nothing was written yet. */
  static Optional<Meta> check(Path data) throws IOException {
    try (FileChannel file = FileChannel.open(data, StandardOpenOption.READ)) {
      long length = file.size();
      if (length == 0) {
        return Optional.empty(); // made, but never written
      }
      ByteBuffer first = meta(file, 0);
      int pageSize = first.getInt(PAGE_SIZE_AT);
      if (first.getInt(META_AT) != MAGIC || pageSize < 512 || pageSize > 1 << 16) {
        throw new IOException(data + " is no LMDB file");
      }
      ByteBuffer second = meta(file, pageSize);
      if (second.getInt(META_AT) != MAGIC) {
        throw new IOException(data + " is damaged: its second meta page is");
      }
      boolean secondIsNewer = second.getLong(TRANSACTION_AT) > first.getLong(TRANSACTION_AT);
      long lastPage = (secondIsNewer ? second : first).getLong(LAST_PAGE_AT);
      if (lastPage < 1 || length < (lastPage + 1) * pageSize) {
        throw new IOException(
            "%s is truncated: %d bytes, %d pages".formatted(data, length, lastPage + 1));
      }
      long metaAt = secondIsNewer ? pageSize : 0;
      return Optional.of(new Meta(pageSize, lastPage, metaAt + PAGE_SIZE_AT));
    }
  }

  private static ByteBuffer meta(FileChannel file, long at) throws IOException {
    ByteBuffer page = ByteBuffer.allocate(TRANSACTION_AT + 8).order(ByteOrder.nativeOrder());
    while (page.hasRemaining()) {
      if (file.read(page, at + page.position()) < 0) {
        throw new IOException("the index is truncated to " + file.size() + " bytes");
      }
    }
    return page;
  }
}
