package io.revfs.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.run.StageExecutor;
import io.revfs.cli.terminal.CommandException;
import io.revfs.config.Directories;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The daemon as a process: finding it, starting it, waiting for it. */
public final class DaemonProcess {
  /** How much memory the daemon may use for heap and buffers, in MiB. */
  static final String MEMORY = "REVFS_MEMORY_MIB";

  // A process that fails is told at once; a machine with much else to do may take its time.
  private static final long START_SECONDS = 60;
  private static final long STOP_SECONDS = 60;

  private static final long DEFAULT_MEBIBYTES = 512;
  private static final long LEAST_MEBIBYTES = 128;
  private static final long SERIAL_MOST_MEBIBYTES = 1024;
  private static final int TAIL_LINES = 12;

  private final boolean system;
  private final Directories directories;

  public DaemonProcess(boolean system) {
    this.system = system;
    Object uid;
    try {
      uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid", LinkOption.NOFOLLOW_LINKS);
    } catch (IOException | UnsupportedOperationException e) {
      // No /proc, or no numbers: the name tells users apart too.
      uid = System.getProperty("user.name");
    }
    Directories own =
        Directories.ofUser(System.getenv(), String.valueOf(uid)).asAnnounced(System.getenv());
    Directories shared = Directories.ofSystem(System.getenv());
    // Without a daemon of one's own, the machine's is used where there is one.
    boolean useShared = system || (!Files.exists(own.socket()) && Files.exists(shared.socket()));
    this.directories = useShared ? shared : own;
  }

  public Directories directories() {
    return directories;
  }

  /** Connects, starting a daemon if none answers. */
  public Client connect() throws IOException {
    try {
      return Client.connect(directories.socket());
    } catch (IOException e) {
      start();
      return Client.connect(directories.socket());
    }
  }

  /** Returns whether a daemon answers. */
  public boolean answers() {
    try (Client client = Client.connect(directories.socket())) {
      return client != null;
    } catch (IOException e) {
      return false;
    }
  }

  /** Starts a daemon and waits until it answers. That another command does so too is no harm. */
  public void start() throws IOException {
    Path output = Files.createTempFile("revfs-daemon", ".out");
    try {
      List<String> command = new ArrayList<>(List.of("setsid"));
      command.addAll(command(false));
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .redirectInput(Path.of("/dev/null").toFile())
              .directory(Path.of("/").toFile());
      builder.environment().remove(StageExecutor.MARK); // it outlives the stage that called us
      Process process = builder.start();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
      while (!answers()) {
        // One that lost a race exits with 1: the winner will answer.
        if (!process.isAlive() && process.exitValue() != 1) {
          throw failed(output, process.exitValue());
        }
        if (System.nanoTime() > deadline) {
          throw failed(output, CommandException.OTHER);
        }
        Thread.sleep(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("interrupted", "", CommandException.INTERRUPTED);
    } finally {
      Files.deleteIfExists(output);
    }
  }

  /**
   * Ends the daemon in order; its mounts are remembered for the next start.
   *
   * @return its process id, empty if none ran
   */
  public OptionalLong stop() throws IOException {
    long pid;
    try (Client client = Client.connect(directories.socket())) {
      pid = client.get("/v1/status", Map.of()).path("pid").asLong();
      client.post("/v1/shutdown", Map.of());
    } catch (IOException e) {
      return OptionalLong.empty();
    }
    await(
        () -> !ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false),
        "the daemon, pid " + pid + ", does not end",
        "see " + directories.log() + "; as a last way: kill -9 " + pid);
    return OptionalLong.of(pid);
  }

  /** Puts a daemon of this command's version in the place of the one that runs, if any. */
  public JsonNode restart() throws IOException {
    String before;
    boolean handedOver;
    try (Client client = Client.connect(directories.socket())) {
      before = client.get("/v1/status", Map.of()).path("startedAt").asText();
      handedOver =
          client
              .post("/v1/restart", Map.of("command", command(false)))
              .path("handedOver")
              .asBoolean();
    } catch (ConnectException e) {
      before = "";
      handedOver = false;
    }
    if (!handedOver) {
      var unused = stop();
      start();
    }
    JsonNode[] after = new JsonNode[1];
    String was = before;
    await(
        () -> {
          try (Client client = Client.connect(directories.socket())) {
            after[0] = client.get("/v1/status", Map.of());
            return !after[0].path("startedAt").asText().equals(was);
          } catch (IOException e) {
            return false;
          }
        },
        "the new daemon does not answer",
        "see " + directories.log() + " and " + directories.state().resolve("keeper.log"));
    return after[0];
  }

  private static void await(BooleanSupplier condition, String failure, String advice) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new CommandException(failure, advice, CommandException.FAILED);
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CommandException("interrupted", "", CommandException.INTERRUPTED);
      }
    }
  }

  private CommandException failed(Path output, int exit) throws IOException {
    String said = Files.readString(output).strip();
    String message = said.isEmpty() ? "the daemon does not start:\n" + tail(TAIL_LINES) : said;
    return new CommandException(
        message.replaceFirst("^ERROR: ", ""),
        "the log is " + directories.log() + "; see also: revfs doctor",
        exit == CommandException.CONFIGURATION ? exit : CommandException.OTHER);
  }

  /** Returns the last lines of the log. */
  public String tail(int lines) throws IOException {
    if (!Files.exists(directories.log())) {
      return "";
    }
    List<String> all = Files.readAllLines(directories.log());
    return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
  }

  /** Returns the command that runs a daemon. */
  public List<String> command(boolean foreground) throws IOException {
    Path lib = library();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(Files.readString(lib.resolve("jvm.flags")).strip().split("\\s+")));
    long mebibytes = memoryMebibytes();
    // Both together are the budget; the rest of a Java process is some 100 MiB of its own.
    command.add("-Xmx" + mebibytes * 3 / 4 + "m");
    command.add("-XX:MaxDirectMemorySize=" + mebibytes / 4 + "m");
    command.add("-XX:+UseCompactObjectHeaders");
    // A small heap is collected in milliseconds by one thread, and costs no memory beside itself.
    command.add(mebibytes <= SERIAL_MOST_MEBIBYTES ? "-XX:+UseSerialGC" : "-XX:+UseG1GC");
    command.add("-XX:+ExitOnOutOfMemoryError"); // the next command starts another
    command.add("-XX:-UsePerfData");
    command.add("-Djava.net.preferIPv4Stack=false");
    command.addAll(List.of("-cp", lib + "/*", "io.revfs.daemon.DaemonMain"));
    if (foreground) {
      command.add("--foreground");
    }
    if (system) {
      command.add("--system");
    }
    return command;
  }

  /** Returns the program that starts a daemon as the main process of a unit of systemd. */
  public Path unitMain() {
    return library().resolveSibling("bin").resolve("revfs-unit");
  }

  private static Path library() {
    String home = System.getProperty("revfs.lib");
    if (home == null) {
      throw new CommandException(
          "the command was not started by its launcher", "start bin/revfs", CommandException.OTHER);
    }
    return Path.of(home).toAbsolutePath().normalize();
  }

  /** The budget: what the environment says, else 512 MiB, at most half of the container's limit. */
  private static long memoryMebibytes() {
    String set = System.getenv(MEMORY);
    if (set != null && set.matches("\\d{1,7}")) {
      return Math.max(LEAST_MEBIBYTES, Long.parseLong(set));
    }
    long limit =
        ControlGroup.memoryLimit(Path.of("/sys/fs/cgroup"), Path.of("/proc/self/cgroup")) >> 20;
    return Math.max(LEAST_MEBIBYTES, Math.min(DEFAULT_MEBIBYTES, limit / 2));
  }
}
