package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.MountTable;
import io.revfs.fuse.Shell;
import io.revfs.fuse.local.RandomBytes;
import io.revfs.testing.LoopMount;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What an attached working copy does where things are not as they should be. Needs root. */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class AttachedBadInputTest {
  private static final int BIG = 3_000_000;

  @TempDir(cleanup = CleanupMode.NEVER)
  static Path shared;

  private static TestDaemon daemon;
  private static int count;

  private final byte[] big = new byte[BIG];
  private Path directory;
  private TestData data;
  private Path work;

  @BeforeAll
  static void startDaemon() throws Exception {
    daemon = TestDaemon.start(shared.resolve("daemon"), "seal:\n  mode: off\n");
  }

  @BeforeEach
  void makeRepository() throws Exception {
    directory = Files.createDirectory(shared.resolve("test" + ++count));
    new Random(count).nextBytes(big);
    data = new TestData(Files.createDirectory(directory.resolve("data")));
    work = data.repository();
    data.write(".gitignore", "/set\n/model.bin\n/big.bin\n/other\n");
    data.directory("set", Map.of("a", bytes("a"), "b", bytes("b")));
    data.file("model.bin", bytes("model"));
    data.file("big.bin", big);
  }

  private static byte[] bytes(String text) {
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  @AfterEach
  void detachWhatIsLeft() throws Exception {
    daemon.delete("/v1/attached?lazy=true&directory=" + work);
  }

  @AfterAll
  static void stop() throws Exception {
    daemon.close();
    for (var mount : MountTable.read().mounts()) {
      if (mount.mountPoint().startsWith(shared)) {
        MountTable.detach(mount.mountPoint());
      }
    }
  }

  private void attach() throws Exception {
    data.commit("v1");
    attachAsItIs();
  }

  private void attachAsItIs() throws Exception {
    TestDaemon.Answer answer =
        daemon.post("/v1/attached", "{\"directory\":\"%s\"}".formatted(work));
    assertEquals(200, answer.status(), answer.body());
  }

  private void detach() throws Exception {
    TestDaemon.Answer answer = daemon.delete("/v1/attached?directory=" + work);
    assertEquals(200, answer.status(), answer.body());
  }

  private String shell(String script) throws Exception {
    return Shell.run(work, script).output();
  }

  @Test
  void fullDiskBelow_isToldToTheWriter_andNothingIsLost() throws Exception {
    data.commit("v1");
    try (LoopMount disk = LoopMount.make("ext4", "16M", directory);
        AutoCloseable attached = this::detachWhatIsLeft) {
      // The objects lie elsewhere: what is full is the disk of the working copy.
      Path onDisk = disk.point().resolve("repo");
      assertEquals("", shell("cp -a . " + onDisk), attached.toString());
      work = onDisk;
      attachAsItIs();
      assertEquals("kept", shell("echo kept >small; cat small"));
      assertEquals("No space left on device", shell("cat /dev/zero 2>&1 >full | sed 's/.*: //'"));
      assertEquals("kept\nmodel", shell("cat small model.bin"));
      assertEquals("zeros", shell("cmp -n 1000000 full /dev/zero && echo zeros"));
      // What is shown cannot be brought below, and stays what it is.
      assertEquals("No space left on device", shell("(echo x >>big.bin) 2>&1 | sed 's/.*: //'"));
      assertEquals(TestData.md5(big), shell("md5sum <big.bin | cut -c1-32"));
      assertEquals(
          "rename failed: No space left on device",
          shell("mv big.bin other 2>&1 | sed 's/.*: No/rename failed: No/'"));
      assertEquals(TestData.md5(big), shell("md5sum <big.bin | cut -c1-32"));
      assertEquals(
          TestData.md5(big), shell("rm full; mv big.bin other; md5sum <other | cut -c1-32"));
      assertEquals("more", shell("echo more >>other; tail -c 5 other"));
      detach();
      assertEquals("kept\nmore", shell("cat small; tail -c 5 other"));
    }
  }

  @Test
  void twoWriters_appendWithoutLoss() throws Exception {
    attach();
    String one = "for i in {1..1500}; do echo %s line $i of many >>%s; done";
    assertEquals(
        "3000\n3000",
        shell(
            one.formatted("a", "f")
                + " & "
                + one.formatted("b", "f")
                + "; wait; wc -l <f;"
                + " grep -cE '^[ab] line [0-9]+ of many$' f"));
    assertEquals(
        "model\n200",
        shell(
            "for i in {1..100}; do echo a >>model.bin; done & "
                + "for i in {1..100}; do echo b >>model.bin; done; wait; head -1 model.bin;"
                + " grep -c '^[ab]$' model.bin"),
        "both bring a shown file below");
  }

  @Test
  void twoWriters_inTheirPlaces() throws Exception {
    attach();
    assertEquals(
        "same",
        shell(
            "dd if=big.bin of=f bs=1000 count=1500 conv=notrunc status=none & "
                + "dd if=big.bin of=f bs=1000 skip=1500 seek=1500 conv=notrunc status=none; wait;"
                + " cmp f big.bin && echo same"));
  }

  @Test
  void replacedWhileRead_theReaderKeepsWhatItOpened() throws Exception {
    attach();
    String md5 = "md5sum <&3 | cut -c1-32";
    assertEquals(
        TestData.md5(big) + "\nnew",
        shell("exec 3<big.bin; echo new >t; mv t big.bin; " + md5 + "; cat big.bin"));
    assertEquals("old\nnew", shell("echo old >f; exec 3<f; echo new >t; mv t f; cat <&3; cat f"));
    assertEquals(
        TestData.md5("model\n".getBytes(StandardCharsets.UTF_8)) + "\ngone",
        shell(
            "exec 3<model.bin; rm model.bin; " + md5 + "; cat model.bin 2>/dev/null || echo gone"));
  }

  @Test
  void objectsThatAreNotWhatTheyShouldBe_areErrors_neverWrongBytes() throws Exception {
    String wrong = data.file("wrong", bytes("what it should be"));
    Files.write(data.object(wrong), bytes("What it should be"));
    String shorter = data.file("shorter", bytes("as long as this"));
    data.write(
        "longer.dvc",
        "outs:\n- md5: %s\n  size: 9999\n  hash: md5\n  path: longer\n"
            .formatted(data.store(bytes("short"), "")));
    Files.write(data.object(shorter), bytes("less"));
    String manifest = data.directory("broken", Map.of("x", bytes("x")));
    Files.write(data.object(manifest), bytes("[{\"md5\": \"00\", \"relpath\": \"../../x\"}]"));
    attach();
    String read = "for f in wrong shorter longer broken/x; do cat $f 2>&1 | sed 's/.*: //'; done";
    assertEquals(
        "Input/output error\nInput/output error\nInput/output error\nInput/output error",
        shell(read));
    assertEquals(
        "Input/output error",
        shell("(echo x >>wrong) 2>&1 | sed 's/.*: //'"),
        "nothing wrong comes below");
    assertEquals("model\na\nb", shell("cat model.bin set/a set/b"));
    String said = Files.readString(shared.resolve("daemon/state/daemon.0.log"));
    assertTrue(said.contains(wrong), said);
    assertTrue(said.contains(manifest), said);
    Files.write(data.object(wrong), bytes("what it should be"));
    assertEquals("what it should be", shell("cat wrong"), "once it is there");
    detach();
    assertEquals("", shell("ls wrong broken 2>/dev/null"));
  }

  @Test
  void outputTrackedByGitToo_isGits_untilGitLetsGo() throws Exception {
    data.write("both", "of git\n");
    data.file("both", bytes("of dvc"));
    data.file("other", bytes("another of dvc"));
    attach();
    assertEquals("of git", shell("cat both; git status --short"));
    assertEquals(
        "edited\n M both\nof git",
        shell("echo edited >both; cat both; git status --short; git checkout -q both; cat both"));
    String deleted = "git rm -q both; cat both 2>/dev/null || echo gone; ";
    assertEquals(
        "gone\nanother of dvc",
        shell(deleted + "sed 's/path: other/path: both/' other.dvc >both.dvc; cat both"),
        "git deletes this version of the output, too");
  }

  @Test
  void namesThatDifferInCaseOnly_areEachTheirOwn() throws Exception {
    data.directory(
        "cased",
        Map.of(
            "A.txt",
            bytes("upper"),
            "a.txt",
            bytes("lower"),
            "D/x",
            bytes("1"),
            "d/x",
            bytes("2")));
    data.file("Model.bin", bytes("other model"));
    attach();
    assertEquals(
        "upper\nlower\n1\n2\nother model\nmodel",
        shell("cat cased/A.txt cased/a.txt cased/D/x cased/d/x Model.bin model.bin"));
    assertEquals("A.txt\na.txt\nD\nd", shell("LC_ALL=C ls -f cased | grep -v '^[.]' | sort -f"));
    assertEquals(
        "mine\nlower\nMINE",
        shell(
            "echo mine >cased/A.txt; cat cased/A.txt cased/a.txt; rm cased/a.txt;"
                + " echo MINE >cased/a.txt; cat cased/a.txt"));
    detach();
    assertEquals("mine\nMINE", shell("cat cased/A.txt cased/a.txt"));
  }

  @Test
  void randomBytesOfAShownFile_equalAnArray() throws Exception {
    data.file("random.bin", java.util.Arrays.copyOf(big, 200_000));
    attach();
    long seed = System.nanoTime();
    String said =
        RandomBytes.start(seed, 2500, work.resolve("random.bin"), directory.resolve("notes"));
    assertEquals("same", said, "seed " + seed);
  }
}
