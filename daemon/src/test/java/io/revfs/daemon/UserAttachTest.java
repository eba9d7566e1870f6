package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.MountTable;
import io.revfs.fuse.Shell;
import io.revfs.fuse.local.RandomOperations;
import io.revfs.testing.TestDaemon;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** All of it by a daemon of an ordinary user's, who has no right but that to run fusermount. */
class UserAttachTest extends AttachTest {
  static final int USER = 65534; // nobody: fusermount wants a user with a name

  @Override
  TestDaemon start(Path home) throws Exception {
    return TestDaemon.startAs(USER, Files.createDirectories(home));
  }

  @Override
  void own() throws Exception {
    Shell.run(directory, "chown -R %1$d:%1$d .".formatted(USER));
  }

  /** Not even root can enter a user's mount, so the user's shell goes there by itself. */
  @Override
  ProcessBuilder bash(String script) throws Exception {
    List<String> command = new ArrayList<>(TestDaemon.as(USER));
    command.addAll(List.of("bash", "-c", "cd '" + work + "'\n" + script));
    ProcessBuilder builder = new ProcessBuilder(command).directory(new java.io.File("/"));
    builder.environment().put("HOME", directory.toString());
    for (String who : List.of("AUTHOR", "COMMITTER")) {
      builder.environment().put("GIT_" + who + "_NAME", "nobody");
      builder.environment().put("GIT_" + who + "_EMAIL", "nobody@example.com");
    }
    return builder;
  }

  String expectedBackend() {
    return "kernel, served";
  }

  @Test
  void list_saysHowItIsServed() throws Exception {
    attach();
    var list = daemon.get("/v1/attached").json().at("/attached/0");
    assertEquals(expectedBackend(), list.path("backend").asText());
    assertEquals(work.toString(), list.path("directory").asText());
    detach();
    assertTrue(MountTable.read().at(work).isEmpty());
  }

  /** All of it is in {@link JnrAttachTest}. */
  @Test
  void jnrFuse_servesItToo() throws Exception {
    TestDaemon.Answer answer =
        daemon.post("/v1/attached", "{\"directory\":\"%s\",\"backend\":\"jnr\"}".formatted(work));
    assertEquals("jnr-fuse", answer.json().path("backend").asText(), answer.body());
    assertEquals(
        "model.bin model1\nset/a mine\nset/b same\nset/sub/c c1\nset/sub/x x1",
        shell("echo mine >set/a; git checkout -q v1; " + ALL));
    detach();
    assertEquals("set/a mine", shell(ALL));
  }

  @Override
  @Test
  void userOfTheCheckout_mayWriteAndOthersMayNot() throws Exception {
    attach();
    Shell.Result other =
        Shell.run(
            Path.of("/"),
            "setpriv --reuid 4712 --regid 4712 --clear-groups cat '%s/code.py'".formatted(work));
    assertTrue(other.output().contains("Permission denied"), other.output());
    assertEquals(
        "mine " + USER,
        shell("echo mine >set/new; cat set/new; stat -c %u set/new").replace('\n', ' '));
  }

  /** What has no name is lost with the daemon: only root reaches it again. */
  @Override
  @Test
  void killedDaemon_openFilesAndNewOnesGoOn() throws Exception {
    attach();
    Process writer =
        bash("exec 3<>log 4<set/a; cd set/sub; echo ready; read x; echo text >&3;"
                + " cat ../../log; cat <&4; cat x; echo n >n; cat n")
            .redirectErrorStream(true)
            .start();
    var said = writer.inputReader();
    assertEquals("ready", said.readLine());
    crash();
    try (var go = writer.outputWriter()) {
      go.write("\n");
    }
    assertEquals("text\na2\nx2\nn", String.join("\n", said.lines().toList()));
    assertEquals(0, writer.waitFor());
  }

  @Test
  void git_committsWhatWasEdited() throws Exception {
    attach();
    assertEquals(
        "print(2)\n2\nprint(1)",
        shell(
            "echo 'print(2)' >code.py;"
                + " git commit -qam two; git stash list; git checkout -q v1; git checkout -q -;"
                + " cat code.py; git log --oneline | head -2 | wc -l; git show v2:code.py"));
    detach();
    assertEquals("", shell("git status --short; git fsck"));
  }

  int kills() {
    return 2;
  }

  @Test
  void randomOperationsWhileTheDaemonIsKilled_equalThoseInAPlainDirectory() throws Exception {
    long seed = Long.getLong("revfs.seed", System.nanoTime());
    attach();
    assertEquals("", shell("mkdir scratch ../../plain"));
    Path plain = directory.resolve("plain");
    Path said = directory.resolve("said");
    List<String> command = new ArrayList<>(TestDaemon.as(USER));
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(
        List.of("-D" + RandomOperations.NAMED + "=true", "-XX:+UseSerialGC", "-Xmx256m"));
    command.addAll(List.of("-cp", daemon.classPath(), RandomOperations.class.getName()));
    command.addAll(
        List.of(seed + "", "1500", plain.toString(), work.resolve("scratch").toString()));
    Process operations =
        new ProcessBuilder(command)
            .directory(new java.io.File("/"))
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    for (int i = 0; i < kills(); i++) {
      crash();
    }
    int exit = operations.waitFor();
    assertEquals("0 same", exit + " " + Files.readString(said).strip(), "seed " + seed);
    String list =
        "(cd ../../plain; %1$s) >../../a; (cd scratch; %1$s) >../../b; cmp ../../a ../../b";
    assertEquals("", shell(list.formatted(RandomOperations.LIST)), "seed " + seed);
  }

  @Test
  void placesOfOthers_areRefusedInOneLine() throws Exception {
    Path other = Files.createDirectory(directory.resolve("other"));
    Shell.run(other, "git init -q .; chown -R 4712:4712 .");
    String said = tryAttach(other).body();
    assertTrue(said.contains("its owner or root can attach it"), said);
  }

  @Test
  void readOnlyFileSystem_isRefusedInOneLine() throws Exception {
    Path bound = Files.createDirectory(directory.resolve("bound"));
    Shell.run(directory, "mount --bind data bound && mount -o remount,ro,bind bound");
    try {
      String said = tryAttach(bound.resolve(work.getFileName())).body();
      assertTrue(said.contains("read-only file system; what is attached has to be"), said);
    } finally {
      MountTable.unmount(bound);
    }
  }
}
