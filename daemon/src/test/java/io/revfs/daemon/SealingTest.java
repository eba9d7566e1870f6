package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.MountTable;
import io.revfs.fuse.Shell;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Commits that the kernel serves by itself, seen from other processes. Needs root. */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class SealingTest extends SealedFixture {
  @Test
  void sealed_listsAndReadsAsFuseDoes() throws Exception {
    mount("off");
    in("find current/"); // what a directory's size is, is known once its names are here
    String fuse = Listings.of(mount.resolve("current"));
    String attributes =
        "getfattr -d -m user current/set/d1/f001 current/set current | grep -v cached";
    String fuseAttributes = in(attributes);
    assertEquals(
        200, daemon.delete("/v1/mounts?lazy=false&directory=" + mount).status(), "unmount");
    mount("on");
    sealed(commit);
    assertEquals(fuse, Listings.of(mount.resolve("current")));
    assertEquals(fuseAttributes, in(attributes));
    assertEquals("", check("current/set")); // nothing was cached: all of it arrives
    assertEquals("", check("tags/v1/set"));
    assertEquals(
        TestData.md5("x".repeat(200_000).getBytes("UTF-8")) + "  -", in("md5sum <current/blob"));
    assertEquals("small", in("cat current/small"));
    String listed = "df 2>/dev/null | grep %s | grep -c -e objects -e %s";
    assertEquals("0", in(listed.formatted(directory, commit))); // not littered
    assertEquals(List.of(mount, mount.resolve("commits").resolve(commit)), mountPoints());
    assertEquals(200, daemon.delete("/v1/mounts?lazy=false&directory=" + mount).status());
    leavesNothing();
  }

  private List<Path> mountPoints() throws Exception {
    return MountTable.read().mounts().stream()
        .map(MountTable.Mount::mountPoint)
        .filter(place -> place.startsWith(directory))
        .toList();
  }

  @Test
  void whatIsCached_isReadWithoutTheDaemon() throws Exception {
    mount("auto");
    sealed(commit);
    assertEquals("", check("current/set"));
    readNatively("cd current/set && md5sum --quiet -c " + directory.resolve("sums"), "0");
    assertEquals(
        Integer.toString(files.size()) + "\n0", withoutDaemon("find current/set/ -type f | wc -l"));
  }

  @Test
  void off_nothingIsEverSealed() throws Exception {
    mount("off");
    assertEquals("", check("current/set"));
    mountTableHasNoOverlay();
    Thread.sleep(1500);
    mountTableHasNoOverlay();
  }

  private void mountTableHasNoOverlay() throws Exception {
    for (MountTable.Mount one : MountTable.read().mounts()) {
      assertFalse(
          one.mountPoint().startsWith(directory) && one.type().equals("overlay"), one.toString());
    }
  }

  @Test
  void evictedWhileOpen_readsOn_andTheDiskIsFree() throws Exception {
    mount("on");
    sealed(commit);
    assertEquals("", check("current/set"));
    String sum = TestData.md5(files.get("big")) + "  -";
    Process reader =
        new ProcessBuilder(
                "bash", "-c", "exec 3<mnt/current/set/big; echo open; read x; md5sum <&3")
            .directory(directory.resolve("daemon").toFile())
            .start();
    assertEquals("open", reader.inputReader().readLine());
    daemon.post("/v1/cache/gc", "{\"targetBytes\":0}");
    assertEquals(sum, in("md5sum <current/set/big"));
    try (var go = reader.outputWriter()) {
      go.write("\n");
    }
    assertEquals(sum, reader.inputReader().readLine());
    assertEquals("", check("current/set"));
  }

  @Test
  void theDaemonIsKilled_readersSeeAPauseAtMost_andOverlaysStay() throws Exception {
    mount("on");
    sealed(commit);
    Process reader =
        new ProcessBuilder(
                "bash",
                "-c",
                "while [ ! -e stop ]; do (cd daemon/mnt/current/set && md5sum --quiet -c"
                    + " $OLDPWD/sums); done")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    for (int i = 0; i < 4; i++) {
      Thread.sleep(100 + 150L * i);
      caches.dropNow();
      daemon.post("/v1/cache/gc", "{\"targetBytes\":0}");
      daemon.crash();
      daemon.awaitSuccessor();
    }
    Files.createFile(directory.resolve("stop"));
    assertEquals("", new String(reader.getInputStream().readAllBytes()));
    assertTrue(isMounted(commit));
    eventually("the overlay is not known", () -> statesSealed(commit));
    daemon.stop();
    leavesNothing();
  }

  @Test
  void daemonKeeperAndGuardAreKilled_whatIsCachedIsReadOn_andAllComesBack() throws Exception {
    mount("on");
    sealed(commit);
    assertEquals("", check("current/set"));
    readNatively("md5sum current/set/*/*", "\n0");
    daemon.kill();
    Thread.sleep(1500);
    assertEquals("", check("commits/" + commit + "/set"));
    assertEquals("", check("current/set"));
    daemon.start();
    sealed(commit);
    assertEquals("", check("current/set"));
    daemon.stop();
    leavesNothing();
  }

  @Test
  void anOverlayThatSomebodyTookAway_isPutBack() throws Exception {
    mount("on");
    sealed(commit);
    MountTable.detach(mount.resolve("commits").resolve(commit));
    eventually("it is not put back", () -> isMounted(commit) && statesSealed(commit));
    assertEquals("", check("current/set"));
  }

  @Test
  void unmount_whileAFileIsOpen() throws Exception {
    mount("on");
    sealed(commit);
    assertEquals("", check("current/set"));
    Process reader =
        new ProcessBuilder(
                "bash", "-c", "exec 3<mnt/current/set/big; echo open; read x; md5sum <&3")
            .directory(directory.resolve("daemon").toFile())
            .start();
    assertEquals("open", reader.inputReader().readLine());
    assertNotEquals(200, daemon.delete("/v1/mounts?lazy=false&directory=" + mount).status());
    assertEquals(200, daemon.delete("/v1/mounts?lazy=true&directory=" + mount).status());
    leavesNothing();
    try (var go = reader.outputWriter()) {
      go.write("\n");
    }
    assertEquals(TestData.md5(files.get("big")) + "  -", reader.inputReader().readLine());
  }

  @Test
  void anObjectThatIsNowhere_leavesTheCommitToFuse() throws Exception {
    Files.delete(data.object(TestData.md5(files.get("big"))));
    mount("auto");
    in("ls commits/" + commit);
    eventually(
        "no reason is given",
        () -> daemon.get("/v1/mounts").json().at("/mounts/0/notSealed").has(commit));
    assertFalse(isMounted(commit));
    assertTrue(in("cat current/set/big 2>&1").contains("Input/output error"));
  }

  /** A daemon that is stopped answers as a remote that never does: not at all. */
  @Test
  void theDaemonIsStopped_forceFreesWhoWaitsForTheObjectLayer_andOtherMountsAreSealedAgain()
      throws Exception {
    Path other = directory.resolve("daemon/other");
    mount("on");
    sealed(commit);
    Path forced = mount;
    TestDaemon.Answer answer =
        daemon.post(
            "/v1/mounts",
            "{\"repository\":\"%s\",\"directory\":\"%s\",\"seal\":\"on\"}"
                .formatted(data.repository(), other));
    assertEquals(200, answer.status(), answer.toString());
    mount = other;
    in("ls commits/" + commit);
    eventually("the other one is not sealed", () -> isMounted(commit));
    Shell.run(directory, "kill -STOP " + daemon.pid());
    try {
      Process reader =
          new ProcessBuilder("bash", "-c", "echo go; cat mnt/commits/" + commit + "/set/big")
              .directory(directory.resolve("daemon").toFile())
              .redirectErrorStream(true)
              .start();
      assertEquals("go", reader.inputReader().readLine());
      assertFalse(reader.waitFor(500, TimeUnit.MILLISECONDS), "nobody can have answered");
      MountTable.force(forced);
      assertTrue(reader.waitFor(60, TimeUnit.SECONDS), "still waits");
      assertNotEquals(0, reader.exitValue());
    } finally {
      Shell.run(directory, "kill -CONT " + daemon.pid());
    }
    eventually(
        "the forced one is not gone",
        () -> daemon.get("/v1/mounts").json().get("mounts").size() == 1);
    eventually("nothing is read", () -> check("current/set").isEmpty());
    eventually("not sealed again", () -> isMounted(commit) && statesSealed(commit));
    assertEquals("", check("commits/" + commit + "/set"));
    daemon.stop();
    leavesNothing();
  }

  @Test
  void wrongBytes_areNeverServed() throws Exception {
    String md5 = TestData.md5(files.get("d1/f001"));
    byte[] wrong = files.get("d1/f001").clone();
    wrong[0] ^= 1;
    Files.write(data.object(md5), wrong);
    mount("on");
    sealed(commit);
    assertTrue(in("cat current/set/d1/f001 2>&1 >/dev/null").contains("Input/output error"));
    Files.write(data.object(md5), files.get("d1/f001"));
    assertEquals("", check("current/set"));
  }
}
