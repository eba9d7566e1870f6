package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.Await;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.Shell;
import io.revfs.testing.KernelCaches;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import io.revfs.testing.server.HttpTestServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The daemon dies, stops, or is replaced, and readers in other processes go on. Needs root. */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class SurvivalTest {
  private static final int FILES = 300;

  /** In place of a way of serving. */
  private static final String SEALED = "sealed";

  @TempDir Path directory;
  private HttpTestServer server;
  private TestData data;
  private TestDaemon daemon;
  private final Map<String, byte[]> files = new TreeMap<>();

  @BeforeEach
  void start(TestInfo test) throws Exception {
    server = HttpTestServer.start(Files.createDirectories(directory.resolve("data/store")));
    data = new TestData(directory.resolve("data"), server.url());
    Random random = new Random(7);
    StringBuilder sums = new StringBuilder();
    for (int i = 0; i < FILES; i++) {
      byte[] bytes = new byte[random.nextInt(60_000)];
      random.nextBytes(bytes);
      files.put("d%d/f%03d".formatted(i % 7, i), bytes);
    }
    byte[] big = new byte[5_000_000];
    random.nextBytes(big);
    files.put("big", big);
    data.directory("set", files);
    files.forEach(
        (name, bytes) -> sums.append(TestData.md5(bytes)).append("  ").append(name).append('\n'));
    Files.writeString(directory.resolve("sums"), sums);
    data.commit("v1");
    // A machine with much else to do may say nothing for seconds.
    String watchdog = test.getDisplayName().contains("Watchdog") ? "5s" : "10m";
    boolean hangs = test.getDisplayName().contains("aReaderWhoIsInterrupted");
    daemon =
        TestDaemon.start(
            directory.resolve("daemon"),
            "remotes:\n"
                + "  read-timeout: %s\n".formatted(hangs ? "10m" : "20s")
                + "  retries: 1\n"
                + "daemon:\n"
                + "  watchdog: %s\n".formatted(watchdog)
                + "seal:\n"
                + "  mode: off\n");
  }

  @AfterEach
  void stop() throws Exception {
    daemon.close();
    server.close();
  }

  private String shell(String script) throws Exception {
    return Shell.run(directory, script).output();
  }

  private String contents(String file) {
    return Shell.contents(directory.resolve("daemon").resolve(file));
  }

  private Path mount(String serve) throws Exception {
    return daemon.mount(data.repository().toString(), "mnt", "kernel", serve);
  }

  /** Mounts, and has the only commit sealed before anybody reads. */
  private void mountSealed() throws Exception {
    Path mount = directory.resolve("daemon/mnt");
    TestDaemon.Answer answer =
        daemon.post(
            "/v1/mounts",
            "{\"repository\":\"%s\",\"directory\":\"%s\",\"seal\":\"on\"}"
                .formatted(data.repository(), mount));
    assertEquals(200, answer.status(), answer.toString());
    Shell.run(mount, "ls current/");
    Await.until(() -> "not sealed: " + contents("output"), this::isSealed);
  }

  private boolean isSealed() throws Exception {
    Path commits = directory.resolve("daemon/mnt/commits");
    return MountTable.read().mounts().stream()
        .anyMatch(m -> m.mountPoint().startsWith(commits) && m.type().equals("overlay"));
  }

  /** Reads and lists all the time until the file "stop" is there; prints what was wrong. */
  private Process reader() throws Exception {
    return new ProcessBuilder(
            "bash",
            "-c",
            """
            while [ ! -e stop ]; do
              n=$(find daemon/mnt/tags/v1/set/ -type f | wc -l)
              [ "$n" = %d ] || echo "listed $n"
              (cd daemon/mnt/current/set && md5sum --quiet -c "$OLDPWD/sums")
              ls daemon/mnt daemon/mnt/branches >/dev/null
            done
            """
                .formatted(files.size()))
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .start();
  }

  private void killAtRandomMoments(String serve, int times) throws Exception {
    long seed = Long.getLong("revfs.seed", System.nanoTime());
    Random random = new Random(seed);
    if (serve.equals(SEALED)) {
      mountSealed();
    } else {
      mount(serve);
    }
    List<Process> readers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      readers.add(reader());
    }
    long firstMemory = memoryMebibytes();
    for (int i = 0; i < times; i++) {
      Thread.sleep(random.nextInt(300));
      KernelCaches.drop();
      if (random.nextInt(4) == 0) {
        daemon.delete("/v1/pins?repository=" + data.repository() + "&rev=v1&path=set");
        daemon.post("/v1/cache/gc", "{\"targetBytes\":0}");
      }
      Thread.sleep(random.nextInt(50));
      if (i % 3 == 2) {
        daemon.killKeeper();
      } else {
        daemon.crash();
      }
      daemon.awaitSuccessor();
    }
    Files.createFile(directory.resolve("stop"));
    for (Process reader : readers) {
      String said = new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals("", said, "seed " + seed + " " + daemon.log());
      assertTrue(reader.waitFor(60, TimeUnit.SECONDS));
    }
    assertEquals(serve.equals(SEALED), isSealed());
    awaitOneOfEach();
    // Others may come and go while they are listed.
    String device = "ls -l /proc/%d/fd 2>/dev/null | grep -c /dev/fuse";
    int descriptors = Integer.parseInt(shell(device.formatted(daemon.pid())));
    int sessions = serve.equals(SEALED) ? 2 : 1; // the object layer is one
    assertTrue(descriptors <= 17 * sessions, descriptors + " descriptors of the device");
    long memory = memoryMebibytes();
    assertTrue(memory < firstMemory * 2 + 64, memory + " MiB, at first " + firstMemory);
    leavesNothing();
  }

  /** What daemon and keeper have for themselves. */
  private long memoryMebibytes() throws Exception {
    return Long.parseLong(
        shell(
            "cat /proc/%d/status /proc/%d/status 2>/dev/null | awk '/^RssAnon/ {n += $2} END {print int(n / 1024)}'"
                .formatted(daemon.pid(), daemon.keeper())));
  }

  private void leavesNothing() throws Exception {
    long keeper = daemon.keeper();
    daemon.stop();
    assertTrue(MountTable.read().at(directory.resolve("daemon/mnt")).isEmpty());
    assertEquals("command\nsessions.json", shell("ls daemon/state/sessions"));
    assertTrue(keeper == 0 || ProcessHandle.of(keeper).isEmpty(), "the keeper is left");
    String left = "pgrep -fc 'revfs-(keeper|guard).*%s'".formatted(directory);
    Await.equal("0", () -> shell(left)); // who had a successor may still be on its way out
  }

  @Test
  void killedWhileReadersRead_pageCache() throws Exception {
    killAtRandomMoments("page-cache", 5);
  }

  @Test
  void killedWhileReadersRead_passthrough() throws Exception {
    killAtRandomMoments("passthrough", 5);
  }

  @Test
  void killedWhileReadersRead_sealed() throws Exception {
    killAtRandomMoments(SEALED, 5);
  }

  @Test
  @Tag("slow")
  void killedAHundredTimes_sealed() throws Exception {
    killAtRandomMoments(SEALED, 100);
  }

  @Test
  @Tag("slow")
  void killedAHundredTimes_pageCache() throws Exception {
    killAtRandomMoments("page-cache", 100);
  }

  @Test
  @Tag("slow")
  void killedAHundredTimes_passthrough() throws Exception {
    killAtRandomMoments("passthrough", 100);
  }

  @Test
  void filesOpenBeforeTheCrash_workAfterIt() throws Exception {
    for (String serve : List.of("passthrough", "page-cache")) {
      Path mount = mount(serve);
      Shell.run(mount, "cat current/set/big >/dev/null; sleep 0.5"); // complete now
      Process reader =
          new ProcessBuilder(
                  "bash",
                  "-c",
                  "exec 3<mnt/current/set/big 4<mnt/current/set/d0/f000; head -c 4096 <&3"
                      + " >/dev/null; echo open; read x; exec 5<mnt/current/set/big; md5sum <&5;"
                      + " cat <&4 | md5sum; tail -c +1 <&3 | wc -c")
              .directory(directory.resolve("daemon").toFile())
              .redirectErrorStream(true)
              .start();
      var output = reader.inputReader();
      assertEquals("open", output.readLine());
      daemon.crash();
      daemon.awaitSuccessor();
      try (var go = reader.outputWriter()) {
        go.write("\n");
      }
      assertEquals(TestData.md5(files.get("big")) + "  -", output.readLine(), serve);
      assertEquals(TestData.md5(files.get("d0/f000")) + "  -", output.readLine(), serve);
      assertEquals(files.get("big").length - 4096, Integer.parseInt(output.readLine()), serve);
      daemon.delete("/v1/mounts?lazy=true&directory=" + mount);
    }
    leavesNothing();
  }

  /** Found on a busy machine: who reads there may take his time to go. */
  @Test
  void unmountedWhileAFileIsOpen_andMountedAgain_itIsAnotherMount_alsoForWhoFollows()
      throws Exception {
    Path mount = mount("page-cache");
    daemon.crash();
    daemon.awaitSuccessor();
    Process reader =
        new ProcessBuilder(
                "bash",
                "-c",
                "exec 3<daemon/mnt/current/set/big; echo open; read x; md5sum <&3;" + " read x")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    var output = reader.inputReader();
    assertEquals("open", output.readLine());
    assertEquals(200, daemon.delete("/v1/mounts?lazy=true&directory=" + mount).status());
    assertEquals(mount, mount("page-cache"));
    String sum = TestData.md5(files.get("d2/f002")) + "  -";
    assertEquals(sum, Shell.run(mount, "md5sum <current/set/d2/f002").output());
    var go = reader.outputWriter();
    go.write("\n");
    go.flush();
    assertEquals(TestData.md5(files.get("big")) + "  -", output.readLine());
    daemon.crash();
    daemon.awaitSuccessor();
    assertEquals(sum, Shell.run(mount, "md5sum <current/set/d2/f002").output());
    go.close();
    assertTrue(reader.waitFor(60, TimeUnit.SECONDS));
    leavesNothing();
  }

  @Test
  void passthrough_aFileBeingFilled_isServedUntilTheKernelMayReadIt() throws Exception {
    Path mount = mount("passthrough");
    String sum = TestData.md5(files.get("big")) + "  -";
    assertEquals(
        sum + "\n" + sum + "\n" + sum,
        Shell.run(
                mount,
                "exec 3<current/set/big; head -c 1 <&3 >/dev/null; md5sum <current/set/big;"
                    + " sleep 0.5; md5sum <current/set/big; exec 3<&-; md5sum <current/set/big")
            .output());
    // Evicted while the kernel reads it: who has it open reads on, and a new open fetches it anew.
    assertEquals(
        sum + "\n" + sum,
        Shell.run(
                mount,
                "exec 3<current/set/big; curl -s --unix-socket ../run/s -X POST"
                    + " -d '{\"targetBytes\":0}' http://d/v1/cache/gc >/dev/null;"
                    + " md5sum <&3; md5sum <current/set/big")
            .output());
  }

  @Test
  void restart_handsOver_andTheNewOneKnowsTheNodes() throws Exception {
    Path mount = mount("page-cache");
    String before = Shell.run(mount, "cd current/set; stat -c %i d1 d1/f001; pwd -P").output();
    long pid = daemon.pid();
    Process inside =
        new ProcessBuilder(
                "bash", "-c", "cd mnt/current/set/d1; echo in; read x; cat f001 | md5sum")
            .directory(directory.resolve("daemon").toFile())
            .start();
    assertEquals("in", inside.inputReader().readLine());
    assertEquals("true", daemon.post("/v1/restart", "{}").json().get("handedOver").asText());
    daemon.awaitSuccessor();
    assertNotEquals(pid, daemon.pid());
    KernelCaches.drop();
    try (var go = inside.outputWriter()) {
      go.write("\n");
    }
    assertEquals(TestData.md5(files.get("d1/f001")) + "  -", inside.inputReader().readLine());
    assertEquals(
        before, Shell.run(mount, "cd current/set; stat -c %i d1 d1/f001; pwd -P").output());
    data.write("new", "x\n");
    String commit = data.commit("v2");
    daemon.post("/v1/use", "{\"revision\":\"v2\"}");
    assertEquals("commits/" + commit, Shell.run(mount, "readlink current").output());
    leavesNothing();
  }

  @Test
  void aReaderWhoIsInterrupted_doesNotWait() throws Exception {
    Path mount = mount("page-cache");
    Shell.run(mount, "ls -R current/set");
    server.fail(HttpTestServer.Fault.HANG, 1_000_000);
    assertEquals("124", Shell.run(mount, "timeout -s INT 1 cat current/set/big; echo $?").output());
    // What the reader asked for has not come to its end, which takes minutes.
    assertEquals("", daemon.get("/v1/status").json().at("/remotes/0/lastError").asText());
    server.fail(HttpTestServer.Fault.NONE, 0);
  }

  @Test
  void readersWhoAreInterrupted_closeNoFileForOthers() throws Exception {
    Path mount = mount("page-cache");
    String sum = TestData.md5(files.get("big")) + "  -";
    for (int round = 0; round < 15; round++) {
      assertEquals(
          sum,
          Shell.run(
                  mount,
                  "for i in $(seq 30); do timeout -s INT 0.0$((RANDOM % 9 + 1)) cat current/set/big"
                      + " >/dev/null & done; md5sum <current/set/big; wait")
              .output());
      daemon.post("/v1/cache/gc", "{\"targetBytes\":0}");
      KernelCaches.drop();
    }
    assertEquals("[]", daemon.get("/v1/status").json().get("errors").toString());
  }

  private Process waiting() throws Exception {
    Process reader =
        new ProcessBuilder("bash", "-c", "echo go; cat daemon/mnt/current/set/big >/dev/null")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    assertEquals("go", reader.inputReader().readLine());
    Thread.sleep(300);
    return reader;
  }

  @Test
  void theDaemonIsStopped_forceFreesWhoWaits() throws Exception {
    Path mount = mount("page-cache");
    shell("kill -STOP " + daemon.pid());
    try {
      Process reader = waiting();
      assertTrue(reader.isAlive());
      assertTrue(MountTable.force(mount).isEmpty());
      // Of others neither, who may be at it.
      Await.until("the kernel's control file system is left mounted", () -> !isOfForceMounted());
      assertTrue(reader.waitFor(60, TimeUnit.SECONDS), "still waits");
      assertNotEquals(0, reader.exitValue());
      assertTrue(MountTable.read().at(mount).isEmpty());
    } finally {
      shell("kill -CONT " + daemon.pid());
    }
    Await.equal(0, () -> daemon.get("/v1/mounts").json().get("mounts").size());
  }

  private static boolean isOfForceMounted() throws Exception {
    return MountTable.read().mounts().stream()
        .anyMatch(mount -> mount.mountPoint().toString().contains("revfs-fusectl"));
  }

  @Test
  void theDaemonIsStopped_theWatchdogFreesWhoWaits_andItMountsAgain() throws Exception {
    Path mount = mount("page-cache");
    shell("kill -STOP " + daemon.pid());
    try {
      Process reader = waiting();
      assertTrue(reader.waitFor(60, TimeUnit.SECONDS), "still waits");
      assertNotEquals(0, reader.exitValue());
    } finally {
      shell("kill -CONT " + daemon.pid());
    }
    Await.equal(
        TestData.md5(files.get("big")) + "  -",
        () -> Shell.run(Path.of("/"), "md5sum <" + mount + "/current/set/big").output());
    assertFalse(MountTable.read().at(mount).isEmpty());
  }

  /** As it starts the next daemon, and while that one starts. */
  @Test
  void theKeeperIsKilledAfterTheDaemon_thereIsOneOfEach() throws Exception {
    Path mount = mount("page-cache");
    for (int pause : new int[] {0, 20, 100, 400, 1000}) {
      long keeper = daemon.keeper();
      daemon.crash();
      Thread.sleep(pause); // at a moment of its own, no wait for anything
      ProcessHandle.of(keeper).ifPresent(ProcessHandle::destroyForcibly);
      daemon.awaitSuccessor();
      assertEquals(
          TestData.md5(files.get("d2/f002")) + "  -",
          Shell.run(mount, "md5sum <current/set/d2/f002").output());
    }
    awaitOneOfEach();
    leavesNothing();
  }

  private void awaitOneOfEach() throws Exception {
    List<String> names = List.of("revfs-keeper", "revfs-guard", "directory=%s.*DaemonMain");
    Await.equal(
        List.of("1", "1", "1"),
        () -> {
          List<String> counts = new ArrayList<>();
          for (String name : names) {
            String pattern = name.contains("%s") ? name : name + ".*%s";
            counts.add(shell("pgrep -fc '%s'".formatted(pattern.formatted(directory))));
          }
          return counts;
        });
  }

  @Test
  void theGuardIsKilled_anotherIsThere() throws Exception {
    mount("page-cache");
    awaitOneOfEach();
    String guard = contents("state/sessions/guard.pid");
    shell("kill -9 " + guard);
    Await.until("no guard follows", () -> !contents("state/sessions/guard.pid").equals(guard));
    awaitOneOfEach();
    leavesNothing();
  }

  @Test
  void theKeeperIsKilled_anotherIsThere() throws Exception {
    Path mount = mount("page-cache");
    long keeper = daemon.keeper();
    ProcessHandle.of(keeper).orElseThrow().destroyForcibly();
    Await.until("no keeper follows", () -> daemon.keeper() != keeper);
    daemon.crash();
    daemon.awaitSuccessor();
    assertEquals(
        TestData.md5(files.get("d2/f002")) + "  -",
        Shell.run(mount, "md5sum <current/set/d2/f002").output());
  }
}
