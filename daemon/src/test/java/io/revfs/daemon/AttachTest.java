package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.Await;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.Shell;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an attached working copy shows, and what becomes of what is done in it. Needs root. Long, as
 * all of it is tried again in other ways of attaching, by those who extend this.
 */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AttachTest {
  private Path shared;

  TestDaemon daemon;
  private int count;

  Path directory;
  TestData data;
  Path work;

  @BeforeAll
  void startDaemon(@TempDir(cleanup = CleanupMode.NEVER) Path temporary) throws Exception {
    shared = temporary;
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));
    daemon = start(shared.resolve("daemon"));
  }

  TestDaemon start(Path home) throws Exception {
    return TestDaemon.start(home, "seal:\n  mode: off\n");
  }

  /** Gives all that was made so far to who works there. */
  void own() throws Exception {}

  String backend() {
    return "auto";
  }

  /** Kills the daemon; another one follows. */
  void crash() throws Exception {
    daemon.crash();
    daemon.awaitSuccessor();
  }

  /** Returns a shell that works in the working copy. */
  ProcessBuilder bash(String script) throws Exception {
    return new ProcessBuilder("bash", "-c", script).directory(work.toFile());
  }

  @BeforeEach
  void makeRepository() throws Exception {
    directory = Files.createDirectory(shared.resolve("test" + ++count));
    data = new TestData(Files.createDirectories(directory.resolve("data")));
    work = data.repository();
    data.write("code.py", "print(1)\n");
    data.write(".gitignore", "/set\n/model.bin\n");
    version("1", "c");
    data.commit("v1");
    version("2", "d");
    data.commit("v2");
    own();
  }

  private void version(String text, String only) throws Exception {
    data.directory(
        "set",
        Map.of(
            "a",
            bytes("a" + text),
            "b",
            bytes("same"),
            "sub/" + only,
            bytes(only + text),
            "sub/x",
            bytes("x" + text)));
    data.file("model.bin", bytes("model" + text));
  }

  private static byte[] bytes(String text) {
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  @AfterEach
  void detachWhatIsLeft() throws Exception {
    daemon.delete("/v1/attached?lazy=true&directory=" + work);
  }

  @AfterAll
  void stop() throws Exception {
    daemon.close();
    for (var mount : MountTable.read().mounts()) {
      if (mount.mountPoint().startsWith(shared)) {
        MountTable.detach(mount.mountPoint());
      }
    }
  }

  TestDaemon.Answer tryAttach(Path at) throws Exception {
    return daemon.post(
        "/v1/attached", "{\"directory\":\"%s\",\"backend\":\"%s\"}".formatted(at, backend()));
  }

  void attach() throws Exception {
    TestDaemon.Answer answer = tryAttach(work);
    assertEquals(200, answer.status(), answer.body());
  }

  void detach() throws Exception {
    TestDaemon.Answer answer = daemon.delete("/v1/attached?directory=" + work);
    assertEquals(200, answer.status(), answer.body());
  }

  String shell(String script) throws Exception {
    return Shell.run(bash(script), script).output();
  }

  static final String ALL =
      "for f in $(find set model.bin -type f 2>/dev/null | sort); do echo $f $(cat $f); done";

  @Test
  void aDirectoryAboveIsRenamed_andItIsDetachedThere() throws Exception {
    attach();
    Path moved = directory.resolveSibling("moved" + count);
    Files.move(directory, moved);
    Path now = moved.resolve(directory.relativize(work));
    String script = "cat " + now.resolve("code.py");
    String said = Shell.run(bash(script).directory(moved.toFile()), script).output();
    assertTrue(said.endsWith("print(1)"), said);
    TestDaemon.Answer answer = daemon.delete("/v1/attached?directory=" + now);
    assertEquals(200, answer.status(), answer.body());
    assertTrue(MountTable.read().at(now).isEmpty(), "the mount is gone");
  }

  @Test
  void outputsThatAreAbsent_areShownAndReadable() throws Exception {
    attach();
    assertEquals("model.bin model2\nset/a a2\nset/b same\nset/sub/d d2\nset/sub/x x2", shell(ALL));
    assertEquals("print(1)", shell("cat code.py"));
    assertEquals("", shell("git status --short"));
    assertEquals("a\nb\nsub", shell("ls set"));
    assertEquals("7 644 regular file", shell("stat -c '%s %a %F' model.bin"));
    detach();
    assertEquals("", shell(ALL), "nothing was brought below");
  }

  @Test
  void gitCheckout_switchesWhatIsShown() throws Exception {
    attach();
    for (int i = 0; i < 5; i++) {
      assertEquals(
          "model.bin model1\nset/a a1\nset/b same\nset/sub/c c1\nset/sub/x x1",
          shell("git checkout -q v1; " + ALL));
      assertEquals(
          "model.bin model2\nset/a a2\nset/b same\nset/sub/d d2\nset/sub/x x2",
          shell("git checkout -q v2; " + ALL));
    }
  }

  @Test
  void gitCheckout_fromWithinAShownDirectory_leavesTheDirectoryUsable() throws Exception {
    attach();
    assertEquals(
        "c1\n" + work + "/set/sub\nx1",
        shell("cd set/sub; git checkout -q v1; cat c; pwd -P; cat x"));
  }

  @Test
  void openFiles_keepWhatTheyHad() throws Exception {
    attach();
    assertEquals(
        "model2\nmodel1", shell("exec 3<model.bin; git checkout -q v1; cat <&3; cat model.bin"));
  }

  @Test
  void writing_bringsAFileBelow() throws Exception {
    attach();
    assertEquals("a2\nmore", shell("echo more >>set/a; cat set/a"));
    assertEquals("new", shell("echo new >model.bin; cat model.bin"));
    assertEquals("x2", shell("chmod 755 set/sub/x; cat set/sub/x"));
    assertEquals("755", shell("stat -c %a set/sub/x"));
    assertEquals("other\na2\nmore", shell("echo other >set/sub/new; cat set/sub/new set/a"));
    detach();
    assertEquals("model.bin new\nset/a a2 more\nset/sub/new other\nset/sub/x x2", shell(ALL));
  }

  @Test
  void deletionsAndRenames_areRememberedAcrossProcesses() throws Exception {
    attach();
    assertEquals(
        "set/b\nset/moved\nset/sub", shell("mv set/a set/moved; rm -r set/sub/*; ls -d set/*"));
    assertEquals("", shell("ls set/sub; rm model.bin; ls model.bin 2>/dev/null"));
    crash();
    assertEquals("set/b\nset/moved\nset/sub\na2", shell("ls -d set/*; cat set/moved"));
    detach();
    attach();
    assertEquals("set/b\nset/moved\nset/sub\na2", shell("ls -d set/*; cat set/moved"));
    assertEquals(
        "model.bin model1\nset/a a1\nset/b same\nset/moved a2\nset/sub/c c1\nset/sub/x x1",
        shell("git checkout -q v1; " + ALL),
        "another version is there in full, and what was made stays");
  }

  @Test
  void modifiedFiles_surviveASwitch() throws Exception {
    attach();
    assertEquals(
        "model.bin model1\nset/a mine\nset/added added\nset/b same\nset/sub/c c1\nset/sub/x x1",
        shell(
            "echo mine >set/a; echo added >set/added; touch model.bin; git checkout -q v1; "
                + ALL));
    assertEquals(
        "model.bin model2\nset/a mine\nset/added added\nset/b same\nset/sub/d d2\nset/sub/x x2",
        shell("git checkout -q v2; " + ALL));
  }

  @Test
  void deletedFiles_areDeletedFromTheirVersionOnly() throws Exception {
    attach();
    assertEquals("b\nsub", shell("rm set/a model.bin; ls set"));
    assertEquals(
        "model.bin model1\nset/a a1\nset/b same\nset/sub/c c1\nset/sub/x x1",
        shell("git checkout -q v1; " + ALL));
    assertEquals("set/b same\nset/sub/d d2\nset/sub/x x2", shell("git checkout -q v2; " + ALL));
    detach();
    shell("git checkout -q v1");
    attach();
    assertEquals(
        "model.bin model1\nset/a a1\nset/b same\nset/sub/c c1\nset/sub/x x1",
        shell(ALL),
        "what was deleted of v2 is not deleted of v1, which was checked out while detached");
    shell("git checkout -q v2");
    crash();
    assertEquals("set/b same\nset/sub/d d2\nset/sub/x x2", shell(ALL));
  }

  @Test
  void renamedFiles_areWhereTheyWereMovedTo_afterASwitch() throws Exception {
    attach();
    shell("mv set/a set/moved; mv model.bin other.bin");
    assertEquals(
        "model1\nset/a a1\nset/b same\nset/moved a2\nset/sub/c c1\nset/sub/x x1\nmodel2",
        shell(
            "git checkout -q v1; cat model.bin; "
                + ALL.replace("set model.bin", "set")
                + "; cat other.bin"));
    assertEquals(
        "absent\nset/b same\nset/moved a2\nset/sub/d d2\nset/sub/x x2\nmodel2",
        shell(
            "git checkout -q v2; cat model.bin 2>/dev/null || echo absent; "
                + ALL.replace("set model.bin", "set")
                + "; cat other.bin"));
  }

  @Test
  void deletedDirectory_isThereInAnotherVersion() throws Exception {
    attach();
    assertEquals(
        "a1\nabsent\nmade",
        shell(
            "rm -r set; git checkout -q v1; cat set/a; git checkout -q v2; ls set 2>/dev/null ||"
                + " echo absent; mkdir set; echo made >set/a; cat set/a"));
    assertEquals("a", shell("ls set"));
  }

  @Test
  void filesOpenForWriting_areKeptByASwitch() throws Exception {
    attach();
    assertEquals(
        "text",
        shell("exec 3>>set/a; git checkout -q v1; echo text >&3; exec 3>&-; tail -n 1 set/a"));
  }

  @Test
  void recordedDeletions_areNoDeletionsAnyMore() throws Exception {
    attach();
    shell("rm set/a");
    var committed = daemon.command(work, "commit", "force", true);
    assertEquals(0, committed.path("exit").asInt(-1), committed.toString());
    assertEquals("a2", shell("git add -A; git commit -qm without; git checkout -q v2; cat set/a"));
    assertEquals("b\nsub", shell("git checkout -q main; ls set"));
  }

  @Test
  void modifiedFile_thatTheOtherVersionDoesNotTrack_survives() throws Exception {
    shell("git checkout -q -b less; git rm -q model.bin.dvc set.dvc; git commit -qm less");
    shell("git checkout -q v2");
    attach();
    assertEquals(
        "mine\nset/a mine",
        shell(
            "echo mine >model.bin; echo mine >set/a; git checkout -q less; cat model.bin; "
                + ALL.replace("set model.bin", "set")));
    assertEquals(
        "model.bin mine\nset/a mine\nset/b same\nset/sub/d d2\nset/sub/x x2",
        shell("git checkout -q v2; " + ALL));
  }

  @Test
  void status_afterManyFilesWereLookedAt_looksAtNone() throws Exception {
    attach();
    shell("echo mine >model.bin; mkdir new; for i in $(seq 50); do echo $i >new/$i; done");
    daemon.command(work, "add", "targets", java.util.List.of("new", "model.bin"));
    shell("git add -A; git commit -qm more; ls -lR >/dev/null");
    assertEquals("{}", daemon.command(work, "status").path("result").toString());
    long[] looked = {Long.MAX_VALUE};
    Await.until( // what was written is hashed meanwhile
        () -> looked[0] + " files were looked at; only model.bin is below",
        () -> {
          long before = asked("asked");
          assertEquals("{}", daemon.command(work, "status").path("result").toString());
          looked[0] = asked("asked") - before;
          return looked[0] <= 1;
        });
    shell("echo other >new/7");
    String changed = daemon.command(work, "status").path("result").toString();
    assertTrue(changed.contains("new.dvc") && !changed.contains("set.dvc"), changed);
  }

  /** How many files are looked at when a daemon follows a killed one, at most. */
  long lookedAtAfterACrash() {
    return 1;
  }

  @Test
  void status_afterACrash_looksAtWhatChangedOnly() throws Exception {
    attach();
    shell("mkdir new other; for i in $(seq 50); do echo $i >new/$i; echo $i >other/$i; done");
    daemon.command(work, "add", "targets", java.util.List.of("new", "other"));
    shell("git add -A; git commit -qm more");
    Await.until(
        "what was written is hashed, and nothing is looked at any more",
        () -> {
          long before = asked("asked");
          assertEquals("{}", daemon.command(work, "status").path("result").toString());
          return asked("asked") == before;
        });
    Await.until("watches are kept", () -> daemon.keeper() == 0 || daemon.keeps("xw"));
    crash();
    assertEquals("{}", daemon.command(work, "status").path("result").toString());
    assertTrue(asked("asked") <= lookedAtAfterACrash(), asked("asked") + " were looked at");
    shell("echo other >new/7");
    crash();
    String changed = daemon.command(work, "status").path("result").toString();
    assertTrue(changed.contains("new.dvc") && !changed.contains("other.dvc"), changed);
  }

  private long asked(String what) throws Exception {
    return daemon.get("/v1/status").json().path("workFiles").path(what).asLong();
  }

  @Test
  void writtenOutputs_areHashedOnceTheyAreClosed() throws Exception {
    attach();
    long before = asked("unknown");
    shell("echo mine >set/a; echo new >set/new; echo other >model.bin");
    Await.equal(before + 3, () -> asked("unknown")); // each of them is read
    // The last is counted before what was read of it is kept.
    Await.until(
        "nothing is unknown any more",
        () -> {
          long unknown = asked("unknown");
          daemon.command(work, "status");
          return asked("unknown") == unknown;
        });
    long read = asked("unknown");
    var committed = daemon.command(work, "commit", "force", true);
    assertEquals(0, committed.path("exit").asInt(-1), committed.toString());
    assertEquals(read, asked("unknown"), "commit read none of them");
    assertEquals("{}", daemon.command(work, "status").path("result").toString());
  }

  @Test
  void editingADvcFile_isFollowed() throws Exception {
    attach();
    assertEquals("model1", shell("git show v1:model.bin.dvc >model.bin.dvc; cat model.bin"));
    assertEquals("", shell("git show v2:model.bin.dvc >t; mv t model.bin.dvc"));
    Await.equal("model2", () -> shell("cat model.bin"));
    assertEquals("", shell("rm model.bin.dvc"));
    Await.equal("gone", () -> shell("cat model.bin 2>/dev/null || echo gone"));
    assertEquals(
        "model1", shell("mkdir d; git show v1:model.bin.dvc >d/model.bin.dvc; cat d/model.bin"));
    assertEquals("", shell("mv d e"));
    Await.equal("model1", () -> shell("cat e/model.bin"));
  }

  @Test
  void shownDirectories_behaveAsDirectories() throws Exception {
    attach();
    assertEquals("Directory not empty", shell("rmdir set 2>&1 | sed 's/.*: //'"));
    assertEquals("File exists", shell("mkdir set 2>&1 | sed 's/.*: //'"));
    assertEquals("a2\nsame", shell("mv set other; cat other/a other/b"));
    assertEquals("", shell("ls set 2>/dev/null"));
    assertEquals("gone", shell("rm -r other; ls other 2>/dev/null || echo gone"));
  }

  @Test
  void badPlaces_areRefusedInOneLine() throws Exception {
    TestDaemon.Answer none = tryAttach(directory);
    assertEquals(400, none.status() / 100 * 100, none.body());
    assertTrue(none.body().contains("is not in a working copy"), none.body());
    assertTrue(tryAttach(directory.resolve("absent")).body().contains("is not a directory"));
    attach();
    assertTrue(tryAttach(work).body().contains("is attached already"));
    assertTrue(
        daemon.delete("/v1/attached?directory=" + directory).body().contains("is not attached"));
    detach();
    Path mount = daemon.mount(work.toString(), "mnt" + count);
    assertTrue(MountTable.read().at(mount).isPresent());
    TestDaemon.Answer inUse =
        daemon.post("/v1/attached", "{\"directory\":\"%s\"}".formatted(mount));
    assertTrue(inUse.status() >= 400, inUse.body());
  }

  @Test
  void killedDaemon_openFilesAndNewOnesGoOn() throws Exception {
    attach();
    Process writer =
        bash("exec 3<>log 4<set/a; cd set/sub; rm ../../log; echo ready; read x; echo text >&3;"
                + " stat -L -c %s /proc/self/fd/3; cat <&4; cat x; echo n >n; cat n")
            .redirectErrorStream(true)
            .start();
    var said = writer.inputReader();
    assertEquals("ready", said.readLine());
    crash();
    try (var go = writer.outputWriter()) {
      go.write("\n");
    }
    assertEquals("5\na2\nx2\nn", String.join("\n", said.lines().toList()));
    assertEquals(0, writer.waitFor());
  }

  @Test
  void daemonStopped_isAttachedAgainAtTheNextStart() throws Exception {
    attach();
    assertEquals("mine", shell("echo mine >model.bin; cat model.bin"));
    daemon.stop();
    assertEquals("mine", shell("cat model.bin; cat set/a 2>/dev/null"));
    daemon.start();
    assertEquals("mine\na2", shell("cat model.bin set/a"));
    assertEquals(1, daemon.get("/v1/attached").json().path("attached").size());
  }

  @Test
  void brokenDvcFile_showsWhatIsWrongAndNothingElseSuffers() throws Exception {
    attach();
    assertEquals(
        "Input/output error\na2",
        shell("echo '[' >model.bin.dvc; cat model.bin 2>&1 | sed 's/.*: //'; cat set/a"));
    assertEquals("model1", shell("git show v1:model.bin.dvc >model.bin.dvc; cat model.bin"));
  }

  @Test
  void trackedByGitAndByDvc_gitsFileIsSeen() throws Exception {
    attach();
    assertEquals(
        "of git",
        shell(
            "echo of git >model.bin; git add -f model.bin; git commit -qm both; cat model.bin;"
                + " git rm -q --cached model.bin; rm model.bin; git stash -q 2>/dev/null;"
                + " git checkout -q v2"));
    daemon.command(work, "checkout");
    assertEquals("model2", shell("cat model.bin"));
    assertEquals("model1", shell("git checkout -q v1; cat model.bin"));
  }

  @Test
  void namesThatDifferInCase_areTwo() throws Exception {
    attach();
    assertEquals("upper\na2", shell("echo upper >set/A; cat set/A set/a"));
  }

  @Test
  void userOfTheCheckout_mayWriteAndOthersMayNot() throws Exception {
    var unused = Shell.run(directory, "chown -R 1000:1000 data/" + work.getFileName());
    attach();
    String as = "setpriv --reuid %d --regid %d --clear-groups bash -c '%s' 2>&1";
    assertEquals("a2\nmine", shell(as.formatted(1000, 1000, "echo mine >>set/a; cat set/a")));
    assertEquals("1000 1000", shell("stat -c '%u %g' set/a"));
    assertTrue(shell(as.formatted(1001, 1001, "echo x >>set/b")).contains("Permission denied"));
    assertEquals("same", shell("cat set/b"));
  }

  @Test
  void status_knowsWhatWasWrittenWithoutReading() throws Exception {
    attach();
    String clean = daemon.command(work, "status").toString();
    assertFalse(clean.contains("set.dvc") || clean.contains("\"error\""), clean);
    assertEquals("mine", shell("echo mine >set/a; cat set/a"));
    String changed = daemon.command(work, "status").toString();
    assertTrue(changed.contains("set.dvc") && !changed.contains("model.bin.dvc"), changed);
  }
}
