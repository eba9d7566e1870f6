package io.revfs.index;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.CursorIterable;
import org.lmdbjava.KeyRange;
import org.lmdbjava.Stat;
import org.lmdbjava.Txn;

/**
 * Reads of one {@link Index#read}. Buffers passed in must be direct; buffers given out lie in
 * LMDB's map and end with the transaction.
 */
public sealed class ReadTransaction permits WriteTransaction {
  final Txn<ByteBuffer> txn;

  ReadTransaction(Txn<ByteBuffer> txn) {
    this.txn = txn;
  }

  /** Returns the value of a key, or null; valid while the transaction is open. */
  public @Nullable ByteBuffer get(Table table, ByteBuffer key) {
    ByteBuffer value = table.dbi().get(txn, key);
    return value == null ? null : value.slice(); // the transaction has one buffer for all gets
  }

  /**
   * Passes entries in key order from {@code from} (inclusive) on, until the visitor returns false.
   */
  public <E extends Exception> void scan(Table table, ByteBuffer from, Visitor<E> visitor)
      throws E {
    visit(table, KeyRange.atLeast(from), visitor);
  }

  /** Passes all entries in key order, until the visitor returns false. */
  public <E extends Exception> void scanAll(Table table, Visitor<E> visitor) throws E {
    visit(table, KeyRange.all(), visitor);
  }

  private <E extends Exception> void visit(
      Table table, KeyRange<ByteBuffer> range, Visitor<E> visitor) throws E {
    try (CursorIterable<ByteBuffer> entries = table.dbi().iterate(txn, range)) {
      for (CursorIterable.KeyVal<ByteBuffer> entry : entries) {
        if (!visitor.visit(entry.key(), entry.val())) {
          return;
        }
      }
    }
  }

  /** Returns the number of entries. */
  public long count(Table table) {
    Stat stat = table.dbi().stat(txn);
    return stat.entries;
  }

  /** Takes entries of a scan. */
  @FunctionalInterface
  public interface Visitor<E extends Exception> {
    /** Returns whether to go on. */
    boolean visit(ByteBuffer key, ByteBuffer value) throws E;
  }
}
