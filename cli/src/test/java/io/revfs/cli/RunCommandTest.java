package io.revfs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.client.Client;
import io.revfs.fuse.Await;
import io.revfs.fuse.Shell;
import io.revfs.testing.TestDaemon;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code revfs run} as a process, with a real daemon. Long, as every way of running is tried on the
 * same small working copy.
 */
class RunCommandTest {
  private static final int NOBODY = 65534;

  /** No claim of how fast it is. */
  private static final long LIMIT_SECONDS = 180;

  @TempDir Path directory;
  private Path work;
  private Home daemon;

  /** What a command did. */
  private record Result(int exit, String out, String err) {}

  /**
   * A daemon, and how to speak with it.
   *
   * @param user a command that executes what follows it as another user; empty: as this one
   */
  private record Home(Path directory, List<String> user, TestDaemon daemon) implements Closeable {
    static Home of(Path directory, List<String> user) throws IOException {
      return new Home(directory, user, TestDaemon.startUnder(directory, user));
    }

    /** Returns a process that runs a command, not started yet. */
    ProcessBuilder command(Path in, String... words) {
      List<String> command = new ArrayList<>(user);
      // As that user, who may be the only one that can get there.
      command.addAll(List.of("sh", "-c", "cd \"$0\" && exec \"$@\"", in.toString()));
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.revfs.cli.Main"));
      command.addAll(List.of(words));
      ProcessBuilder builder = new ProcessBuilder(command).directory(new java.io.File("/"));
      builder.environment().put("REVFS_SOCKET", directory.resolve("run/s").toString());
      builder.environment().put("REVFS_STATE_DIR", directory.resolve("state").toString());
      builder.environment().put("REVFS_CONFIG", directory.resolve("config.yaml").toString());
      builder.environment().put("HOME", directory.toString());
      return builder;
    }

    /** Runs a script where that user is. */
    void shell(Path in, String script) throws Exception {
      List<String> command = new ArrayList<>(user);
      command.addAll(List.of("bash", "-c", "cd '" + in + "' && " + script));
      Shell.Result result =
          Shell.run(new ProcessBuilder(command).directory(new java.io.File("/")), script);
      assertEquals(0, result.exit(), result.output());
    }

    @Override
    public void close() throws IOException {
      daemon.close();
    }
  }

  @BeforeEach
  void start() throws Exception {
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "mounting needs root");
    work = Files.createDirectories(directory.resolve("work"));
    shell("git init -q -b main && git config user.name n && git config user.email e@example.com");
    shell("seq 20 >raw && printf 'sort -rn raw >clean\\n' >prepare.sh && mkdir sub");
    shell("git add -A && git commit -qm one");
    daemon = Home.of(directory.resolve("daemon"), List.of());
  }

  @AfterEach
  void stop() throws IOException {
    if (daemon != null) {
      daemon.close();
    }
  }

  private void shell(String script) throws Exception {
    Shell.Result result = Shell.run(work, script);
    assertEquals(0, result.exit(), result.output());
  }

  private Result revfs(String... words) throws Exception {
    return revfs(daemon, work, "", words);
  }

  private Result revfs(Home of, Path in, String input, String... words) throws Exception {
    Path given = Files.writeString(directory.resolve("in"), input);
    Process process =
        of.command(in, words)
            .redirectInput(given.toFile())
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(directory.resolve("err").toFile())
            .start();
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "it ends");
    return new Result(
        process.exitValue(),
        Files.readString(directory.resolve("out")),
        Files.readString(directory.resolve("err")));
  }

  private JsonNode trace() throws Exception {
    return Client.JSON.readTree(revfs("trace", "show", "--json").out());
  }

  private static TreeSet<String> paths(JsonNode trace, String deed) {
    TreeSet<String> found = new TreeSet<>();
    for (JsonNode path : trace.path("paths")) {
      path.path("deeds")
          .forEach(
              word -> {
                if (word.asText().equals(deed)) {
                  found.add(path.path("path").asText());
                }
              });
    }
    return found;
  }

  @Test
  void theCommand_hasTheCallersStreamsAndDirectory_andItsExitCodeIsOurs() throws Exception {
    Result result =
        revfs(
            daemon,
            work.resolve("sub"),
            "from the caller",
            "run",
            "--",
            "sh",
            "-c",
            "cat; echo; pwd; echo oops >&2; exit 7");
    assertEquals(new Result(7, "from the caller\n" + work + "/sub\n", "oops\n"), result);
    assertEquals("sub", trace().path("directory").asText());
    assertEquals(7, trace().path("exit").asInt());
    assertEquals(40, trace().path("commit").asText().length());
  }

  @Test
  void traces_areShownComparedAndFollowed() throws Exception {
    Path file = directory.resolve("trace.json");
    assertEquals(0, revfs("run", "--trace", file.toString(), "--", "sh", "prepare.sh").exit());
    JsonNode trace = trace();
    assertEquals(trace, Client.JSON.readTree(file.toFile()));
    assertEquals(new TreeSet<>(List.of("prepare.sh", "raw")), paths(trace, "read"));
    assertEquals(new TreeSet<>(List.of("clean")), paths(trace, "created"));
    assertTrue(trace.path("complete").asBoolean());

    shell("git commit -q --allow-empty -m two");
    assertEquals(0, revfs("run", "sh", "-c", "wc -l <clean >model").exit());
    JsonNode origin = Client.JSON.readTree(revfs("why", "--json", "model").out());
    String second = trace().path("commit").asText();
    assertEquals(second, origin.at("/run/commit").asText());
    assertEquals(1, origin.path("from").size(), "nothing of the system: " + origin);
    assertEquals("clean", origin.at("/from/0/path").asText());
    assertEquals(trace.path("commit"), origin.at("/from/0/run/commit"));
    assertFalse(second.equals(trace.path("commit").asText()));
    String why = revfs("why", "model").out();
    assertTrue(why.contains("by sh prepare.sh at "), why);
    assertTrue(why.contains("raw  md5:"), why);
    assertTrue(revfs("uses", "raw").out().contains("    model  md5:"));
    assertEquals(2, revfs("trace", "list").out().lines().count());

    shell("seq 5 >raw");
    assertEquals(0, revfs("run", "sh", "prepare.sh").exit());
    String diff = revfs("trace", "diff", trace.path("id").asText()).out();
    assertTrue(diff.contains("~ raw read "), diff);
    assertEquals(1, revfs("why", "prepare.sh").exit(), "a source");
    assertTrue(revfs("trace", "show", "--format", "openlineage").out().contains("eventType"));
    assertEquals(254, revfs("trace", "show", "--format", "xml").exit());
    JsonNode listed = daemon.daemon().get("/v1/traces?root=" + work).json().path("traces");
    assertEquals(trace.path("id"), listed.get(0).path("id"));
    String of = "/v1/trace?run=" + trace.path("id").asText();
    assertEquals(trace, daemon.daemon().get(of).json());
    assertTrue(daemon.daemon().get(of + "&format=prov").json().has("wasGeneratedBy"));
    assertEquals(404, daemon.daemon().get("/v1/trace?run=none").status());
    assertEquals(1, revfs("trace", "show", "2019").exit());
  }

  @Test
  void json_isTheTraceAfterTheCommandsOwnOutput() throws Exception {
    String[] lines = revfs("run", "--json", "--", "cat", "prepare.sh").out().split("\n");
    assertEquals("sort -rn raw >clean", lines[0]);
    assertEquals(trace(), Client.JSON.readTree(lines[1]));
  }

  @Test
  void aSignal_goesOnToTheCommand_whoseAnswerCounts() throws Exception {
    Path out = directory.resolve("output");
    Process process =
        daemon
            .command(
                work,
                "run",
                "--",
                "sh",
                "-c",
                "trap 'echo got it; exit 5' TERM; echo ready; while :; do sleep 0.05; done")
            .redirectOutput(out.toFile())
            .start();
    awaitText(out, "ready");
    process.destroy(); // SIGTERM
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS));
    assertEquals(5, process.exitValue());
    assertEquals("ready\ngot it\n", Files.readString(out));
    assertEquals(5, trace().path("exit").asInt());
  }

  private static void awaitText(Path file, String text) throws Exception {
    Await.until(
        () -> "'" + text + "' does not come: " + Shell.contents(file),
        () -> Files.exists(file) && Files.readString(file).contains(text));
  }

  @Test
  void aCommandThatIsKilled_leavesATraceThatIsIncomplete() throws Exception {
    Result result = revfs("run", "--", "sh", "-c", "cat raw >copy; kill -9 $$");
    assertEquals(137, result.exit());
    assertTrue(result.err().contains("incomplete: it was killed by signal 9"), result.err());
    assertFalse(trace().path("complete").asBoolean());
    assertEquals(new TreeSet<>(List.of("copy")), paths(trace(), "created"));
  }

  @Test
  void whenWhoRanItIsKilled_theTraceSaysSo() throws Exception {
    Path out = directory.resolve("output");
    Process process =
        daemon
            .command(work, "run", "--", "sh", "-c", "cat raw; echo ready; read x")
            .redirectOutput(out.toFile())
            .start();
    awaitText(out, "ready");
    process.destroyForcibly().waitFor();
    Await.until("no trace comes", () -> !revfs("trace", "list").out().isEmpty());
    assertEquals("who ran it went away", trace().path("incomplete").asText());
    assertEquals(new TreeSet<>(List.of("raw")), paths(trace(), "read"));
  }

  @Test
  void whereNothingCanBeRecorded_thatIsOneLine() throws Exception {
    Path outside = Files.createDirectory(directory.resolve("outside"));
    Result result = revfs(daemon, outside, "", "run", "true");
    assertEquals(253, result.exit());
    assertTrue(result.err().startsWith("ERROR: " + outside), result.err());
    assertEquals(254, revfs("run").exit());
    assertEquals(254, revfs("why", "../x").exit());
  }

  @Test
  void withAName_itIsAStageThatIsUpToDate_andRunsAgainWhenWhatItReadChanges() throws Exception {
    assertEquals(0, revfs("init").exit());
    shell("mkdir data && seq 3 >data/a && seq 4 >data/b && echo 'lr: 1' >params.yaml && echo 0 >m");
    shell("printf 'cat data/* params.yaml >all; mkdir -p out/deep; wc -l <all >out/deep/n' >go.sh");
    shell("echo 'echo 1 >m; rm all' >>go.sh");
    assertEquals(0, revfs("add", "data").exit());
    shell("git add -A && git commit -qm data");
    Result result = revfs("run", "-n", "count", "sh", "go.sh");
    assertEquals(0, result.exit(), result.err());
    assertEquals(
        """
        stages:
          count:
            cmd: sh go.sh
            deps:
            - data
            - go.sh
            params:
            - params.yaml:
            outs:
            - m:
                cache: false
            - out
        """,
        Files.readString(work.resolve("dvc.yaml")));
    assertTrue(revfs("status").out().contains("up to date"));
    assertTrue(revfs("repro").out().contains("didn't change"));
    Result again = revfs("run", "-n", "count", "sh", "go.sh");
    assertEquals(255, again.exit());
    String before = Files.readString(work.resolve("dvc.yaml"));
    assertEquals(0, revfs("run", "-f", "-n", "count", "sh", "go.sh").exit());
    assertEquals(before, Files.readString(work.resolve("dvc.yaml")), "the same again");
    shell("echo 'lr: 2' >params.yaml");
    assertTrue(revfs("repro").out().contains("Running stage 'count'"));
    assertEquals(3, revfs("run", "-n", "bad", "sh", "-c", "exit 3").exit());
    assertEquals(before, Files.readString(work.resolve("dvc.yaml")), "what fails is no stage");
  }

  /** A recorded command that waits for each line of its input. */
  private Process startWaiting(Home of, Path out, String script) throws Exception {
    Process process =
        of.command(work, "run", "--json", "--", "sh", "-c", script)
            .redirectOutput(out.toFile())
            .redirectError(directory.resolve("err").toFile())
            .start();
    awaitText(out, "ready");
    return process;
  }

  private static void goOn(Process process) throws IOException {
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
  }

  private static final String INTERRUPTED =
      """
      cat raw >seen; exec 3<prepare.sh; seq 9 >old; echo half >open; exec 4>>open
      exec 5>gone; echo one >&5; rm gone; cd sub; echo ready; read go
      cat <&3; echo whole >&4; cat ../raw >/dev/null; echo changed >../raw; mv ../old ../new; rm ../seen
      echo two >&5; echo second; read go; cat /proc/$$/fd/5; cat ../sources; : <../../outside; exit 3
      """;

  @Test
  void whenTheDaemonIsKilled_theCommandGoesOn_andTheTraceHasAllOfIt() throws Exception {
    shell("echo s >sources");
    checkKilled(daemon, directory.resolve("output"));
  }

  @Test
  void inAnAttachedCopy_too() throws Exception {
    shell("echo s >sources");
    assertEquals(0, revfs("attach").exit());
    try {
      checkKilled(daemon, directory.resolve("output"));
    } finally {
      assertEquals(0, revfs(daemon, directory, "", "detach", work.toString()).exit());
    }
  }

  private void checkKilled(Home of, Path out) throws Exception {
    Path outside = Files.writeString(directory.resolve("outside"), "x");
    Process process = startWaiting(of, out, INTERRUPTED);
    of.daemon().crash();
    of.daemon().awaitSuccessor();
    goOn(process);
    awaitText(out, "second");
    of.daemon().crash();
    of.daemon().awaitSuccessor();
    goOn(process);
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS));
    String err = Files.readString(directory.resolve("err"));
    assertEquals(3, process.exitValue(), err + Files.readString(out));
    String[] lines = Files.readString(out).split("\n");
    assertEquals(
        List.of("ready", "sort -rn raw >clean", "second", "one", "two", "s"),
        List.of(lines).subList(0, 6));
    JsonNode trace = Client.JSON.readTree(lines[6]);
    assertEquals("", trace.path("incomplete").asText(), err);
    assertTrue(trace.path("outsideGap").asText().startsWith("not recorded"), trace.toString());
    assertEquals(new TreeSet<>(List.of("prepare.sh", "raw", "sources")), paths(trace, "read"));
    assertEquals(new TreeSet<>(List.of("new", "open")), paths(trace, "created"));
    assertEquals(new TreeSet<>(List.of("new", "open", "raw")), paths(trace, "written"));
    assertEquals(new TreeSet<>(), paths(trace, "deleted"));
    for (JsonNode path : trace.path("paths")) {
      if (path.path("path").asText().equals("raw")) {
        assertTrue(path.has("before") && path.has("after"), path.toString());
      }
    }
    assertEquals(3, trace.path("exit").asInt());
    boolean heard = false;
    for (JsonNode path : trace.path("outside")) {
      heard |= path.path("path").asText().equals(outside.toString());
    }
    assertEquals(of == daemon, heard, "what root's daemon hears after it was killed");
  }

  @Test
  void whenWhoRanItIsKilledToo_theNextDaemonEndsTheTrace() throws Exception {
    Process process =
        startWaiting(daemon, directory.resolve("output"), "cat raw; echo ready; read x");
    daemon.daemon().crash();
    process.destroyForcibly().waitFor(); // and so the command's input is at its end
    daemon.daemon().awaitSuccessor();
    Await.until("no trace comes", () -> !revfs("trace", "list").out().isEmpty());
    assertEquals("who ran it went away", trace().path("incomplete").asText());
    assertEquals(new TreeSet<>(List.of("raw")), paths(trace(), "read"));
  }

  @Test
  void withoutNameSpaces_theMountOfAnAttachedCopyHears_andWithoutThatNothingRuns()
      throws Exception {
    Path bin = Files.createDirectories(directory.resolve("bin"));
    Files.writeString(bin.resolve("unshare"), "#!/bin/sh\necho 'not permitted' >&2; exit 1\n");
    assertTrue(bin.resolve("unshare").toFile().setExecutable(true));
    List<String> path = List.of("env", "PATH=" + bin + ":" + System.getenv("PATH"));
    try (Home own = Home.of(directory.resolve("refused"), path)) {
      checkWithoutNameSpaces(own, "not permitted");
    }
  }

  /** In a user name space of its own, in which none may be made. */
  @Test
  void anOrdinaryUserWithoutNameSpaces_isHeardByTheMountToo() throws Exception {
    Path home = Files.createDirectories(directory.resolve("confined"));
    shell("chown -R %1$d:%1$d . '%2$s' && chmod a+x '%3$s'".formatted(NOBODY, home, directory));
    Path said = directory.resolve("said");
    Process holder =
        new ProcessBuilder(
                "unshare",
                "--user",
                "--mount",
                "--propagation=private",
                "sh",
                "-c",
                // Who executes a program gets what its user may, which the map says.
                "echo there; read mapped; exec sh -c '"
                    + "echo 0 >/proc/sys/user/max_user_namespaces && echo ready && exec cat'")
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      awaitText(said, "there");
      for (String map : List.of("uid_map", "gid_map")) {
        Files.writeString(Path.of("/proc", holder.pid() + "", map), "0 0 65536\n");
      }
      goOn(holder);
      awaitText(said, "ready");
      List<String> words = new ArrayList<>(List.of("nsenter", "--target=" + holder.pid()));
      words.addAll(List.of("--user", "--mount", "--"));
      words.addAll(asNobody());
      try (Home own = Home.of(home, words)) {
        checkWithoutNameSpaces(own, "unshare");
      }
    } finally {
      holder.getOutputStream().close(); // and so it ends
      holder.waitFor();
    }
  }

  private void checkWithoutNameSpaces(Home own, String why) throws Exception {
    Result refused = revfs(own, work, "", "run", "touch", "made");
    assertEquals(255, refused.exit());
    assertTrue(refused.err().contains(why), refused.err());
    assertTrue(refused.err().contains("revfs attach"), refused.err());
    assertFalse(Files.exists(work.resolve("made")));
    Result attached = revfs(own, work, "", "attach");
    assertEquals(0, attached.exit(), attached.err());
    try {
      Path out = directory.resolve("output");
      String script =
          "cat raw >copy; (seq 3 >sub/in; rm prepare.sh) & wait; test -e no; echo ready; read x";
      Process process = startWaiting(own, out, script);
      own.shell(work, "cat sub/in >of-another");
      goOn(process);
      assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue());
      JsonNode trace = Client.JSON.readTree(Files.readString(out).split("\n")[1]);
      assertEquals(new TreeSet<>(List.of("raw")), paths(trace, "read"));
      assertEquals(new TreeSet<>(List.of("copy", "sub/in")), paths(trace, "created"));
      assertEquals(new TreeSet<>(List.of("prepare.sh")), paths(trace, "deleted"));
      assertEquals(new TreeSet<>(List.of("no")), paths(trace, "absent"));
      assertTrue(trace.path("outsideGap").asText().contains(why), trace.toString());
      String err = Files.readString(directory.resolve("err"));
      for (String cost :
          List.of(
              "recorded by the mount of the attached copy",
              "what is outside of it is not recorded",
              "may not be known",
              "git status is slower",
              "if the daemon is killed")) {
        assertTrue(err.contains(cost), err);
      }
    } finally {
      assertEquals(0, revfs(own, directory, "", "detach", work.toString()).exit());
    }
  }

  private static List<String> asNobody() {
    return List.of(
        "setpriv",
        "--reuid=" + NOBODY,
        "--regid=" + NOBODY,
        "--clear-groups",
        "--inh-caps=-all,+dac_read_search", // the class path may be another's
        "--ambient-caps=-all,+dac_read_search");
  }

  /** Whoever waits in it for itself cannot be killed, and no other takes its place. */
  @Test
  void inAnAttachedCopy_theDaemonNeverUsesItsOwnMount() throws Exception {
    assertEquals(0, revfs("init").exit());
    shell("printf 'cat raw >made' >go.sh; git add -A; git commit -qm dvc");
    assertEquals(0, revfs("attach").exit());
    Path log = directory.resolve("calls");
    Path said = directory.resolve("said");
    List<String> words = new ArrayList<>(List.of("strace", "-f", "-e", "trace=%file", "-o"));
    words.addAll(List.of(log.toString(), "-p", Long.toString(daemon.daemon().pid())));
    Process strace =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      awaitText(said, " attached");
      assertEquals(
          3, revfs("run", "--trace", "t.json", "--", "sh", "-c", "cat raw; exit 3").exit());
      Result staged = revfs(daemon, work.resolve("sub"), "", "run", "-n", "s", "sh", "../go.sh");
      assertEquals(1, staged.exit(), staged.err()); // there is no raw
      assertEquals(0, revfs("run", "-n", "s", "sh", "go.sh").exit());
      for (String command : List.of("trace show", "trace list", "why made", "uses raw", "status")) {
        assertEquals(0, revfs(command.split(" ")).exit(), command);
      }
      shell("grep -q 'cmd: sh go.sh' dvc.yaml && grep -q go.sh dvc.lock && [ -s t.json ]");
      assertEquals(work.toString(), trace().path("root").asText());
    } finally {
      strace.destroy();
      assertTrue(strace.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, revfs(daemon, directory, "", "detach", work.toString()).exit());
    }
    List<String> through =
        Files.readAllLines(log, java.nio.charset.StandardCharsets.ISO_8859_1).stream()
            .filter(line -> line.contains("\"" + work + "\"") || line.contains("\"" + work + "/"))
            .filter(line -> !line.contains("/.dvc/tmp/lock\"")) // of the process that holds it
            .toList();
    assertEquals(List.of(), through);
    assertTrue(Files.size(log) > 0);
  }

  /** What is done by processes that a run has left behind is not recorded, and goes on. */
  private void checkLeftBehind(Home of) throws Exception {
    Path go = directory.resolve("go");
    Path done = work.resolve("later");
    shell("mkfifo -m 666 '%s'".formatted(go));
    String script =
        "exec 3<raw; (cat '%s'; cat <&3; cat prepare.sh; echo done) >later 2>&1 & echo begun"
            .formatted(go);
    Result result = revfs(of, work, "", "run", "--json", "--", "sh", "-c", script);
    assertEquals(0, result.exit(), result.err());
    String trace = result.out().split("\n")[1];
    assertTrue(Client.JSON.readTree(trace).path("complete").asBoolean(), trace);
    for (int i = 0; i < 2; i++) {
      Await.until(
          "the keeper has its sessions",
          () -> isEmpty(of.directory().resolve("state/sessions"), "holder-"));
      of.daemon().crash();
      of.daemon().awaitSuccessor();
    }
    shell("echo gone on >'%s'".formatted(go));
    awaitText(done, "done");
    String expected = "gone on\n" + Files.readString(work.resolve("raw")) + "sort -rn raw >clean\n";
    assertEquals(expected + "done\n", Files.readString(done));
    Await.until("all is over", () -> isEmpty(of.directory().resolve("state/runs"), ""));
    Files.delete(go);
  }

  private static boolean isEmpty(Path directory, String prefix) throws IOException {
    try (var all = Files.list(directory)) {
      return all.noneMatch(each -> String.valueOf(each.getFileName()).startsWith(prefix));
    } catch (java.nio.file.NoSuchFileException | java.io.UncheckedIOException e) {
      return false; // it is being changed
    }
  }

  @Test
  void whatACommandLeavesBehind_goesOnWhenTheDaemonIsKilled() throws Exception {
    checkLeftBehind(daemon);
  }

  @Test
  void whatACommandLeavesBehindInAnAttachedCopy_goesOnToo() throws Exception {
    assertEquals(0, revfs("attach").exit());
    try {
      checkLeftBehind(daemon);
    } finally {
      assertEquals(0, revfs(daemon, directory, "", "detach", work.toString()).exit());
    }
  }

  @Test
  void inAnAttachedCopy_whatIsShownIsRecorded_andTheMountSeesWhatTheRunDid() throws Exception {
    assertEquals(0, revfs("init").exit());
    shell("seq 1000 >data.bin; seq 3 >old.txt");
    assertEquals(0, revfs("add", "data.bin").exit());
    String digest = "md5:" + Files.readString(work.resolve("data.bin.dvc")).split("md5: ")[1];
    shell("git add -A && git commit -qm data && rm data.bin");
    assertEquals(0, revfs("attach").exit());
    try {
      shell("ls >/dev/null; cat old.txt; ! cat made 2>/dev/null"); // the kernel knows these now
      Result result = revfs("run", "--", "sh", "-c", "wc -l <data.bin >made; seq 9 >old.txt; ls");
      assertEquals(0, result.exit(), result.err());
      assertTrue(result.out().contains("data.bin\n"), result.out());
      shell("[ $(cat made) = 1000 ] && [ $(wc -l <old.txt) = 9 ] && ls | grep -qx made");
      JsonNode trace = trace();
      assertEquals(new TreeSet<>(List.of("data.bin")), paths(trace, "read"));
      for (JsonNode path : trace.path("paths")) {
        if (path.path("path").asText().equals("data.bin")) {
          assertTrue(digest.startsWith(path.path("before").asText() + "\n"), path.toString());
        }
      }
    } finally {
      Result detached = revfs(daemon, directory, "", "detach", work.toString());
      assertEquals(0, detached.exit(), detached.err());
    }
    assertFalse(Files.exists(work.resolve("data.bin")), "it was only read");
    assertEquals("1000\n", Files.readString(work.resolve("made")));
  }

  @Test
  void anOrdinaryUser_recordsInAUserNameSpace() throws Exception {
    Path home = Files.createDirectories(directory.resolve("nobody"));
    shell("chown -R %1$d:%1$d . '%2$s' && chmod a+x '%3$s'".formatted(NOBODY, home, directory));
    try (Home own = Home.of(home, asNobody())) {
      List<String> script = new ArrayList<>();
      script.add("id -u; grep CapEff /proc/self/status; sh prepare.sh; cat raw >new; rm new");
      Result result = revfs(own, work, "", "run", "--json", "--", "sh", "-c", script.getFirst());
      assertEquals(0, result.exit(), result.err());
      String[] lines = result.out().split("\n");
      assertEquals(Integer.toString(NOBODY), lines[0]);
      assertEquals("CapEff:\t0000000000000000", lines[1]);
      JsonNode trace = Client.JSON.readTree(lines[2]);
      assertEquals(new TreeSet<>(List.of("prepare.sh", "raw")), paths(trace, "read"));
      assertEquals(new TreeSet<>(List.of("clean")), paths(trace, "created"));
      assertEquals(
          NOBODY, Files.getAttribute(work.resolve("clean"), "unix:uid"), "it is the caller's");
      assertTrue(trace.path("outsideGap").asText().startsWith("not recorded"), trace.toString());
      shell("echo s >sources");
      checkKilled(own, directory.resolve("output"));
      checkLeftBehind(own);
    }
  }
}
