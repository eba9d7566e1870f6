package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.fuse.Await;
import io.revfs.fuse.Shell;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import io.revfs.testing.server.HttpTestServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real daemon, real mounts, and readers in processes of their own: what users meet. */
class DaemonTest {
  /** What fails is given up after this time; who needs it only. */
  private static final String SHORT_TIMES = configuration("2s");

  private static String configuration(String timeout) {
    return """
    remotes:
      connect-timeout: %1$s
      read-timeout: %1$s
      retries: 1
    seal:
      mode: off
    """
        .formatted(timeout);
  }

  @TempDir Path directory;
  private TestData data;
  private HttpTestServer server;
  private TestDaemon daemon;
  private Path mount;

  @BeforeEach
  void start() throws Exception {
    server = HttpTestServer.start(Files.createDirectories(directory.resolve("data/store")));
    data = new TestData(directory.resolve("data"), server.url());
    data.write("readme", "first\n");
    data.file("big.bin", random(3_500_000));
    data.directory("set", Map.of("a.txt", bytes("alpha"), "sub/b.txt", bytes("beta")));
    data.commit("v1");
    data.write("readme", "second\n");
    data.file("new.txt", bytes("new"));
    data.commit("v2");
    start(configuration("1m"));
  }

  private void start(String configuration) throws Exception {
    daemon = TestDaemon.start(directory.resolve("daemon"), configuration);
    mount = daemon.mount(data.repository().toString(), "mnt");
  }

  @AfterEach
  void stop() throws Exception {
    daemon.close();
    server.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private String shell(String script) throws Exception {
    return Shell.run(mount, script).output();
  }

  private String md5(String path) throws Exception {
    return shell("md5sum < " + path).replace("  -", "");
  }

  @Test
  void revisionsAreDirectories() throws Exception {
    assertEquals("at\nbranches\ncommits\ncurrent\nexperiments\ntags", shell("ls"));
    assertEquals("v1\nv2", shell("ls tags"));
    assertEquals("first", shell("cat tags/v1/readme"));
    assertEquals("second", shell("cat branches/main/readme"));
    assertEquals("first", shell("cat at/HEAD~1/readme"));
    assertEquals("beta", shell("cat current/set/sub/b.txt"));
    assertEquals(TestData.md5(random(3_500_000)), md5("tags/v1/big.bin"));
    assertEquals("r--r--r--", shell("stat -L -c %A current/set/a.txt").substring(1));
    String commit = data.git("rev-parse", "v1");
    assertEquals("new.txt new.txt.dvc", shell("echo $(ls current/ | grep new)"));
    assertEquals("first", shell("cat commits/" + commit.substring(0, 7) + "/readme"));
    assertEquals("ok", shell("touch current/x 2>/dev/null || echo ok"));
  }

  @Test
  void sameContentIsTheSameNode_inEveryRevision() throws Exception {
    assertEquals(shell("stat -L -c %i tags/v1/big.bin"), shell("stat -L -c %i tags/v2/big.bin"));
    assertNotEquals(shell("stat -L -c %i tags/v1/readme"), shell("stat -L -c %i tags/v2/readme"));
  }

  @Test
  void provenanceAndSize() throws Exception {
    assertEquals(
        "md5:" + TestData.md5(bytes("alpha")),
        shell("getfattr -n user.revfs.digest --only-values current/set/a.txt"));
    assertEquals("0", cachedPercent("current/big.bin"));
    md5("current/big.bin");
    awaitVerified("current/big.bin");
    long total = Long.parseLong(shell("stat -f -c '%b %S' . | awk '{print $1*$2}'"));
    assertTrue(total >= 3_500_000 && total < 3_600_000, "statfs says " + total);
  }

  @Test
  void nothingIsDownloadedToLook() throws Exception {
    shell("ls -R tags/v2/ > /dev/null; stat -L tags/v2/big.bin");
    assertEquals(0, server.gets("/" + object(TestData.md5(random(3_500_000)))));
  }

  @Test
  void aList_isReadOnce_forAllRevisionsAndStarts() throws Exception {
    String list = data.directory("shared", Map.of("a", new byte[] {1}, "b/c", new byte[] {2}));
    data.commit("s1");
    data.write("other", "x");
    data.commit("s2");
    for (int start = 0; start < 2; start++) {
      for (String tag : List.of("s1", "s2")) {
        assertEquals(
            "a b c", shell("cd tags/%s/shared; echo $(ls . b | grep -v :)".formatted(tag)));
      }
      assertEquals(1, server.gets("/" + object(list)), server.requests().toString());
      daemon.stop();
      daemon.start();
      mount = daemon.mount(data.repository().toString(), "mnt");
    }
  }

  /** The last chunk is served before the whole is verified and counts as cached. */
  private void awaitVerified(String path) throws Exception {
    Await.equal("100", () -> cachedPercent(path));
  }

  private String cachedPercent(String path) throws Exception {
    return shell("getfattr -n user.revfs.cached --only-values " + path);
  }

  /** What was fetched last may be held a moment longer than it is read. */
  private void evictAllBut(String kept, String evicted) throws Exception {
    Await.equal(
        "0",
        () -> {
          daemon.post("/v1/cache/gc", "{\"targetBytes\":0}");
          return cachedPercent(evicted);
        });
    assertEquals("100", cachedPercent(kept));
  }

  private static String object(String md5) {
    return "files/md5/" + md5.substring(0, 2) + "/" + md5.substring(2);
  }

  @Test
  void aRandomRead_fetchesOneChunk() throws Exception {
    long before = fetched();
    assertEquals(
        TestData.md5(java.util.Arrays.copyOfRange(random(3_500_000), 2_500_000, 2_500_100)),
        shell(
            "dd if=current/big.bin bs=1 skip=2500000 count=100 2>/dev/null | md5sum | cut -c1-32"));
    assertTrue(fetched() - before <= 2 << 20, "fetched " + (fetched() - before));
  }

  private long fetched() throws Exception {
    return daemon.get("/v1/cache").json().get("fetchedBytes").asLong();
  }

  @Test
  void sixtyFourReaders_causeOneDownload() throws Exception {
    String result =
        shell(
            "for i in $(seq 64); do md5sum < tags/v1/big.bin & done | sort | uniq -c | awk '{print"
                + " $1, $2}'");
    assertEquals("64 " + TestData.md5(random(3_500_000)), result);
    long bytes =
        server.requests().stream()
            .filter(r -> r.startsWith("GET /" + object(TestData.md5(random(3_500_000)))))
            .count();
    assertTrue(bytes <= 4, "one request a chunk at most: " + server.requests());
    assertTrue(fetched() <= 3_500_000 + 10_000, "fetched " + fetched());
  }

  @Test
  void unknownRevision_isEnoent_andNearNamesAreSaid() throws Exception {
    assertTrue(shell("cat at/nonsense/readme; cat tags/v9/x").contains("No such file"));
    TestDaemon.Answer answer = daemon.post("/v1/use", "{\"revision\":\"v22\"}");
    assertEquals(404, answer.status());
    assertTrue(answer.json().toString().contains("v2"), answer.toString());
    assertEquals("unknown-revision", answer.json().at("/error/code").asText());
  }

  @Test
  void viewsSwitch() throws Exception {
    assertEquals("second", shell("cat current/readme"));
    assertEquals(200, daemon.post("/v1/use", "{\"revision\":\"v1\"}").status());
    assertEquals("first", shell("cat current/readme"));
    assertEquals(200, daemon.post("/v1/use", "{\"revision\":\"v2\",\"view\":\"other\"}").status());
    assertEquals("second first", shell("echo $(cat other/readme current/readme)"));
    assertEquals(400, daemon.post("/v1/use", "{\"revision\":\"v2\",\"view\":\"at\"}").status());
  }

  @Test
  void aNewBranch_appearsWithoutRemounting() throws Exception {
    assertEquals("main", shell("ls branches"));
    data.git("branch", "feature/x", "v1");
    assertEquals("first", shell("cat branches/feature/x/readme"));
    assertEquals("feature\nmain", shell("ls branches"));
  }

  @Test
  void brokenFiles_makeOnlyThatOutputUnreadable() throws Exception {
    data.write("broken.dvc", "outs:\n- md5: [\n");
    data.write("sub/dvc.lock", "schema: '2.0'\nstages: 7\n");
    data.store(bytes("{not json"), ".dir");
    data.write(
        "badset.dvc",
        "outs:\n- md5: %s.dir\n  hash: md5\n  path: badset\n"
            .formatted(TestData.md5(bytes("{not json"))));
    data.commit("v3");
    assertTrue(shell("cat tags/v3/broken").contains("Input/output error"));
    assertTrue(shell("ls tags/v3/badset").contains("Input/output error"));
    assertEquals("second alpha", shell("echo $(cat tags/v3/readme tags/v3/set/a.txt)"));
    JsonNode info =
        daemon.get("/v1/info?repository=" + data.repository() + "&path=broken&rev=v3").json();
    assertTrue(info.get("problem").asText().startsWith("broken.dvc:"), info.toString());
  }

  @Test
  void pathsOutsideTheRepository_areRefused() throws Exception {
    int i = 0;
    for (String path : new String[] {"../out", "/etc/passwd", ".git/config", "a/../../out", "''"}) {
      data.write(
          "evil" + i++ + ".dvc",
          "outs:\n- md5: %s\n  hash: md5\n  size: 5\n  path: %s\n"
              .formatted(TestData.md5(bytes("alpha")), path));
    }
    String name =
        data.store(
            bytes(
                "[{\"md5\": \"%s\", \"relpath\": \"../../escaped\"}]"
                    .formatted(TestData.md5(bytes("alpha")))),
            ".dir");
    data.write("evilset.dvc", "outs:\n- md5: " + name + "\n  hash: md5\n  path: evilset\n");
    data.commit("v3");
    assertEquals(
        "",
        shell(
            "find tags/v3/ -name out -o -name passwd -o -name escaped -o -path '*.git/config'"
                + " 2>/dev/null"));
    assertEquals("second", shell("cat tags/v3/readme"));
    JsonNode info = daemon.get("/v1/info?repository=" + data.repository() + "&rev=v3").json();
    assertEquals("directory", info.at("/kind").asText("directory"));
  }

  @Test
  void aRemoteThatFails_isEioInTime_saidByStatus_andRecovers() throws Exception {
    daemon.close();
    start(SHORT_TIMES);
    shell("ls -l tags/v1/set > /dev/null");
    for (HttpTestServer.Fault fault :
        new HttpTestServer.Fault[] {
          HttpTestServer.Fault.UNAVAILABLE,
          HttpTestServer.Fault.HANG,
          HttpTestServer.Fault.UNAUTHORIZED
        }) {
      server.fail(fault, 1_000_000);
      long started = System.nanoTime();
      assertTrue(shell("cat tags/v1/big.bin | wc -c").startsWith("cat: tags/v1/big.bin: Input"));
      assertTrue(System.nanoTime() - started < 50_000_000_000L, fault + " hangs"); // for 60 s
      JsonNode remote = daemon.get("/v1/status").json().at("/remotes/0");
      assertFalse(remote.get("lastError").asText().isEmpty(), remote.toString());
      server.fail(HttpTestServer.Fault.NONE, 0);
    }
    server.fail(HttpTestServer.Fault.CUT, 1);
    assertEquals(TestData.md5(random(3_500_000)), md5("tags/v1/big.bin"));
  }

  @Test
  void anObjectOnNoRemote_isEio_countedAndListed() throws Exception {
    Files.delete(data.object(TestData.md5(bytes("alpha"))));
    assertTrue(shell("cat current/set/a.txt").contains("Input/output error"));
    assertEquals("beta", shell("cat current/set/sub/b.txt"));
    JsonNode status = daemon.get("/v1/cache").json();
    assertTrue(status.get("missingObjects").asLong() > 0);
    assertEquals(TestData.md5(bytes("alpha")), status.at("/missing/0/object").asText());
    data.store(bytes("alpha"), "");
    assertEquals("alpha", shell("cat current/set/a.txt"));
    assertEquals(0, daemon.get("/v1/cache").json().get("missing").size());
  }

  @Test
  void wrongBytes_areNeverServed() throws Exception {
    Files.write(data.object(TestData.md5(bytes("alpha"))), bytes("alphb"));
    assertTrue(shell("cat current/set/a.txt").contains("Input/output error"));
    assertTrue(daemon.get("/v1/cache").json().get("corruptObjects").asLong() > 0);
    Files.write(data.object(TestData.md5(bytes("alpha"))), bytes("alpha"));
    assertEquals("alpha", shell("cat current/set/a.txt"));
  }

  @Test
  void unmountingWhileAFileIsOpen_isLazy() throws Exception {
    String output =
        Shell.run(
                directory,
                """
                exec 3< daemon/mnt/tags/v1/big.bin
                head -c 1000 <&3 > /dev/null
                curl -s --unix-socket daemon/run/s -X DELETE "http://d/v1/mounts?directory=%s&lazy=false"
                echo
                curl -s --unix-socket daemon/run/s -X DELETE "http://d/v1/mounts?directory=%s&lazy=true"
                echo
                ls daemon/mnt | wc -l
                cat <&3 | wc -c
                """
                    .formatted(mount, mount))
            .output();
    String[] lines = output.split("\n");
    assertTrue(lines[0].contains("mount-failed") && lines[0].contains("busy"), output);
    assertTrue(lines[1].contains("\"wasBusy\":true"), output);
    assertEquals("0", lines[2]);
    assertEquals(3_500_000 - 1000, Integer.parseInt(lines[3]), 200_000); // stdio's own buffer
  }

  @Test
  void killedAtAnyMoment_servesRightBytesAgain() throws Exception {
    Random random = new Random(20261124);
    for (int i = 0; i < 5; i++) {
      Process reader =
          new ProcessBuilder("bash", "-c", "cat tags/v1/big.bin tags/v2/set/* > /dev/null 2>&1")
              .directory(mount.toFile())
              .start();
      Thread.sleep(random.nextInt(120));
      daemon.kill();
      reader.waitFor();
      daemon.start();
      assertEquals("first", shell("cat tags/v1/readme"), "the mount is there again");
    }
    assertEquals(TestData.md5(random(3_500_000)), md5("tags/v1/big.bin"));
    assertEquals("alpha", shell("cat tags/v1/set/a.txt"));
    assertEquals(0, daemon.post("/v1/cache/fsck", "{}").json().get("damaged").asLong());
  }

  @Test
  void indexLostOrTruncated_isRebuilt() throws Exception {
    md5("tags/v1/big.bin");
    awaitVerified("tags/v1/big.bin");
    for (String damage :
        new String[] {
          "rm -rf cache/index", "find cache/index -name data.mdb -exec truncate -s 5000 {} +"
        }) {
      daemon.stop();
      Shell.run(directory.resolve("daemon"), damage);
      daemon.start();
      long before = fetched();
      assertEquals(TestData.md5(random(3_500_000)), md5("tags/v1/big.bin"));
      assertEquals("alpha", shell("cat tags/v1/set/a.txt"));
      assertTrue(fetched() - before < 1_000_000, damage + ": the files were there still");
    }
  }

  @Test
  void aSecondDaemonOnTheSameFiles_saysSo() throws Exception {
    Shell.Result second = daemon.startSecond();
    assertEquals(1, second.exit());
    assertTrue(second.output().contains("already"), second.output());
    assertEquals("first", shell("cat tags/v1/readme"));
  }

  @Test
  void aQuotaTooSmall_readsUncached() throws Exception {
    daemon.close();
    daemon = TestDaemon.start(directory.resolve("daemon"), "cache:\n  quota: 1MB\n");
    assertEquals(TestData.md5(random(3_500_000)), md5("tags/v1/big.bin"));
    assertEquals("alpha", shell("cat tags/v1/set/a.txt"));
    assertTrue(daemon.get("/v1/cache").json().get("usedBytes").asLong() <= 1_000_000);
  }

  @Test
  void aFullDisk_readsUncached() throws Exception {
    daemon.close();
    Path cache = directory.resolve("small/cache");
    Files.createDirectories(cache);
    Shell.Result mounted = Shell.run(directory, "mount -t tmpfs -o size=2m tmpfs small/cache 2>&1");
    assertEquals(0, mounted.exit(), "this test needs root: " + mounted.output());
    try (TestDaemon small = TestDaemon.start(directory.resolve("small"), SHORT_TIMES)) {
      mount = small.mount(data.repository().toString(), "mnt");
      assertEquals(TestData.md5(random(3_500_000)), md5("tags/v1/big.bin"));
      assertEquals(
          "alpha",
          shell("cat tags/v1/set/a.txt"),
          () -> Shell.contents(directory.resolve("small/state/daemon.0.log")));
      assertEquals(TestData.md5(random(3_500_000)), md5("tags/v1/big.bin"));
    } finally {
      Shell.run(directory, "umount -l small/cache");
    }
    daemon = TestDaemon.start(directory.resolve("daemon"), SHORT_TIMES);
  }

  @Test
  void withoutAMount_lsContentAndPrefetchWork() throws Exception {
    String repository = data.repository().toString();
    JsonNode list = daemon.get("/v1/ls?repository=" + repository + "&rev=v1&recursive=true").json();
    assertEquals(
        "big.bin big.bin.dvc readme set.dvc set/a.txt set/sub/b.txt",
        String.join(" ", list.findValuesAsText("path")));
    JsonNode end =
        daemon
            .post("/v1/prefetch", "{\"repository\":\"" + repository + "\",\"rev\":\"v1\"}")
            .json();
    assertEquals("3 0", end.get("files").asText() + " " + end.get("failures").asText());
    server.close(); // all is here
    assertEquals(TestData.md5(random(3_500_000)), md5("tags/v1/big.bin"));
    assertEquals(
        "100",
        daemon
            .get("/v1/info?repository=" + repository + "&path=big.bin&rev=v1")
            .json()
            .get("cachedPercent")
            .asText());
  }

  @Test
  void whatIsPinned_isNotEvicted() throws Exception {
    String where =
        "{\"repository\":\"%s\",\"rev\":\"v1\",\"path\":\"big.bin\"}".formatted(data.repository());
    assertEquals(0, daemon.post("/v1/pins", where).json().get("failures").asInt());
    shell("cat tags/v1/set/a.txt");
    evictAllBut("tags/v1/big.bin", "tags/v1/set/a.txt");
    daemon.delete("/v1/pins?repository=" + data.repository() + "&rev=v1&path=big.bin");
    daemon.post("/v1/cache/gc", "{\"targetBytes\":0}");
    assertEquals("0", cachedPercent("tags/v1/big.bin"));
  }

  @Test
  void aClonedUrl_isMirrored_andRefreshed() throws Exception {
    String url = "file://" + data.repository();
    mount = daemon.mount(url, "clone");
    assertEquals("second", shell("cat branches/main/readme"));
    data.write("readme", "third\n");
    data.commit("v3");
    assertEquals("second", shell("cat branches/main/readme"));
    JsonNode changed =
        daemon.post("/v1/refresh", "{\"repository\":\"" + url + "\"}").json().get("changed");
    assertTrue(changed.toString().contains("branches/main"), changed.toString());
    assertEquals("third", shell("cat branches/main/readme"));
    assertEquals(TestData.md5(random(3_500_000)), md5("tags/v1/big.bin"));
  }

  @Test
  void othersMayNotAsk() throws Exception {
    String output =
        Shell.run(
                directory,
                "chmod 755 . daemon daemon/run; chmod 666 daemon/run/s;"
                    + " setpriv --reuid 65534 --clear-groups curl -s -m 10 --unix-socket"
                    + " daemon/run/s http://d/v1/status")
            .output();
    assertTrue(output.contains("forbidden") || output.isEmpty(), output);
    assertFalse(output.contains("pid"), output);
  }

  @Test
  void nothingIsLeftBehind_afterStopping() throws Exception {
    daemon.stop();
    try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
      assertTrue(mounts.noneMatch(line -> line.contains(mount.toString())));
    }
    assertFalse(Files.exists(directory.resolve("daemon/run/s")));
    daemon.start();
    assertEquals("first", shell("cat tags/v1/readme"), "mounts are restored");
  }
}
