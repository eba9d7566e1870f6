package io.revfs.cli;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real daemon and commands that speak with it, with all they own below a directory. */
final class RunningDaemon implements Closeable {
  private final Path directory;
  private final List<String> user;
  private final Process process;

  /**
   * Starts one; when this returns it answers.
   *
   * @param user a command that executes what follows it as another user; empty: as this one
   */
  RunningDaemon(Path directory, List<String> user) throws Exception {
    this.directory = directory;
    this.user = List.copyOf(user);
    Files.createDirectories(directory);
    List<String> command = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
    command.addAll(user);
    command.add(java());
    command.addAll(List.of(System.getProperty("revfs.jvm.flags").split(" ")));
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Drevfs.test.directory=" + directory, // so that what is left over can be found
            "-cp",
            System.getProperty("java.class.path"),
            "io.revfs.daemon.DaemonMain"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile());
    builder.environment().putAll(environment());
    process = builder.start();
    await();
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  Path socket() {
    return directory.resolve("run/s");
  }

  private Map<String, String> environment() {
    return Map.of(
        "REVFS_SOCKET",
        socket().toString(),
        "REVFS_CACHE_DIR",
        directory.resolve("cache").toString(),
        "REVFS_STATE_DIR",
        directory.resolve("state").toString(),
        "REVFS_CONFIG",
        directory.resolve("config.yaml").toString(),
        "HOME",
        directory.toString());
  }

  private void await() throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      try (Client client = Client.connect(socket())) {
        var unused = client.get("/v1/status", Map.of());
        return;
      } catch (IOException e) {
        if (System.nanoTime() > deadline || process.waitFor(20, TimeUnit.MILLISECONDS)) {
          throw new IOException(Files.readString(directory.resolve("output")), e);
        }
      }
    }
  }

  /** Returns a process that runs a command, not started yet. */
  ProcessBuilder command(Path in, String... words) {
    List<String> command = new ArrayList<>(user);
    command.add(java());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.revfs.cli.Main"));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).directory(in.toFile());
    builder.environment().putAll(environment());
    return builder;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
