package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.MountTable;
import io.revfs.fuse.Shell;
import io.revfs.fuse.local.RandomOperations;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random work in an attached copy against the same in a plain directory, also while the daemon is
 * killed again and again; and random switches of Git's. Needs root.
 */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class AttachedRandomTest {
  private static final int VERSIONS = 5;

  @TempDir(cleanup = CleanupMode.NEVER)
  Path directory;

  private TestData data;
  private TestDaemon daemon;
  private Path work;
  private final long seed = Long.getLong("revfs.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @BeforeEach
  void start() throws Exception {
    data = new TestData(Files.createDirectories(directory.resolve("data")));
    work = data.repository();
    data.write(".gitignore", "/set\n/model\n");
    for (int version = 0; version < VERSIONS; version++) {
      Map<String, byte[]> files = new TreeMap<>();
      for (int i = 0; i < 20; i++) {
        if (random.nextInt(4) > 0) {
          String name = (i % 3 == 0 ? "d" + i % 4 + "/" : "") + "f" + i;
          files.put(name, bytes("file " + i + " " + random.nextInt(3)));
        }
      }
      data.directory("set", files);
      data.file("model", bytes("model " + version));
      data.write("code", "version " + version + "\n");
      data.commit("v" + version);
      Path plain = Files.createDirectories(directory.resolve("versions/v" + version));
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Path at = plain.resolve("set").resolve(file.getKey());
        Files.createDirectories(at.getParent());
        Files.write(at, file.getValue());
      }
      Files.write(plain.resolve("model"), bytes("model " + version));
    }
    daemon = TestDaemon.start(directory.resolve("daemon"), "seal:\n  mode: off\n");
    assertEquals(
        200, daemon.post("/v1/attached", "{\"directory\":\"%s\"}".formatted(work)).status());
  }

  private static byte[] bytes(String text) {
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  @AfterEach
  void stop() throws Exception {
    daemon.close();
    for (var mount : MountTable.read().mounts()) {
      if (mount.mountPoint().startsWith(directory)) {
        MountTable.detach(mount.mountPoint());
      }
    }
  }

  private void operateWhileKilled(int steps, int kills) throws Exception {
    Path plain = Files.createDirectory(directory.resolve("plain"));
    Path mounted = work.resolve("scratch");
    assertEquals("", Shell.run(work, "mkdir scratch").output());
    String said =
        RandomOperations.start(
            seed,
            steps,
            plain,
            mounted,
            () -> {
              for (int i = 0; i < kills; i++) {
                try {
                  daemon.crash();
                  daemon.awaitSuccessor();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              }
            });
    assertTrue(said.endsWith("same"), "seed " + seed + ": " + said);
    assertEquals(
        Shell.run(plain, RandomOperations.LIST).output(),
        Shell.run(mounted, RandomOperations.LIST).output(),
        "seed " + seed);
  }

  @Test
  void operationsWhileTheDaemonIsKilled_equalThoseInAPlainDirectory() throws Exception {
    operateWhileKilled(20_000, 3);
  }

  @Tag("slow")
  @Test
  void manyOperationsWhileTheDaemonIsKilled_equalThoseInAPlainDirectory() throws Exception {
    operateWhileKilled(40_000, 20);
  }

  private void switchAtRandom(int steps) throws Exception {
    String last = "v" + (VERSIONS - 1);
    for (int i = 0; i < steps; i++) {
      String version = "v" + random.nextInt(VERSIONS);
      String script =
          switch (random.nextInt(4)) {
            case 0 -> "git checkout -q " + version;
            case 1 ->
                "echo x >>code; git stash -q; git checkout -q " + version + "; git stash drop -q";
            case 2 ->
                "git checkout -q -B side "
                    + version
                    + "; echo mine >other; git add other; git commit -qm side; git rebase -q "
                    + last
                    + " >/dev/null; git checkout -q "
                    + version;
            default -> "git checkout -q " + last + "; git reset -q --hard " + version;
          };
      String said = Shell.run(work, script).output();
      String tree = "find set model -type f | sort | xargs md5sum";
      assertEquals(
          Shell.run(directory.resolve("versions/" + version), tree).output(),
          Shell.run(work, tree).output(),
          "seed " + seed + ", step " + i + ": " + script + " said " + said);
      assertEquals("", Shell.run(work, "git status --short").output(), "seed " + seed);
    }
  }

  @Test
  void gitSwitches_showTheDataOfEachCommit() throws Exception {
    switchAtRandom(25);
  }

  @Tag("slow")
  @Test
  void manyGitSwitches_showTheDataOfEachCommit() throws Exception {
    switchAtRandom(200);
  }
}
