package io.revfs.cli.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Commands that are answered by a process of another ordinary user's. */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class StrangersDaemonTest {
  /** No claim of how fast it is. */
  private static final long LIMIT_SECONDS = 180;

  /** Notes what it is asked, and answers all the same. */
  private static final String SERVER =
      """
      use IO::Socket::UNIX;
      my ($socket, $log) = @ARGV;
      my $server = IO::Socket::UNIX->new(Local => $socket, Listen => 5) or die $!;
      chmod 0777, $socket;
      print "ready\\n"; close STDOUT;
      while (my $peer = $server->accept) {
        my $all = '';
        while (sysread($peer, my $some, 65536)) {
          $all .= $some;
          next unless $all =~ /Content-Length: (\\d+)\\r\\n\\r\\n(.*)/s && length($2) >= $1;
          open my $out, '>>', $log; print $out $all; close $out;
          $all = '';
          my $answer = '{"directory":"/m","repository":"r","views":{"current":"c"}}';
          syswrite($peer,
            "HTTP/1.1 200 OK\\r\\nContent-Length: " . length($answer) . "\\r\\n\\r\\n$answer");
        }
      }
      """;

  @TempDir Path directory;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void end() {
    processes.forEach(Process::destroyForcibly);
  }

  /** Returns the file of what it was asked. */
  private Path serve(int user) throws IOException {
    Path open = Files.createDirectory(directory.resolve("u" + user));
    makePassable();
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    Process server =
        new ProcessBuilder(
                "setpriv",
                "--pdeathsig",
                "KILL",
                "--reuid=" + user,
                "--regid=" + user,
                "--clear-groups",
                "perl",
                "-e",
                SERVER,
                open.resolve("s").toString(),
                open.resolve("log").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    processes.add(server);
    assertEquals("ready", server.inputReader().readLine());
    return open.resolve("log");
  }

  /** Whoever serves there is not who made the directories above. */
  private void makePassable() throws IOException {
    Path all = Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
    for (Path at = directory; at.startsWith(all); at = at.getParent()) {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(at);
      if (permissions.add(PosixFilePermission.OTHERS_EXECUTE)) {
        Files.setPosixFilePermissions(at, permissions);
      }
    }
  }

  /** Returns what the command said on standard error. */
  private String mount(Path log, Map<String, String> more) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "io.revfs.cli.Main",
                "mount",
                "-vv",
                "/r",
                "/m")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(directory.resolve("err").toFile());
    builder.environment().put("REVFS_SOCKET", log.resolveSibling("s").toString());
    builder.environment().put("REVFS_STATE_DIR", directory.resolve("state").toString());
    builder.environment().put("AWS_SECRET_ACCESS_KEY", "guarded-one");
    builder.environment().put("https_proxy", "http://me:guarded-two@proxy");
    builder.environment().put("HTTPS_PROXY", "me:guarded-three@proxy:3128");
    builder.environment().put("HOME", "/told");
    builder.environment().putAll(more);
    Process process = builder.start();
    processes.add(process);
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "it ends");
    String said = Files.readString(directory.resolve("err"));
    assertEquals(0, process.exitValue(), said);
    assertFalse(said.contains("guarded"), said); // -vv shows what is asked, in logs too
    return said;
  }

  @Test
  void credentials_goToAnothersDaemon_onlyIfThatIsAskedFor() throws Exception {
    Path log = serve(65534);
    String said = mount(log, Map.of());
    assertTrue(said.contains("it is sent no credentials of this shell"), said);
    String sent = Files.readString(log);
    assertFalse(sent.contains("guarded"), sent);
    assertTrue(sent.contains("\"HOME\":\"/told\""), sent);
    String asked = mount(log, Map.of("REVFS_SEND_CREDENTIALS", "1"));
    assertFalse(asked.contains("it is sent no credentials"), asked);
    assertTrue(Files.readString(log).contains("guarded-one"));
  }

  @Test
  void credentials_goToRootsDaemon() throws Exception {
    Path log = serve(0);
    String said = mount(log, Map.of());
    assertFalse(said.contains("it is sent no credentials"), said);
    assertTrue(Files.readString(log).contains("guarded-two"));
    assertTrue(Files.readString(log).contains("guarded-three"));
  }
}
