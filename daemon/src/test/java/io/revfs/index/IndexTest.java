package io.revfs.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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

  /** As the index of a cache: some tables, values that need pages of their own, and deletions. */
  private void fill(Random random) throws Exception {
    try (Index index = Index.open(directory, 1 << 20)) {
      for (String name : List.of("a", "b", "c")) {
        Table table = index.table(name);
        for (int step = 0; step < 20; step++) {
          boolean unused =
              index.write(
                  txn -> {
                    for (int i = 0; i < 200; i++) {
                      int bytes = random.nextInt(50) == 0 ? 20_000 : 8 + random.nextInt(300);
                      int key = random.nextInt(ENTRIES);
                      txn.put(table, key(key), ByteBuffer.allocateDirect(bytes));
                      txn.delete(table, key(random.nextInt(ENTRIES)));
                    }
                    return true;
                  });
        }
      }
    }
  }

  /** Reads all and writes some, as a process of its own; returns its exit code. */
  private int use() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(System.getProperty("revfs.jvm.flags").split(" ")));
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-XX:ErrorFile=" + directory.resolve("crash"),
            "-cp",
            System.getProperty("java.class.path"),
            IndexUser.class.getName(),
            directory.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile())
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor(); // LMDB went round in circles
    }
    return process.exitValue();
  }

  @Test
  void overwrittenInTheMiddle_isFoundBeforeItIsUsed_andRebuilt() throws Exception {
    long seed = Long.getLong("revfs.seed", System.nanoTime());
    Random random = new Random(seed);
    fill(random);
    byte[] sound = Files.readAllBytes(directory.resolve("data.mdb"));
    int page = 4096;
    for (int round = 0; round < 200; round++) {
      byte[] damaged = sound.clone();
      // At least one page that is used, and its beginning: values have no checksum.
      int from = page * (2 + random.nextInt(sound.length / page / 2));
      byte[] garbage = new byte[sound.length / 3];
      if (random.nextBoolean()) {
        random.nextBytes(garbage);
      }
      System.arraycopy(garbage, 0, damaged, from, garbage.length);
      Files.write(directory.resolve("data.mdb"), damaged);
      assertThrows(IOException.class, () -> Index.open(directory, 1 << 20), "seed " + seed);
    }
    try (Index index = Index.openOrRebuild(directory, 1 << 20)) {
      assertTrue(index.isNew());
    }
    assertEquals(0, use());
  }

  @Test
  void aLargeIndexOverwritten_endsTheProcessOnceAtMost() throws Exception {
    long large = 20L << 20; // beyond what is looked at at every start
    try (Index index = Index.open(directory, 1 << 20)) {
      Table table = index.table("a");
      for (int step = 0; index.fileBytes() < large; step++) {
        int first = step * 1000;
        boolean unused =
            index.write(
                txn -> {
                  for (int i = first; i < first + 1000; i++) {
                    txn.put(table, key(i), ByteBuffer.allocateDirect(500));
                  }
                  return true;
                });
      }
    }
    byte[] garbage = new byte[4 << 20];
    new Random(1).nextBytes(garbage);
    try (FileChannel data =
        FileChannel.open(directory.resolve("data.mdb"), StandardOpenOption.WRITE)) {
      data.write(ByteBuffer.wrap(garbage), 1 << 20);
    }
    assertNotEquals(0, use(), "it is trusted, since it was closed in order");
    assertEquals(0, use(), Files.readString(directory.resolve("output")));
    assertEquals(0, use());
  }

  @Test
  void aProcessThatWasKilled_losesNothing() throws Exception {
    fill(new Random(2));
    Files.writeString(directory.resolve("in-use"), "open"); // as a killed one leaves it
    try (Index index = Index.openOrRebuild(directory, 1 << 20)) {
      assertFalse(index.isNew());
      Table table = index.table("a");
      assertTrue(index.read(txn -> txn.count(table)) > 0);
    }
    assertFalse(Files.exists(directory.resolve("in-use")));
  }
}
