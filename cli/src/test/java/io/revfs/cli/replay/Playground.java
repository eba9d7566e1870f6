package io.revfs.cli.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPInputStream;

/**
 * A home directory with a daemon of its own, and fresh copies of the repositories that DVC made.
 * Thread-safe.
 */
public final class Playground implements Closeable {
  private static final Path RESOURCES = Path.of("../daemon/src/test/resources/reference");
  private static final Path DIST = Path.of("target/dist/bin").toAbsolutePath();
  private static final long LIMIT_SECONDS = 300;
  private static final int LOOKS = 3;
  private static final long PAUSE_NANOSECONDS = 20_000_000;
  private static final String WHEN = "1750000000 +0000"; // of commits: what DVC's were made at

  private final Path top;
  private final List<String> user;
  private final Path bin;
  private final AtomicInteger copies = new AtomicInteger();
  private final Process daemon;

  /** What a command did. */
  public record Outcome(int exit, String out, String err) {}

  /** A repository: what DVC said of it, and where it is unpacked. */
  public record Pack(String name, JsonNode expected, Path directory) {}

  /** Starts a daemon of its own below a directory. */
  public Playground(Path top) throws IOException {
    this(top, OptionalInt.empty());
  }

  /** As the other one; the daemon and all commands are a user's, who owns the directory then. */
  public Playground(Path top, OptionalInt user) throws IOException {
    this.top = top;
    LoadedClasses.archive(DIST.getParent());
    this.user = user.isPresent() ? as(user.getAsInt()) : List.of();
    this.bin = user.isPresent() ? copied(DIST.getParent(), top).resolve("bin") : DIST;
    Path home = Files.createDirectories(top.resolve("home/.config/dvc")).resolve("config");
    Files.writeString(home, "[core]\n    analytics = false\n    check_update = false\n");
    Files.createDirectories(top.resolve("run"));
    if (user.isPresent()) {
      give(top);
    }
    this.daemon =
        builder(
                top,
                List.of(
                    "setpriv",
                    "--pdeathsig",
                    "KILL",
                    "--", //
                    bin.resolve("revfs").toString(),
                    "daemon",
                    "start",
                    "--foreground"))
            .redirectErrorStream(true)
            .redirectOutput(top.resolve("daemon.log").toFile())
            .start();
    daemon.getOutputStream().close();
    awaitSocket(top.resolve("run/revfs/revfs.sock"));
  }

  /** A command before that would start a daemon of its own, which nobody would stop. */
  private void awaitSocket(Path socket) throws IOException {
    try {
      while (!answers(socket)) {
        if (daemon.waitFor(20, TimeUnit.MILLISECONDS)) {
          throw new IOException(Files.readString(top.resolve("daemon.log")));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Not even root can enter a user's mount, so the user's shell goes there by itself. */
  private static List<String> as(int user) {
    return List.of(
        "setpriv",
        "--reuid=" + user,
        "--regid=" + user,
        "--clear-groups",
        "sh",
        "-c",
        "cd \"$0\" && exec \"$@\"");
  }

  /** Where the build lies others may not look. */
  private static Path copied(Path distribution, Path top) throws IOException {
    Path copy = top.resolve("dist");
    exec(List.of("cp", "-a", "--reflink=auto", distribution.toString(), copy.toString()));
    return copy;
  }

  private static void exec(List<String> command) throws IOException {
    Outcome outcome = finish(new ProcessBuilder(command));
    if (outcome.exit() != 0) {
      throw new IOException(command + ": " + outcome);
    }
  }

  /** Lets all in a directory belong to whoever the commands are run by. */
  public void give(Path directory) throws IOException {
    if (!user.isEmpty()) {
      String owner = user.get(1).replaceAll(".*=", "");
      exec(List.of("chown", "-R", owner + ":" + owner, directory.toString()));
    }
  }

  /** The file is there a moment before anybody listens. */
  private static boolean answers(Path socket) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private ProcessBuilder builder(Path directory, List<String> command) {
    List<String> words = new ArrayList<>(List.of("env", "--default-signal=INT")); // as a shell's
    if (!user.isEmpty()) {
      words.addAll(user);
      words.add(directory.toString());
    }
    words.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(words).directory(user.isEmpty() ? directory.toFile() : new File("/"));
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.matches("(DVC|GIT|REVFS|XDG)_.*"));
    environment.putAll(
        Map.of(
            "PATH",
            bin + ":" + System.getenv("PATH"),
            "HOME",
            top.resolve("home").toString(),
            "XDG_RUNTIME_DIR",
            top.resolve("run").toString(),
            "REVFS_JDK",
            System.getProperty("java.home"),
            "TZ",
            "UTC",
            "LC_ALL",
            "C.UTF-8",
            "COLUMNS",
            "100000"));
    environment.putAll(
        Map.of(
            "GIT_CONFIG_NOSYSTEM", "1",
            "GIT_TERMINAL_PROMPT", "0",
            "GIT_AUTHOR_NAME", "Reference Author",
            "GIT_AUTHOR_EMAIL", "author@example.com",
            "GIT_AUTHOR_DATE", WHEN,
            "GIT_COMMITTER_NAME", "Reference Author",
            "GIT_COMMITTER_EMAIL", "author@example.com",
            "GIT_COMMITTER_DATE", WHEN));
    return builder;
  }

  /** Returns the directory that it is in. */
  public Path top() {
    return top;
  }

  /** Unpacks a repository by name. */
  public Pack unpack(String name) throws IOException {
    Path into = Files.createDirectories(top.resolve("packs"));
    Outcome tar =
        run(
            top,
            "tar xzf '%s' -C packs".formatted(RESOURCES.resolve(name + ".tar.gz").toRealPath()));
    if (tar.exit() != 0) {
      throw new IOException(tar.toString());
    }
    JsonNode expected = json(name + ".json.gz");
    addPlots(expected, json("plots.json.gz").path(name));
    return new Pack(name, expected, into.resolve(name));
  }

  private static JsonNode json(String resource) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(RESOURCES.resolve(resource)))) {
      return new ObjectMapper().readTree(in);
    }
  }

  /** What DVC said of plots is in a file of its own. */
  private static void addPlots(JsonNode expected, JsonNode plots) {
    for (JsonNode revision : expected.get("revisions")) {
      JsonNode shown = plots.path("revisions").path(revision.get("rev").asText());
      if (shown.isObject() && revision.at("/projects/.") instanceof ObjectNode project) {
        project.set("plots_show", shown);
      }
    }
    for (JsonNode pair : expected.get("diffs")) {
      for (JsonNode compared : plots.path("diffs")) {
        boolean same =
            compared.get("a").equals(pair.get("a")) && compared.get("b").equals(pair.get("b"));
        if (same && pair instanceof ObjectNode object) {
          object.set("plots_diff", compared.get("plots_diff"));
        }
      }
    }
  }

  /** Returns a copy that a test may change, at the commit it begins with. */
  public Path fresh(Pack pack, String revision) throws IOException {
    String copy = "copy" + copies.incrementAndGet();
    Outcome made =
        run(
            top,
            "cp -a '%s' %s && git -C %s/repo checkout -q -f %s"
                .formatted(pack.directory(), copy, copy, revision));
    if (made.exit() != 0) {
      throw new IOException(made.toString());
    }
    return top.resolve(copy);
  }

  /** Runs {@code sh -c script}. */
  public Outcome run(Path directory, String script) throws IOException {
    return finish(builder(directory, List.of("sh", "-c", script)));
  }

  /** Runs {@code dvc} in a project of a copy. */
  public Outcome dvc(Path copy, String project, List<String> words) throws IOException {
    List<String> command = new ArrayList<>(List.of(bin.resolve("dvc").toString()));
    command.addAll(words);
    return finish(builder(copy.resolve("repo").resolve(project).normalize(), command));
  }

  private static Outcome finish(ProcessBuilder builder) throws IOException {
    Path out = Files.createTempFile("replay", ".out");
    Path err = Files.createTempFile("replay", ".err");
    try {
      Process process =
          builder
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("no end after %d s: %s".formatted(LIMIT_SECONDS, builder.command()));
      }
      return new Outcome(process.exitValue(), text(out), text(err));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    daemon.destroy();
    try {
      if (!daemon.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        daemon.destroyForcibly();
      }
    } catch (InterruptedException e) {
      daemon.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    endOthers();
    run(top, "chmod -R u+w .");
  }

  /**
   * What was begun here and still runs, a worker of a queue for instance, would start a daemon, or
   * has just started one. Who executes a program at this moment has no environment, so it takes
   * some looks to see nobody.
   */
  private void endOthers() {
    String home = "HOME=" + top.resolve("home") + "\0";
    for (int clear = 0; clear < LOOKS; clear++) {
      for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
        if (environment(process).contains(home)) {
          process.destroyForcibly();
          clear = -1;
        }
      }
      LockSupport.parkNanos(PAUSE_NANOSECONDS);
    }
  }

  private static String environment(ProcessHandle process) {
    try {
      Path file = Path.of("/proc", Long.toString(process.pid()), "environ");
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // it has ended meanwhile, or is somebody else's
    }
  }
}
