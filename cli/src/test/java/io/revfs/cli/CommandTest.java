package io.revfs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.cli.mount.UnmountCommand;
import io.revfs.cli.terminal.CommandException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Commands as processes, against a daemon that answers what a test wants. */
class CommandTest {
  /** No claim of how fast it is. */
  private static final long LIMIT_SECONDS = 180;

  @TempDir Path directory;
  private ServerSocketChannel server;
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final CountDownLatch asked = new CountDownLatch(1);
  private volatile CountDownLatch hang = new CountDownLatch(0);

  /** What a command did. */
  private record Result(int exit, String out, String err) {}

  @BeforeEach
  void serve() throws IOException {
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(directory.resolve("s")));
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                while (true) {
                  SocketChannel peer = server.accept();
                  Thread.ofVirtual().start(() -> answer(peer));
                }
              } catch (IOException e) {
                return; // closed: the test is over
              }
            });
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private void answer(SocketChannel peer) {
    try (peer) {
      ByteBuffer in = ByteBuffer.allocate(1 << 16);
      while (peer.read(in) > 0) {
        String request = new String(in.array(), 0, in.position(), StandardCharsets.UTF_8);
        if (!isWhole(request)) {
          continue;
        }
        in.clear();
        requests.add(request);
        String line = request.substring(0, request.indexOf(" HTTP"));
        String key = line.contains("?") ? line.substring(0, line.indexOf('?')) : line;
        String answer =
            answers.getOrDefault(key, "404 {\"error\":{\"message\":\"no " + key + "\"}}");
        byte[] body = answer.substring(4).getBytes(StandardCharsets.UTF_8);
        if (answer.startsWith("raw ")) {
          peer.write(ByteBuffer.wrap(body));
          asked.countDown();
          hang.await();
          return; // what was announced does not come
        }
        String head = "HTTP/1.1 " + answer.substring(0, 3) + " x\r\nContent-Length: " + body.length;
        peer.write(ByteBuffer.wrap((head + "\r\n\r\n").getBytes(StandardCharsets.UTF_8)));
        peer.write(ByteBuffer.wrap(body));
      }
    } catch (IOException | InterruptedException e) {
      return; // the command has gone
    }
  }

  private static boolean isWhole(String request) {
    int end = request.indexOf("\r\n\r\n");
    if (end < 0) {
      return false;
    }
    int at = request.indexOf("Content-Length: ") + 16;
    int length = Integer.parseInt(request.substring(at, request.indexOf("\r\n", at)));
    return request.length() >= end + 4 + length;
  }

  private static List<String> command(String... words) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.revfs.cli.Main"));
    command.addAll(List.of(words));
    return command;
  }

  private Result revfs(String... words) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(command(words))
            .directory(directory.toFile())
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(directory.resolve("err").toFile());
    builder.environment().put("REVFS_SOCKET", directory.resolve("s").toString());
    builder.environment().put("REVFS_STATE_DIR", directory.resolve("state").toString());
    Process process = builder.start();
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "it ends");
    return new Result(
        process.exitValue(),
        Files.readString(directory.resolve("out")),
        Files.readString(directory.resolve("err")));
  }

  @Test
  void numbersThatAreNone_areWrittenAsPythonWritesThem() throws Exception {
    answers.put(
        "POST /v1/dvc",
        "200 {\"result\":{\"a\":NaN,\"b\":[Infinity,-Infinity,1.5]}}\n{\"exit\":0}\n");
    assertEquals(
        new Result(0, "{\"a\":NaN,\"b\":[Infinity,-Infinity,1.5]}\n", ""),
        revfs("metrics", "show", "--json"));
  }

  @Test
  void useSwitches_andSaysWhere() throws Exception {
    answers.put("POST /v1/use", "200 {\"directory\":\"/m\",\"commit\":\"abc\"}");
    assertEquals(new Result(0, "/m/current is abc\n", ""), revfs("use", "v1"));
    assertTrue(requests.getLast().contains("\"revision\":\"v1\""), requests.toString());
    assertEquals("", revfs("use", "v1", "-q").out());
    assertEquals("{\"directory\":\"/m\",\"commit\":\"abc\"}\n", revfs("use", "v1", "--json").out());
    revfs("use", "v1", "--mount", "here", "--view", "other");
    assertTrue(
        requests.getLast().contains("\"directory\":\"" + directory.resolve("here") + "\""),
        requests.getLast());
    assertTrue(requests.getLast().contains("\"view\":\"other\""), requests.getLast());
  }

  @Test
  void anError_saysWhatAndWhatToDo_withItsExitCode() throws Exception {
    answers.put(
        "POST /v1/use",
        "404 {\"error\":{\"code\":\"x\",\"message\":\"unknown revision\",\"hint\":\"try"
            + " v1\",\"exit\":255}}");
    assertEquals(
        new Result(255, "", "ERROR: unknown revision\nWhat to do: try v1\n"), revfs("use", "v9"));
    answers.put(
        "POST /v1/dvc", "200 {\"error\":{\"message\":\"no\",\"hint\":\"\",\"exit\":253}}\n");
    assertEquals(253, revfs("ls", ".").exit());
  }

  private static String brokenOff(String... pieces) {
    StringBuilder answer =
        new StringBuilder("raw HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n");
    for (String piece : pieces) {
      answer
          .append("\r\n")
          .append(Integer.toHexString(piece.length()))
          .append("\r\n")
          .append(piece);
    }
    return answer.append("\r\n").toString();
  }

  @Test
  void anAnswerThatBreaksOff_saysWhy() throws Exception {
    String why = "{\"error\":{\"message\":\"s3 is down\",\"hint\":\"wait\",\"exit\":7}}\n";
    Result expected = new Result(7, "a\n", "ERROR: s3 is down\nWhat to do: wait\n");
    String entry = "{\"out\":\"a\"}\n";
    answers.put("POST /v1/dvc", brokenOff(entry, why));
    assertEquals(expected, revfs("ls", "."));
    answers.put("POST /v1/dvc", brokenOff(entry, why.substring(0, 9), why.substring(9)));
    assertEquals(expected, revfs("get", ".", "data", "-o", "out-dir"));
    answers.put("POST /v1/dvc", brokenOff(entry, entry));
    Result silent = revfs("get", ".", "data", "-o", "out-dir");
    assertEquals(255, silent.exit());
    assertTrue(
        silent.err().startsWith("ERROR: the daemon has ended before this was done"), silent.err());
    answers.put("GET /v1/content", "raw HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
    Result content = revfs("cat", "f", "--repo", ".");
    assertEquals(255, content.exit());
    assertTrue(
        content.err().startsWith("ERROR: f: the daemon broke off after 5 of 9 bytes\nWhat to do: "),
        content.err());
  }

  @Test
  void interrupted_is252() throws Exception {
    answers.put("GET /v1/content", "raw HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
    hang = new CountDownLatch(1);
    // A job in the background ignores SIGINT, and so would all that it starts.
    List<String> words = new ArrayList<>(List.of("env", "--default-signal=INT"));
    words.addAll(command("cat", "f"));
    ProcessBuilder builder = new ProcessBuilder(words).directory(directory.toFile());
    builder.environment().put("REVFS_SOCKET", directory.resolve("s").toString());
    Process process = builder.start();
    asked.await(); // it waits for the rest of the answer
    new ProcessBuilder("kill", "-INT", String.valueOf(process.pid())).start().waitFor();
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS));
    assertEquals(252, process.exitValue());
    hang.countDown();
  }

  @Test
  void unmountByForce_saysHowToEndWhatIsLeft() {
    CommandException said = UnmountCommand.stillConnected("/m", 42);
    assertEquals(CommandException.FAILED, said.exit());
    assertTrue(String.valueOf(said.getMessage()).startsWith("/m is unmounted, but"));
    assertTrue(
        said.hint().contains("mount -t fusectl fusectl /sys/fs/fuse/connections"), said.hint());
    assertTrue(said.hint().contains("echo 1 > /sys/fs/fuse/connections/42/abort"), said.hint());
  }

  @Test
  void wrongArguments_are254() throws Exception {
    for (String[] words :
        new String[][] {
          {"use"}, {"nonsense"}, {"mount", "a"}, {"use", "a", "--what"}, {}, {"cache"}
        }) {
      Result result = revfs(words);
      assertEquals(254, result.exit(), String.join(" ", words) + result);
      assertTrue(result.err().startsWith("ERROR: "), result.err());
    }
  }

  @Test
  void aWordThatIsNoCommand_isNamed_withThoseAlike() throws Exception {
    Result command = revfs("stauts");
    assertTrue(
        command.err().startsWith("ERROR: there is no command 'revfs stauts'; did you mean: "),
        command.err());
    assertTrue(command.err().lines().findFirst().orElse("").contains("status"), command.err());
    assertTrue(revfs("exp", "sohw").err().contains("no command 'revfs exp sohw'"));
    assertTrue(revfs("root", "x").err().contains("'x' is one argument too many"));
    assertFalse(revfs("exp").err().contains("exec-run"));
    assertTrue(revfs().out().contains("status"), "all commands are shown");
    assertTrue(revfs("add").err().contains("TARGETS"), "it is not asked what the daemon says");
    assertEquals(List.of(), requests);
  }

  @Test
  void whatStandsBeforeTheCommand_reachesTheDaemon() throws Exception {
    answers.put("POST /v1/dvc", "200 {\"exit\":0}\n");
    Files.createDirectories(directory.resolve("below"));
    assertEquals(0, revfs("--cd", "below", "--wait-for-lock", "-vv", "checkout").exit());
    String request = requests.getLast();
    assertTrue(request.contains("\"directory\":\"" + directory.resolve("below") + "\""), request);
    assertTrue(request.contains("\"wait-for-lock\":true"), request);
    assertTrue(request.contains("\"verbose\":2"), request);
    assertEquals(255, revfs("--cd", "nowhere", "checkout").exit());
  }

  @Test
  void calledDvc_itSaysWhichVersionItAnswersFor() throws Exception {
    List<String> words = new ArrayList<>(command("--version"));
    words.add(1, "-Drevfs.name=dvc");
    Process process = new ProcessBuilder(words).directory(directory.toFile()).start();
    assertEquals("3.67.1\n", new String(process.getInputStream().readAllBytes()));
    assertEquals(0, process.waitFor());
  }

  @Test
  void progress_isEventsForPrograms_andNothingForFiles() throws Exception {
    String progress =
        "{\"progress\":{\"label\":\"Pushing\",\"done\":1,\"total\":2,\"unit\":\"files\"}}";
    answers.put("POST /v1/dvc", "200 " + progress + "\n{\"result\":{}}\n{\"exit\":0}\n");
    assertEquals(new Result(0, "{}\n", progress + "\n"), revfs("status", "--json"));
    assertEquals(new Result(0, "", ""), revfs("push"));
    String drawn = onTerminal("push");
    assertTrue(
        drawn.contains("############............ 1 files of 2 files") && drawn.contains("Pushing"),
        drawn);
    assertFalse(onTerminal("push", "-q").contains("Pushing"));
  }

  /** What is seen is what counts: not where results go, nor what is read. */
  @Test
  void progress_isDrawnWhereErrorsGo_onOneLineThatATerminalMayCut() throws Exception {
    String progress =
        "{\"progress\":{\"label\":\"Pushing\",\"done\":1,\"total\":2,\"unit\":\"files\"}}";
    answers.put("POST /v1/dvc", "200 " + progress + "\n{\"exit\":0}\n");
    String piped = onTerminal(inShell("\"$@\" </dev/null | cat", "push"));
    assertTrue(piped.contains("\033[?7l####") && piped.contains("Pushing\033[?7h"), piped);
    String kept = onTerminal(inShell("\"$@\" 2>log", "push"));
    assertFalse(kept.contains("Pushing"), kept);
    assertEquals("", Files.readString(directory.resolve("log")));
    onTerminal(inShell("DVC_IGNORE_ISATTY=1 \"$@\" 2>log", "push"));
    assertTrue(Files.readString(directory.resolve("log")).contains("Pushing"));
  }

  @Test
  void interrupted_saysSo_onALineOfItsOwn() throws Exception {
    answers.put("POST /v1/dvc", "raw HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{");
    hang = new CountDownLatch(1);
    List<String> words = new ArrayList<>(List.of("env", "--default-signal=INT"));
    words.addAll(command("push"));
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(directory.toFile())
            .redirectError(directory.resolve("err").toFile());
    builder.environment().put("REVFS_SOCKET", directory.resolve("s").toString());
    Process process = builder.start();
    asked.await(); // it waits for the rest of the answer
    new ProcessBuilder("kill", "-INT", String.valueOf(process.pid())).start().waitFor();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    hang.countDown();
    assertEquals("ERROR: interrupted\n", Files.readString(directory.resolve("err")));
  }

  @Test
  void longTexts_areShownByAPager_onATerminal() throws Exception {
    answers.put("POST /v1/dvc", "200 {\"out\":\"one\\ntwo\"}\n{\"exit\":0}\n");
    assertEquals("page:one\npage:two\n", onTerminal("dag"));
    assertEquals("one\ntwo\n", onTerminal("root"));
    assertEquals("one\ntwo\n", revfs("dag").out());
  }

  private static List<String> inShell(String script, String... words) {
    List<String> shell = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    shell.addAll(command(words));
    return shell;
  }

  /** Returns what a person would see, with a pager that marks its lines. */
  private String onTerminal(String... words) throws Exception {
    return onTerminal(command(words));
  }

  private String onTerminal(List<String> command) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder("script", "-qec", "'" + String.join("' '", command) + "'", "/dev/null")
            .directory(directory.toFile())
            .redirectErrorStream(true);
    builder.environment().put("REVFS_SOCKET", directory.resolve("s").toString());
    builder.environment().put("REVFS_STATE_DIR", directory.resolve("state").toString());
    builder.environment().put("DVC_PAGER", "sed s/^/page:/");
    Process process = builder.start();
    process.getOutputStream().close();
    String seen = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), seen);
    return seen.replace("\r\n", "\n").replace("^D\b\b", "");
  }

  @Test
  void optionsOfDvcsCode_areTaken_andSaidToHaveNoEffect() throws Exception {
    answers.put("POST /v1/dvc", "200 {\"exit\":0}\n");
    Result before = revfs("--cprofile", "--yappi", "--show-stack", "root");
    assertEquals(0, before.exit(), before.err());
    assertEquals(3, before.err().lines().filter(l -> l.contains("has no effect")).count());
    Result after = revfs("root", "--cprofile-dump", "file", "--viztracer-depth", "3", "--pdb");
    assertEquals(0, after.exit(), after.err());
    assertEquals(3, after.err().lines().filter(l -> l.contains("has no effect")).count());
  }

  @Test
  void aList_isPrintedAsItComes() throws Exception {
    answers.put(
        "POST /v1/dvc",
        "200 {\"item\":{\"path\":\"a\"}}\n{\"item\":{\"path\":\"b\"}}\n{\"exit\":0}\n");
    assertEquals("[{\"path\":\"a\"},{\"path\":\"b\"}]\n", revfs("ls", ".", "--json").out());
    assertTrue(requests.getLast().contains("\"command\":\"list\""), requests.getLast());
    answers.put("POST /v1/dvc", "200 {\"out\":\"a\\nb\"}\n{\"exit\":0}\n");
    assertEquals("a\nb\n", revfs("list", ".", "-R", "-L", "2").out());
    assertTrue(requests.getLast().contains("\"level\":2"), requests.getLast());
  }

  @Test
  void prefetchThatFails_is1_andNamesTheFiles() throws Exception {
    answers.put(
        "POST /v1/prefetch",
        "200 {\"files\":2,\"bytesDone\":1}\n"
            + "{\"done\":true,\"files\":2,\"bytes\":9,\"fetchedBytes\":4,\"failures\":1,\"failed\":[{\"path\":\"x\",\"error\":\"gone\"}]}\n");
    Result result = revfs("prefetch", "data");
    assertEquals(1, result.exit());
    assertEquals("ERROR: x: gone\n", result.err());
    assertEquals("2 files, 9 B; fetched 4 B\n", result.out());
  }

  @Test
  void nobodyReads_is141() throws Exception {
    answers.put("GET /v1/content", "200 " + "x".repeat(5_000_000));
    ProcessBuilder builder =
        new ProcessBuilder(
                "bash",
                "-c",
                "'%s/bin/java' -cp '%s' io.revfs.cli.Main cat f | head -c 10; exit ${PIPESTATUS[0]}"
                    .formatted(
                        System.getProperty("java.home"), System.getProperty("java.class.path")))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("out").toFile());
    builder.environment().put("REVFS_SOCKET", directory.resolve("s").toString());
    Process process = builder.start();
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS));
    assertEquals(141, process.exitValue());
    assertEquals("xxxxxxxxxx", Files.readString(directory.resolve("out")));
  }

  @Test
  void withoutADaemon_statusIs1_andDoctorWorks() throws Exception {
    server.close();
    Files.delete(directory.resolve("s"));
    assertEquals(1, revfs("daemon", "status").exit());
    assertEquals("{\"running\":false}\n", revfs("daemon", "status", "--json").out());
    Result doctor = revfs("doctor", "--json");
    assertTrue(doctor.out().contains("\"what\":\"git\""), doctor.toString());
    assertEquals("no daemon runs\n", revfs("daemon", "stop").out());
    assertEquals("{\"stopped\":null}\n", revfs("daemon", "stop", "--json").out());
    assertTrue(revfs("daemon", "log", "--json").out().contains("\"text\":\"\""));
  }

  @Test
  void verbose_saysWhatTheDaemonIsAsked_withoutPasswords() throws Exception {
    answers.put("GET /v1/info", "200 {}");
    String repository = "https://ada:hunter2@example.com/r.git";
    Result once = revfs("info", "x", "--repo", repository, "--json", "-v");
    assertTrue(once.err().contains("GET /v1/info\nHTTP/1.1 200"), once.err());
    Result twice = revfs("info", "x", "--repo", repository, "--json", "-vv");
    assertTrue(twice.err().contains("repository=https://example.com/r.git"), twice.err());
    assertFalse(once.out().contains("HTTP"), once.out());
    assertFalse(twice.err().contains("hunter2"), twice.err());
  }

  @Test
  void everyCommandHasHelpWithAnExample() {
    check("revfs", Main.commandLine(new CommandTree("revfs"), ""));
    check("dvc", Main.commandLine(new CommandTree("dvc"), ""));
  }

  private static void check(String name, CommandLine line) {
    String usage = line.getUsageMessage();
    assertTrue(usage.contains("Example: " + name) || usage.contains("Example: revfs"), usage);
    line.getSubcommands().values().forEach(below -> check(name, below));
  }

  @Test
  void theCompletionScriptLoads() throws Exception {
    Files.writeString(directory.resolve("completion"), revfs("completion").out());
    Process bash =
        new ProcessBuilder(
                "bash", "-c", "source completion && complete -p revfs && type _complete_revfs")
            .directory(directory.toFile())
            .redirectOutput(directory.resolve("out").toFile())
            .start();
    assertEquals(0, bash.waitFor());
  }
}
