package io.revfs.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexTest {
  private static final int ENTRIES = 5000;

  @TempDir Path directory;

  private static ByteBuffer key(int i) {
    return ByteBuffer.allocateDirect(Integer.BYTES).putInt(i).flip();
  }

  private static void check(Index index, Table table) {
    for (int i = 0; i < ENTRIES; i += 97) {
      int wanted = i;
      int found =
          index.read(
              txn -> {
                ByteBuffer value = txn.get(table, key(wanted));
                return value == null ? -1 : value.getInt(value.position());
              });
      assertEquals(wanted, found);
    }
  }

  @Test
  void moreThanTheFirstMapHolds_makesItGrow_andIsThereAgainAfterwards() throws Exception {
    long firstMap = 1 << 20;
    try (Index index = Index.open(directory, firstMap)) {
      Table table = index.table("t");
      for (int i = 0; i < ENTRIES; i++) {
        ByteBuffer value = ByteBuffer.allocateDirect(1000).putInt(0, i);
        ByteBuffer key = key(i);
        boolean unused =
            index.write(
                txn -> {
                  txn.put(table, key.duplicate(), value.duplicate());
                  return true;
                });
      }
      assertTrue(index.fileBytes() > firstMap, index.fileBytes() + " bytes");
      check(index, table);
    }
    try (Index index = Index.open(directory, firstMap)) {
      check(index, index.table("t"));
    }
  }
}
