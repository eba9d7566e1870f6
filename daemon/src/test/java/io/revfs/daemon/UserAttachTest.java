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

  /** Also those that a process before opened, and that lose their names in this one. */
  @Test
  void filesWithoutNames_goOn_howeverOftenTheDaemonIsKilled() throws Exception {
    attach();
    String script =
        """
        exec 3<>log 4<set/a 5<>late; rm log; echo one >&3; echo one >&5
        python3 -c '
        import sys, tempfile
        f = tempfile.TemporaryFile(dir=".")
        def say(text):
            f.write(text); f.seek(0); print(f.read().decode(), flush=True); sys.stdin.readline()
        say(b"first"); say(b" second"); f.write(b" third"); f.seek(0); print(f.read().decode())
        '
        read x; echo two >&3; echo two >&5; rm late; mv -f set/b set/a; echo removed
        read x; cat - /proc/$$/fd/3 /proc/$$/fd/5 <&4
        """;
    Process writer = bash(script).redirectErrorStream(true).start();
    var said = writer.inputReader();
    try (var go = writer.outputWriter()) {
      for (String line : List.of("first", "first second", "first second third", "removed")) {
        assertEquals(line, said.readLine());
        crash();
        go.write("\n");
        go.flush();
      }
    }
    assertEquals("a2\none\ntwo\none\ntwo", String.join("\n", said.lines().toList()));
    assertEquals(0, writer.waitFor());
  }

  /** What lies past the mount is reached by a link, which is no directory to some calls. */
  @Test
  void commandsThatListTheWholeCopy_findWhatIsThere() throws Exception {
    assertEquals("", shell("echo '{\"accuracy\": 3}' >m.json"));
    attach();
    String metrics = daemon.command(work, "metrics show", "targets", List.of(".")).toString();
    assertTrue(metrics.contains("\"m.json\"") && metrics.contains("accuracy"), metrics);
    String listed = daemon.command(work, "list-url", "url", ".", "recursive", true).toString();
    assertTrue(listed.contains("\"code.py\""), listed);
    String names = daemon.command(work, "list", "url", ".").toString();
    assertTrue(names.contains("code.py") && names.contains("model.bin"), names);
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
        List.of("-D" + RandomOperations.ENTERED + "=true", "-XX:+UseSerialGC", "-Xmx256m"));
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
