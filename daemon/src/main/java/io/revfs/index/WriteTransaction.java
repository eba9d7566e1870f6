package io.revfs.index;

import java.nio.ByteBuffer;
import org.lmdbjava.PutFlags;
import org.lmdbjava.Txn;

/** Writes of one {@link Index#write}; see {@link ReadTransaction} for buffers. */
public final class WriteTransaction extends ReadTransaction {
  WriteTransaction(Txn<ByteBuffer> txn) {
    super(txn);
  }

  /** Sets a value. */
  public void put(Table table, ByteBuffer key, ByteBuffer value) {
    table.dbi().put(txn, key, value);
  }

  /** Sets a value unless the key has one; returns whether it was set. */
  public boolean putIfAbsent(Table table, ByteBuffer key, ByteBuffer value) {
    return table.dbi().put(txn, key, value, PutFlags.MDB_NOOVERWRITE);
  }

  /** Removes a key; returns whether it was there. */
  public boolean delete(Table table, ByteBuffer key) {
    return table.dbi().delete(txn, key);
  }

  /** Removes all entries. */
  public void clear(Table table) {
    table.dbi().drop(txn);
  }
}
