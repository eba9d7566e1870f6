package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.fuse.Await;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.Shell;
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

/**
 * DVC's commands in an attached copy against the same in a plain one: all that Git would get is the
 * same byte for byte, and so is the data. Needs root.
 */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class AttachedCommandsTest {
  /** Files that Git has or would get, and all data, each with its MD5. */
  private static final String STATE =
      "(git ls-files -co --exclude-standard; find . -path ./.git -prune -o -path ./.dvc -prune -o"
          + " '(' -type f -o -type l ')' -print | sed 's,^./,,') | sort -u | while read f; do [ -e"
          + " \"$f\" ] && md5sum \"$f\"; done; git status --short";

  @TempDir(cleanup = CleanupMode.NEVER)
  static Path shared;

  private static TestDaemon daemon;
  private static int count;

  private Path plain;
  private Path attached;

  @BeforeAll
  static void startDaemon() throws Exception {
    daemon = TestDaemon.start(shared.resolve("daemon"), "seal:\n  mode: off\n");
  }

  @BeforeEach
  void makeCopies() throws Exception {
    Path directory = Files.createDirectory(shared.resolve("test" + ++count));
    TestData data = new TestData(Files.createDirectories(directory.resolve("data")));
    data.write("code.py", "print(1)\n");
    data.write(".gitignore", "/set\n/model.bin\n");
    data.write(".dvc/.gitignore", "/config.local\n/tmp\n/cache\n");
    data.directory(
        "set",
        Map.of(
            "a", bytes("a1"),
            "b", bytes("same"),
            "sub/c", bytes("c1"),
            "sub/deep/d", bytes("d1")));
    data.file("model.bin", bytes("model1"));
    data.commit("v1");
    plain = directory.resolve("plain");
    attached = directory.resolve("attached");
    for (Path copy : new Path[] {plain, attached}) {
      assertEquals(
          "",
          Shell.run(
                  directory,
                  "git clone -q data/repo %s && cd %s && git config user.name n && git config"
                          .formatted(copy, copy)
                      + " user.email n@e")
              .output());
      String remote = directory.resolve(copy.getFileName() + "-remote").toString();
      assertEquals("", Shell.run(directory, "cp -a data/store " + remote).output());
      Files.writeString(copy.resolve(".dvc/config.local"), "['remote \"r\"']\n    url = " + remote);
    }
    JsonNode pulled = daemon.command(plain, "pull");
    assertEquals(0, pulled.path("exit").asInt(-1), pulled.toString());
    attach();
  }

  private static byte[] bytes(String text) {
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private void attach() throws Exception {
    TestDaemon.Answer answer =
        daemon.post("/v1/attached", "{\"directory\":\"%s\"}".formatted(attached));
    assertEquals(200, answer.status(), answer.body());
  }

  @AfterEach
  void detachWhatIsLeft() throws Exception {
    daemon.delete("/v1/attached?lazy=true&directory=" + attached);
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

  private void compare(String what) throws Exception {
    assertEquals(
        Shell.run(plain, STATE).output(), Shell.run(attached, STATE).output(), "after " + what);
  }

  /** Runs a script in both copies, and compares what it said and what is there then. */
  private void shell(String script) throws Exception {
    assertEquals(Shell.run(plain, script).output(), Shell.run(attached, script).output(), script);
    compare(script);
  }

  /** Runs a command in both copies, and compares what it said and what is there then. */
  private JsonNode command(String name, Object... arguments) throws Exception {
    ObjectNode expected = (ObjectNode) daemon.command(plain, name, arguments);
    ObjectNode said = (ObjectNode) daemon.command(attached, name, arguments);
    expected.remove("progress"); // less is read here
    said.remove("progress");
    assertFalse(said.toString().contains("/state/attached/"), said.toString());
    assertEquals(
        expected.toString(),
        said.toString().replace(attached.toString(), plain.toString()),
        name + " " + java.util.Arrays.toString(arguments));
    compare(name);
    return said;
  }

  @Test
  void nothingChanged_allIsClean() throws Exception {
    compare("attach");
    command("status");
    command("data status", "json", true);
    command("data status", "json", true, "unchanged", true);
    command("diff", "json", true);
    assertEquals("{}", command("status").path("result").toString());
  }

  @Test
  void changedFiles_areSeenAndRecorded() throws Exception {
    shell("echo mine >set/a; echo new >set/sub/n; rm set/b; echo other >model.bin");
    command("status");
    command("data status", "json", true);
    command("data status", "json", true, "granular", true);
    command("diff", "json", true);
    command("commit", "force", true);
    command("status");
    shell("git commit -qam changed");
    command("diff", "json", true, "a_rev", "HEAD~1", "b_rev", "HEAD");
    command("push");
  }

  @Test
  void add_ofNewAndOfChangedData() throws Exception {
    shell("mkdir -p more/in; echo 1 >more/in/one; echo 2 >more/two; cat more/in/one");
    command("add", "targets", java.util.List.of("more"));
    shell("echo 3 >more/in/three; rm more/two");
    command("status");
    command("add", "targets", java.util.List.of("more"));
    shell("echo mine >>set/sub/c");
    command("add", "targets", java.util.List.of("set"));
    shell("echo part >set/sub/part");
    command("add", "targets", java.util.List.of("set/sub/part"));
    command("status");
  }

  @Test
  void checkout_restoresWhatWasChangedAndDeleted() throws Exception {
    shell("echo mine >set/a; rm -r set/sub; rm model.bin; echo extra >set/extra");
    JsonNode refused = command("checkout");
    assertTrue(refused.toString().contains("unsaved"), refused.toString());
    command("checkout", "force", true);
    command("status");
    shell("rm -r set; cat model.bin");
    command("status");
    command("checkout", "targets", java.util.List.of("set/sub/deep"));
    command("checkout");
    command("status");
  }

  @Test
  void moveAndRemove_keepTheData() throws Exception {
    command("move", "src", "model.bin", "dst", "renamed.bin");
    command("status");
    command("move", "src", "set", "dst", "collection");
    command("status");
    command("remove", "targets", java.util.List.of("collection.dvc"));
    command("status");
    command("remove", "targets", java.util.List.of("renamed.bin.dvc"), "outs", true);
    command("status");
  }

  @Test
  void pullFetchAndGc_workAsInAPlainCopy() throws Exception {
    shell("echo mine >model.bin");
    command("commit", "force", true);
    shell("git commit -qam mine");
    command("push");
    for (Path copy : new Path[] {plain, attached}) { // the caches are not the same
      assertEquals(
          0, daemon.command(copy, "gc", "workspace", true, "force", true).path("exit").asInt(-1));
    }
    assertEquals(0, daemon.command(attached, "fetch").path("exit").asInt(-1));
    command("checkout");
    command("status");
    for (Path copy : new Path[] {plain, attached}) { // in the plain one data does not follow
      assertEquals("", Shell.run(copy, "git checkout -q HEAD~1").output());
    }
    daemon.command(plain, "pull");
    compare("switch");
    assertEquals(0, daemon.command(attached, "pull").path("exit").asInt(-1));
    compare("pull");
  }

  @Test
  void linksToTheCache_leadToWherePeopleHaveIt() throws Exception {
    for (String type : new String[] {"hardlink", "symlink"}) {
      command("config", "name", "cache.type", "value", type);
      shell("chmod -R u+w set; rm -rf set/a; echo " + type + " >set/a");
      command("add", "targets", java.util.List.of("set"));
      command("status");
      assertEquals(type, Shell.run(attached, "cat set/a").output());
      shell("stat -c '%a %F' set/a");
      command("unprotect", "targets", java.util.List.of("set"));
      shell("echo more >>set/a; cat set/a");
      command("commit", "force", true);
      command("status");
    }
  }

  @Test
  void whatACommandChanged_isSeenAtOnce() throws Exception {
    assertEquals(
        "config\nconfig.local\nabsent",
        Shell.run(attached, "ls .dvc; cat new.dvc 2>/dev/null || echo absent").output());
    Shell.run(attached, "echo 1 >new; stat .dvc/cache .dvc/tmp; cat .gitignore");
    JsonNode added = daemon.command(attached, "add", "targets", java.util.List.of("new"));
    assertEquals(0, added.path("exit").asInt(-1), added.toString());
    assertEquals(
        "cache\nconfig\nconfig.local\ntmp\n/new\n1",
        Shell.run(attached, "ls .dvc | grep -v git; tail -n 1 .gitignore; grep -c md5: new.dvc")
            .output());
  }

  @Test
  void killedDaemon_commandsGoOnWithWhatWasDone() throws Exception {
    shell("echo mine >set/a; rm set/b; ls -R set");
    daemon.crash();
    daemon.awaitSuccessor();
    command("status");
    command("commit", "force", true);
    command("status");
  }

  /** The kernel writes by itself what is open, whoever serves. */
  @Test
  void status_knowsWhatWasWrittenWhileNoDaemonWasThere() throws Exception {
    shell("mkdir new other; for i in $(seq 20); do echo $i >new/$i; echo $i >other/$i; done");
    command("add", "targets", java.util.List.of("new", "other"));
    shell("git add -A; git commit -qm more");
    command("status");
    Process writer =
        new ProcessBuilder("bash", "-c", "exec 3>>new/7; echo ready; read x; echo more >&3")
            .directory(attached.toFile())
            .start();
    assertEquals("ready", writer.inputReader().readLine());
    Await.until("watches are kept", () -> daemon.keeps("xw"));
    daemon.crash();
    writer.getOutputStream().write('\n');
    writer.getOutputStream().close();
    assertEquals(0, writer.waitFor());
    daemon.awaitSuccessor();
    String changed = daemon.command(attached, "status").path("result").toString();
    assertTrue(changed.contains("new.dvc") && !changed.contains("other.dvc"), changed);
  }

  /** Paths as URLs: into the copy, also of what is only shown there, and out of it. */
  @Test
  void pathsAsUrls_leadWherePeopleHaveThem() throws Exception {
    Files.writeString(plain.resolveSibling("raw.csv"), "1,2\n");
    command("get-url", "url", "../raw.csv");
    command("get-url", "url", "set", "out", "got");
    command("get-url", "url", "model.bin", "out", "got.bin");
    command("list-url", "url", "set", "recursive", true);
    command("list-url", "url", "set/sub", "size", true);
    JsonNode copied =
        daemon.command(plain.getParent(), "get-url", "url", attached + "/set/a", "out", "a");
    assertEquals(0, copied.path("exit").asInt(-1), copied.toString());
    assertEquals("a1\n", Files.readString(plain.resolveSibling("a")));
  }

  private static final int OUTPUTS = 5;

  /** What is watched outlives daemons; nothing that happens meanwhile may be missed. */
  @Test
  void status_whateverIsDoneWhileDaemonsAreKilled_isWhatIsThere() throws Exception {
    long seed = Long.getLong("revfs.seed", System.nanoTime());
    Random random = new Random(seed);
    shell(
        "for i in 0 1 2 3 4; do mkdir -p o$i/d; for j in a b d/c; do echo $i$j >o$i/$j; done;"
            + " done");
    command("add", "targets", java.util.List.of("o0", "o1", "o2", "o3", "o4"));
    shell("git add -A; git commit -qm more");
    command("status");
    for (int round = 0; round < 4; round++) {
      for (Path copy : new Path[] {plain, attached}) {
        change(copy, random, random.nextInt(3));
        if (random.nextBoolean()) {
          checkStatus(copy, seed);
        }
      }
      if (random.nextBoolean()) { // else it may be killed before the keeper has the watches
        Await.until("watches are kept", () -> daemon.keeps("xw"));
      }
      daemon.crash();
      change(plain, random, random.nextInt(3)); // in the other one nobody would answer
      daemon.awaitSuccessor();
      change(attached, random, random.nextInt(2));
      checkStatus(plain, seed);
      checkStatus(attached, seed);
    }
  }

  /** Writes, removes and restores files of outputs. */
  private static void change(Path copy, Random random, int times) throws Exception {
    StringBuilder script = new StringBuilder(":");
    for (int i = 0; i < times; i++) {
      int output = random.nextInt(OUTPUTS);
      String name = new String[] {"a", "b", "d/c"}[random.nextInt(3)];
      String file = "o" + output + "/" + name;
      script.append(
          switch (random.nextInt(6)) {
            case 0 -> "; rm -f " + file;
            case 1 -> "; echo other >" + file;
            case 2 -> "; echo %d%s >o%d/new".formatted(output, name, output);
            case 3 -> "; rm -rf o%1$d/new; touch o%1$d/d".formatted(output);
            default -> "; echo %d%s >%s".formatted(output, name, file);
          });
    }
    assertEquals("", Shell.run(copy, script.toString()).output());
  }

  private static void checkStatus(Path copy, long seed) throws Exception {
    String said = daemon.command(copy, "status").path("result").toString();
    for (int i = 0; i < OUTPUTS; i++) {
      String output = "o" + i;
      String there =
          Shell.run(
                  copy,
                  "cd %s && for f in $(find . -type f | sort); do echo $f $(cat $f); done"
                      .formatted(output))
              .output()
              .strip();
      String original = "./a %1$da\n./b %1$db\n./d/c %1$dd/c".formatted(i);
      assertEquals(
          !there.equals(original),
          said.contains(output + ".dvc"),
          copy + " " + output + ": " + there + ", seed " + seed + ": " + said);
    }
  }
}
