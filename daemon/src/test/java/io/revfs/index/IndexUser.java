package io.revfs.index;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Uses an index as a daemon does, in a process of its own, which a damaged one may end. */
final class IndexUser {
  private IndexUser() {}

  public static void main(String[] words) throws Exception {
    try (Index index = Index.openOrRebuild(Path.of(words[0]), 1 << 20)) {
      Table table = index.table("a");
      long[] entries = {0};
      boolean unused =
          index.read(
              txn -> {
                txn.scanAll(
                    table,
                    (key, value) -> {
                      entries[0]++;
                      return true;
                    });
                return true;
              });
      boolean unusedToo =
          index.write(
              txn -> {
                for (int i = 0; i < 1000; i++) {
                  ByteBuffer key = ByteBuffer.allocateDirect(Integer.BYTES).putInt(i * 37).flip();
                  txn.put(table, key, ByteBuffer.allocateDirect(100));
                }
                return true;
              });
      System.out.println(entries[0] + " entries, new: " + index.isNew());
    }
  }
}
