package io.revfs.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.Shell;
import io.revfs.fuse.keeper.Keeper;
import io.revfs.posix.OwnerLock;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A real daemon, as a process of its own, with everything it owns below a directory. */
public final class TestDaemon implements Closeable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CLASSES = "classes";

  /** No claim of how fast it is: a machine with much else to do may take any time. */
  private static final long LIMIT_SECONDS = 120;

  private static final long LIMIT_NANOSECONDS = TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);

  private final Path directory;
  private final Path cache;
  private final List<String> wrapper;
  private final String classPath;
  private ProcessHandle process = ProcessHandle.current();

  /** An answer of the API. */
  public record Answer(int status, JsonNode json, String body) {}

  private TestDaemon(Path directory, Path cache, List<String> wrapper, String classPath) {
    this.directory = directory;
    this.cache = cache;
    this.wrapper = List.copyOf(wrapper);
    this.classPath = classPath;
  }

  /** Starts one; {@code configuration} is its config.yaml. */
  public static TestDaemon start(Path directory, String configuration) throws IOException {
    return start(directory, configuration, directory.resolve("cache"));
  }

  /** Starts one whose cache is elsewhere. */
  public static TestDaemon start(Path directory, String configuration, Path cache)
      throws IOException {
    return start(directory, configuration, cache, List.of());
  }

  /** Starts one by a command that executes what follows it, as another user or elsewhere. */
  public static TestDaemon startUnder(Path directory, List<String> wrapper) throws IOException {
    return start(directory, "", directory.resolve("cache"), wrapper);
  }

  private static TestDaemon start(
      Path directory, String configuration, Path cache, List<String> wrapper) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("config.yaml"), configuration);
    TestDaemon daemon =
        new TestDaemon(directory, cache, wrapper, System.getProperty("java.class.path"));
    daemon.start();
    return daemon;
  }

  /**
   * Starts one of an ordinary user's, who has no rights but those. Root only.
   *
   * @param directory that the user can get to
   */
  public static TestDaemon startAs(int user, Path directory) throws IOException {
    String classPath = PublicClassPath.in(directory.resolve(CLASSES));
    Files.writeString(directory.resolve("config.yaml"), "");
    Shell.run(directory, "chown %1$d:%1$d . config.yaml".formatted(user));
    TestDaemon daemon = new TestDaemon(directory, directory.resolve("cache"), as(user), classPath);
    daemon.start();
    return daemon;
  }

  /** Returns a command that runs what follows it as an ordinary user. */
  public static List<String> as(int user) {
    return List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups");
  }

  private Process launch() throws IOException {
    List<String> command = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
    command.addAll(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(System.getProperty("revfs.jvm.flags").split(" ")));
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Drevfs.test.directory=" + directory, // so that what is left over can be found
            "-cp",
            classPath,
            "io.revfs.daemon.DaemonMain"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile());
    builder.environment().put("REVFS_SOCKET", directory.resolve("run/s").toString());
    builder.environment().put("REVFS_CACHE_DIR", cache().toString());
    builder.environment().put("REVFS_STATE_DIR", directory.resolve("state").toString());
    builder.environment().put("REVFS_CONFIG", directory.resolve("config.yaml").toString());
    builder.environment().put("HOME", directory.toString());
    return builder.start();
  }

  /** Starts it again after {@link #kill}. */
  public void start() throws IOException {
    Process child = launch();
    process = child.toHandle();
    long deadline = System.nanoTime() + LIMIT_NANOSECONDS;
    while (!answers()) {
      if (!child.isAlive() || System.nanoTime() > deadline) {
        throw new IOException("the daemon does not start: " + output());
      }
      sleep();
    }
  }

  /** Returns the class path that it runs with; of an ordinary user's one that the user can read. */
  public String classPath() {
    return classPath;
  }

  /** Returns the process id of the keeper of its mounts, 0 if it has none. */
  public long keeper() throws IOException {
    return noted(Keeper.PID_FILE);
  }

  /** Returns whether the keeper has a descriptor whose name begins so. */
  public boolean keeps(String name) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(keeper()), "cmdline"))
          .contains("\0" + name);
    } catch (IOException e) {
      return false; // it is gone, or just going (ESRCH): another takes its place
    }
  }

  private long noted(String name) throws IOException {
    return OwnerLock.owner(directory.resolve("state/sessions").resolve(name)).orElse(0);
  }

  /** Returns its process id. */
  public long pid() {
    return process.pid();
  }

  /** Sends SIGKILL; returns at once. The keeper starts another, for {@link #awaitSuccessor}. */
  public void crash() {
    process.destroyForcibly();
  }

  /** Waits until another process answers in the place of the one that crashed. */
  public void awaitSuccessor() throws IOException {
    long before = process.pid();
    long deadline = System.nanoTime() + LIMIT_NANOSECONDS;
    while (process.pid() == before) {
      if (answers()) {
        current().filter(now -> now.pid() != before).ifPresent(now -> process = now);
      }
      if (System.nanoTime() > deadline) {
        throw new IOException("no daemon follows: " + log());
      }
      sleep();
    }
  }

  /** Returns the process that its own file names, if that lives. */
  private Optional<ProcessHandle> current() throws IOException {
    OptionalLong pid = OwnerLock.owner(directory.resolve("run/daemon.pid"));
    return pid.isPresent() ? ProcessHandle.of(pid.getAsLong()) : Optional.empty();
  }

  /** Returns what keepers, and servers that did not come to a log of their own, have said. */
  public String log() throws IOException {
    Path file = directory.resolve("state/keeper.log");
    return Files.exists(file) ? Files.readString(file) : "";
  }

  private boolean answers() throws IOException {
    return Shell.run(
                Path.of("/"),
                "curl -sf -o /dev/null --unix-socket '%s' http://d/v1/mounts"
                    .formatted(directory.resolve("run/s")))
            .exit()
        == 0;
  }

  /** Starts a second one on the same files; returns its exit code and what it said. */
  public Shell.Result startSecond() throws IOException {
    Process second = launch();
    try {
      if (!second.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        second.destroyForcibly();
        throw new IOException("the second daemon stays");
      }
    } catch (InterruptedException e) {
      second.destroyForcibly();
      throw new IOException(e);
    }
    return new Shell.Result(second.exitValue(), output());
  }

  /** Returns what it printed. */
  public String output() throws IOException {
    return Files.readString(directory.resolve("output"));
  }

  /** Returns the cache's directory. */
  public Path cache() {
    return cache;
  }

  /** Asks with GET. */
  public Answer get(String pathAndQuery) throws IOException {
    return ask("GET", pathAndQuery, "");
  }

  /** Asks with POST and a JSON body. */
  public Answer post(String path, String body) throws IOException {
    return ask("POST", path, "-d '" + body + "'");
  }

  /**
   * Runs a command of DVC's.
   *
   * @param arguments names and values by turns
   * @return one object of all that it said: {@code out} and {@code warn} as texts, {@code result},
   *     {@code exit} or {@code error}
   */
  public JsonNode command(Path directory, String name, Object... arguments) throws IOException {
    Map<String, Object> named = new HashMap<>();
    for (int i = 0; i < arguments.length; i += 2) {
      named.put((String) arguments[i], arguments[i + 1]);
    }
    Answer answer =
        post(
            "/v1/dvc",
            JSON.writeValueAsString(
                Map.of("command", name, "arguments", named, "directory", directory.toString())));
    ObjectNode all = JSON.createObjectNode().put("out", "").put("warn", "");
    ArrayNode items = all.putArray("items");
    for (String line : answer.body().split("\n")) {
      JSON.readTree(line)
          .properties()
          .forEach(
              said -> {
                boolean text = said.getKey().equals("out") || said.getKey().equals("warn");
                if (said.getKey().equals("item")) {
                  items.add(said.getValue());
                } else if (text) {
                  String before = all.path(said.getKey()).asText();
                  all.put(said.getKey(), before + said.getValue().asText() + "\n");
                } else {
                  all.set(said.getKey(), said.getValue());
                }
              });
    }
    return all;
  }

  /** Runs a command of DVC's; returns the elements of the list that it answers with. */
  public JsonNode items(Path directory, String name, Object... arguments) throws IOException {
    return command(directory, name, arguments).path("items");
  }

  /** Asks with DELETE. */
  public Answer delete(String pathAndQuery) throws IOException {
    return ask("DELETE", pathAndQuery, "");
  }

  /** Asks with POST and a JSON body; returns all lines of an answer that comes in lines. */
  public List<JsonNode> lines(String path, String body) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    Shell.Result result =
        Shell.run(
            Path.of("/"),
            "curl -s -g --max-time 150 --unix-socket '%s' -d '%s' 'http://d%s'"
                .formatted(directory.resolve("run/s"), body, path));
    for (String line : result.output().split("\n")) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private Answer ask(String method, String path, String more) throws IOException {
    Shell.Result result =
        Shell.run(
            Path.of("/"),
            "curl -s -g --max-time 150 -w '\\n%%{http_code}' --unix-socket '%s' -X %s %s 'http://d%s'"
                .formatted(directory.resolve("run/s"), method, more, path.replace(" ", "%20")));
    String[] lines = result.output().split("\n");
    String body = String.join("\n", List.of(lines).subList(0, lines.length - 1)).strip();
    // Lines of JSON: the last one says how it ended.
    String last = body.contains("\n") ? body.substring(body.lastIndexOf('\n') + 1) : body;
    return new Answer(
        Integer.parseInt(lines[lines.length - 1].strip()),
        JSON.readTree(body.startsWith("{") ? last : body),
        body);
  }

  /** Mounts a repository at a place below the directory; returns the mount point. */
  public Path mount(String repository, String name) throws IOException {
    return mount(repository, name, "auto", "auto");
  }

  /** As {@link #mount(String, String)}, served in a certain way. */
  public Path mount(String repository, String name, String backend, String serve)
      throws IOException {
    Path at = directory.resolve(name);
    Answer answer =
        post(
            "/v1/mounts",
            "{\"repository\":\"%s\",\"directory\":\"%s\",\"backend\":\"%s\",\"serve\":\"%s\"}"
                .formatted(repository, at, backend, serve));
    if (answer.status() != 200) {
      throw new IOException("no mount: " + answer);
    }
    return at;
  }

  /** Ends it as the end of the machine does: the keeper and its guard too. */
  public void kill() throws IOException {
    // First none of them moves any more: each would start another one of a kind that is gone.
    String all = "%d %d %d".formatted(noted(Keeper.GUARD_FILE), keeper(), pid());
    all = all.replaceAll("\\b0 ", "");
    Shell.run(Path.of("/"), "kill -STOP %1$s; kill -KILL %1$s".formatted(all));
    await("is not dead");
    long deadline = System.nanoTime() + LIMIT_NANOSECONDS;
    while (Keeper.alive(directory.resolve("state/sessions")).isPresent()) {
      if (System.nanoTime() > deadline) {
        throw new IOException("the keeper is not dead: " + log());
      }
      sleep();
    }
  }

  /** Kills it and its keeper at once; the keeper's guard is left. */
  public void killKeeper() throws IOException {
    ProcessHandle.of(keeper()).ifPresent(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /** Ends it in order. */
  public void stop() throws IOException {
    process.destroy();
    await("does not end");
  }

  private void await(String problem) throws IOException {
    try {
      process.onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IOException("the daemon " + problem, e);
    } catch (InterruptedException | ExecutionException e) {
      throw new IOException(e);
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(30);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    if (process.isAlive()) {
      process.destroy();
      try {
        await("does not end");
      } catch (IOException e) {
        kill();
      }
    }
    for (MountTable.Mount mount : MountTable.read().mounts().reversed()) {
      if (mount.mountPoint().startsWith(directory)) {
        MountTable.detach(mount.mountPoint());
      }
    }
    Shell.run(directory, "rm -rf " + CLASSES);
  }
}
