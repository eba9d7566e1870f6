package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.Shell;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** What comes to and goes from a sealed commit while it is one. Needs root. */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class SealedLifeTest extends SealedFixture {
  private static final String BLOB_SUM = TestData.md5("x".repeat(200_000).getBytes()) + "  -";

  private void evictAll() throws Exception {
    assertEquals(200, daemon.post("/v1/cache/gc", "{\"targetBytes\":0}").status());
  }

  private void prefetch() throws Exception {
    TestDaemon.Answer answer =
        daemon.post(
            "/v1/prefetch",
            "{\"repository\":\"%s\",\"rev\":\"v1\",\"path\":\"\"}".formatted(data.repository()));
    assertEquals(0, answer.json().path("failed").asInt(), answer.toString());
  }

  @Test
  void auto_rootsMountsAreSealed() throws Exception {
    mount("auto");
    sealed(commit);
    assertEquals("", check("current/set"));
  }

  @Test
  void prefetch_makesEveryLaterReadNative() throws Exception {
    // Some lie in the repository's own DVC cache, where some are to be trusted and some are not.
    int i = 0;
    for (byte[] bytes : files.values()) {
      if (i++ % 5 == 0) {
        String md5 = TestData.md5(bytes);
        Path own =
            data.repository()
                .resolve(".dvc/cache/files/md5/" + md5.substring(0, 2) + "/" + md5.substring(2));
        Files.createDirectories(own.getParent());
        Files.write(own, bytes);
        Shell.run(directory, "chmod " + (i % 2 == 0 ? "0444 " : "0644 ") + own);
      }
    }
    mount("on");
    sealed(commit);
    assertEquals("", check("current/set")); // so the kernel knows where each was
    evictAll();
    prefetch();
    String all = "cd current/set && md5sum --quiet -c " + directory.resolve("sums");
    // Paths need no answer once the daemon has begun to watch the names in commits, within a
    // second.
    readNatively(all, "0");
    readNatively("md5sum <current/blob", BLOB_SUM + "\n0");
    readNatively("cat current/small", "small\n0");
  }

  @Test
  void whatNobodyUses_isUnsealed_andNobodyIsThrownOut() throws Exception {
    List<String> commits = new ArrayList<>(List.of(commit));
    for (int i = 0; i < 3; i++) {
      commits.add(data.commit("more" + i));
    }
    daemon.close();
    daemon = TestDaemon.start(directory.resolve("daemon"), "seal:\n  commits: 1\n  idle: 1s\n");
    mount("on");
    String stay =
        """
        until ls commits/%1$s >/dev/null; cd commits/%1$s/set && [ $(stat -f -c %%T .) = overlayfs ]
        do cd $OLDPWD; sleep 0.05; done
        echo in; read x
        """
            .formatted(commit);
    Process inside = new ProcessBuilder("bash", "-c", stay).directory(mount.toFile()).start();
    assertEquals("in", inside.inputReader().readLine());
    in("ls commits/" + String.join(" commits/", commits));
    eventually("others are left", () -> sealedCount() == 1 && isMounted(commit));
    inside.getOutputStream().close();
    assertNotEquals(-1, inside.waitFor());
    eventually("it stays though it is left", () -> sealedCount() == 0 && !isMounted(commit));
    assertEquals(List.of("fuse.revfs"), mountedTypes());
    assertEquals("", check("current/set"));
    eventually(
        "it is not sealed again", () -> in("ls commits/" + commit) != null && isMounted(commit));
  }

  private int sealedCount() throws Exception {
    return daemon.get("/v1/mounts").json().at("/mounts/0/sealed").size();
  }

  @Test
  void prefetch_afterAnEviction_fetchesAgain() throws Exception {
    mount("off");
    prefetch();
    assertEquals("", check("current/set"));
    eventually( // what was fetched last may be held a moment longer than it is read
        "something stays",
        () -> {
          evictAll();
          return daemon.get("/v1/cache").json().get("completeObjects").asInt() == 0;
        });
    prefetch();
    assertTrue(daemon.get("/v1/cache").json().get("completeObjects").asInt() >= files.size());
  }

  /** What is fetched as a whole is opened when it is complete, so the kernel reads it by itself. */
  @Test
  void aSmallFile_isFetchedOnce_andNoByteOfItPassesTheDaemon() throws Exception {
    mount("on");
    sealed(commit);
    JsonNode before = daemon.get("/v1/cache").json();
    String one = "d1/f001";
    assertEquals(TestData.md5(files.get(one)) + "  -", in("md5sum <current/set/" + one));
    JsonNode after = daemon.get("/v1/cache").json();
    assertEquals(
        before.get("fetchedBytes").asLong() + files.get(one).length,
        after.get("fetchedBytes").asLong());
    int reads = before.get("hitReads").asInt() + before.get("missReads").asInt();
    int later = after.get("hitReads").asInt() + after.get("missReads").asInt();
    assertTrue(later - reads <= 1, "one wait for its bytes at most: " + after);
  }

  @Test
  void aRecordedMount_isNeverSealed_andEachOpenArrives() throws Exception {
    Path other = directory.resolve("daemon/other");
    assertEquals(
        200,
        daemon
            .post(
                "/v1/mounts",
                "{\"repository\":\"%s\",\"directory\":\"%s\",\"seal\":\"on\"}"
                    .formatted(data.repository(), other))
            .status());
    mount = other;
    sealed(commit);
    assertEquals("", check("current/set"));
    prefetch(); // so that it is all native
    mountWith("\"recorded\":true");
    assertEquals("", check("current/set")); // all is cached, and known to the kernel
    assertEquals("", check("current/set"));
    assertFalse(isMounted(commit));
    String file = "/commits/" + commit + "/set/d1/f001";
    eventually("the other needs us", () -> opensWithoutDaemon(other + file));
    assertFalse(opensWithoutDaemon(mount + file));
    assertEquals("", check("current/set"));
    assertFalse(isMounted(commit));
    TestDaemon.Answer refused =
        daemon.post(
            "/v1/mounts",
            "{\"repository\":\"%s\",\"directory\":\"%s\",\"seal\":\"on\",\"recorded\":true}"
                .formatted(data.repository(), directory.resolve("daemon/third")));
    assertEquals(400, refused.status(), refused.toString());
  }

  private boolean opensWithoutDaemon(String file) throws Exception {
    Shell.run(directory, "kill -STOP " + daemon.pid());
    try {
      String open = "timeout -s KILL 2 cat '" + file + "' >/dev/null";
      return Shell.run(directory, open).exit() == 0;
    } finally {
      Shell.run(directory, "kill -CONT " + daemon.pid());
    }
  }

  @Test
  void imagesAreCounted_andGoWhenNobodyUsesThem() throws Exception {
    mount("on");
    sealed(commit);
    long bytes = daemon.get("/v1/cache").json().get("imageBytes").asLong();
    assertEquals(in("cat ../cache/images/* | wc -c"), Long.toString(bytes));
    assertTrue(bytes > 0);
    evictAll();
    assertEquals(bytes, daemon.get("/v1/cache").json().get("imageBytes").asLong()); // in use
    assertEquals(200, daemon.delete("/v1/mounts?lazy=false&directory=" + mount).status());
    evictAll();
    assertEquals(0, daemon.get("/v1/cache").json().get("imageBytes").asLong());
    assertEquals("", Shell.run(directory, "ls daemon/cache/images").output());
    leavesNothing();
  }

  @Test
  void imagesTakeRoomOfTheQuota_andObjectsGoForThem() throws Exception {
    mount("on");
    sealed(commit);
    prefetch();
    long objects = daemon.get("/v1/cache").json().get("usedBytes").asLong();
    long images = daemon.get("/v1/cache").json().get("imageBytes").asLong();
    daemon.close();
    long quota = objects + images / 2; // enough for one of the two
    for (String mode : List.of("off", "on")) {
      daemon =
          TestDaemon.start(
              directory.resolve("daemon-" + mode), "cache:\n  quota: %dB\n".formatted(quota));
      mount = directory.resolve("daemon-" + mode + "/mnt");
      assertEquals(
          200,
          daemon
              .post(
                  "/v1/mounts",
                  "{\"repository\":\"%s\",\"directory\":\"%s\",\"seal\":\"%s\"}"
                      .formatted(data.repository(), mount, mode))
              .status());
      in("ls commits/" + commit);
      if (mode.equals("on")) {
        sealed(commit);
      }
      assertEquals("", check("current/set"));
      assertEquals(
          mode.equals("on") ? images : 0,
          daemon.get("/v1/cache").json().get("imageBytes").asLong());
      eventually("more than the quota, " + mode, () -> usedBytes() <= quota);
      assertEquals("", check("current/set"), "what went is fetched again");
      daemon.close();
    }
  }

  private long usedBytes() throws Exception {
    JsonNode cache = daemon.get("/v1/cache").json();
    return cache.get("usedBytes").asLong() + cache.get("imageBytes").asLong();
  }

  @Test
  void theDaemonIsKilled_whatIsNotCachedWaitsForTheNextOne() throws Exception {
    mount("on");
    sealed(commit);
    daemon.crash();
    Process reader =
        new ProcessBuilder("bash", "-c", "md5sum <mnt/current/set/big; cat mnt/current/set/d1/f001")
            .directory(directory.resolve("daemon").toFile())
            .start();
    daemon.awaitSuccessor();
    assertEquals(TestData.md5(files.get("big")) + "  -", reader.inputReader().readLine());
    reader.getInputStream().readAllBytes();
    assertEquals(0, reader.waitFor());
  }

  @Test
  void daemonAndKeeperAreKilled_whatIsNotCachedWaitsForTheNextDaemon() throws Exception {
    mount("on");
    sealed(commit);
    assertEquals(TestData.md5(files.get("d1/f001")) + "  -", in("md5sum <current/set/d1/f001"));
    prefetchOne("set/d1/f001");
    String at = "mnt/commits/" + commit + "/set/";
    Process inside =
        new ProcessBuilder(
                "bash",
                "-c",
                "cd %sd2; echo in; read x; md5sum <f002; md5sum <../d1/f001; md5sum <../big"
                    .formatted(at))
            .directory(directory.resolve("daemon").toFile())
            .redirectErrorStream(true)
            .start();
    var said = inside.inputReader();
    assertEquals("in", said.readLine());
    daemon.killKeeper();
    try (var go = inside.outputWriter()) {
      go.write("\n");
    }
    for (String name : List.of("d2/f002", "d1/f001", "big")) {
      assertEquals(TestData.md5(files.get(name)) + "  -", said.readLine(), name);
    }
    assertEquals(0, inside.waitFor());
    daemon.awaitSuccessor();
    assertEquals("", check("current/set"));
    daemon.stop();
    leavesNothing();
  }

  /** Nobody is left who holds the device, so the connection ends. */
  @Test
  void allThatHoldTheDeviceAreKilled_whatIsNotCachedFails_andTheNextDaemonMendsAll()
      throws Exception {
    mount("on");
    sealed(commit);
    assertEquals(TestData.md5(files.get("d1/f001")) + "  -", in("md5sum <current/set/d1/f001"));
    prefetchOne("set/d1/f001"); // so that it is looked for anew
    daemon.kill();
    String at = "commits/" + commit + "/set/";
    assertEquals(TestData.md5(files.get("d1/f001")) + "  -", in("md5sum <" + at + "d1/f001"));
    assertNotEquals("0", in("timeout 20 cat " + at + "big >/dev/null 2>&1; echo $?"));
    assertEquals(files.size() + "", in("find " + at + " -type f | wc -l"));
    daemon.start();
    eventually("not sealed by itself", () -> isMounted(commit) && statesSealed(commit));
    assertEquals(List.of("fuse.revfs", "overlay"), mountedTypes()); // none of the dead ones
    assertEquals("", check("current/set"));
    daemon.stop();
    leavesNothing();
  }

  private List<String> mountedTypes() throws Exception {
    return MountTable.read().mounts().stream()
        .filter(mount -> mount.mountPoint().startsWith(directory))
        .map(MountTable.Mount::type)
        .toList();
  }

  @Test
  void allAreKilled_unmountLeavesNothing_alsoWhileSomebodyIsThere() throws Exception {
    mount("on");
    sealed(commit);
    prefetch();
    Process reader =
        new ProcessBuilder(
                "bash", "-c", "exec 3<mnt/commits/%s/set/big; echo open; read x".formatted(commit))
            .directory(directory.resolve("daemon").toFile())
            .start();
    assertEquals("open", reader.inputReader().readLine());
    daemon.kill();
    daemon.start();
    in("ls commits/" + commit);
    assertEquals(200, daemon.delete("/v1/mounts?lazy=true&directory=" + mount).status());
    leavesNothing();
    try (var go = reader.outputWriter()) {
      go.write("\n");
    }
    assertEquals(0, reader.waitFor());
  }

  /** Nobody tells us that the kernel read it: its pages in memory do. */
  @Test
  void whatIsReadNatively_isEvictedLast_andFiguresAreTrue() throws Exception {
    mount("on");
    sealed(commit);
    assertEquals("", check("current/set"));
    prefetch();
    Shell.run(directory, "sync");
    caches.dropNow();
    String one = "set/d1/f001";
    in("cat current/" + one + " >/dev/null");
    long used = daemon.get("/v1/cache").json().get("usedBytes").asLong();
    int kept = files.get("d1/f001").length;
    daemon.post("/v1/cache/gc", "{\"targetBytes\":%d}".formatted(kept + 1000));
    long left = daemon.get("/v1/cache").json().get("usedBytes").asLong();
    assertTrue(left < used && left >= kept, used + " bytes, then " + left);
    assertEquals(100, percent(one));
    // Not all: the kernel may have kept pages of a few when it was told to drop them.
    List<String> gone = new ArrayList<>();
    List<String> others = files.keySet().stream().filter(name -> name.startsWith("d2/")).toList();
    for (String other : others) {
      if (percent("set/" + other) == 0) {
        gone.add(other);
      }
    }
    assertTrue(gone.size() > others.size() * 3 / 4, gone + " of " + others);
    String again = gone.getFirst();
    assertEquals(
        TestData.md5(files.get(again)) + "  -", in("md5sum <current/set/%s".formatted(again)));
    assertEquals(100, percent("set/" + again));
  }

  private int percent(String path) throws Exception {
    return daemon
        .get("/v1/info?repository=%s&rev=v1&path=%s".formatted(data.repository(), path))
        .json()
        .get("cachedPercent")
        .asInt();
  }

  private void prefetchOne(String path) throws Exception {
    daemon.post(
        "/v1/prefetch",
        "{\"repository\":\"%s\",\"rev\":\"v1\",\"path\":\"%s\"}"
            .formatted(data.repository(), path));
  }

  /** Overlayfs stacks two deep at most, so it refuses a cache on overlays. */
  @Test
  void aCacheWhoseFileSystemRefuses_isServedByFuseAlone_andItIsSaidWhy() throws Exception {
    Path stack = Files.createDirectories(directory.resolve("stack"));
    Shell.Result made =
        Shell.run(
            stack,
            "mkdir t && mount -t tmpfs none t && cd t && mkdir l1 u1 w1 m1 u2 w2 m2"
                + " && mount -t overlay o1 -o lowerdir=l1,upperdir=u1,workdir=w1 m1"
                + " && mount -t overlay o2 -o lowerdir=m1,upperdir=u2,workdir=w2 m2 2>&1");
    assertEquals(0, made.exit(), made.output());
    try (TestDaemon small =
        TestDaemon.start(
            directory.resolve("refused"), "seal:\n  mode: auto\n", stack.resolve("t/m2/cache"))) {
      Path at = small.mount(data.repository().toString(), "mnt");
      Shell.run(at, "ls commits/" + commit);
      eventually(
          "no reason is given",
          () -> small.get("/v1/mounts").json().at("/mounts/0/notSealed").has(commit));
      assertEquals(
          "",
          Shell.run(
                  at.resolve("current/set"),
                  "md5sum --quiet -c " + directory.resolve("sums") + " 2>&1")
              .output());
      String why = small.get("/v1/mounts").json().at("/mounts/0/notSealed").toString();
      assertTrue(why.contains("refuses"), why);
    } finally {
      Shell.run(stack, "umount t/m2; umount t/m1; umount t");
    }
  }
}
