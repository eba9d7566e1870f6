package io.revfs.testing;

import io.revfs.remote.OpenRemote;
import io.revfs.remote.RemoteLimits;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.scheme.Remotes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A push in a process of its own, which ends as by SIGKILL at one of its requests. */
public final class PushProcess {
  private static final int KILLED = 137;

  private PushProcess() {}

  /**
   * Runs one.
   *
   * @param directory for its files
   * @return whether it was killed; otherwise the push is complete
   */
  public static boolean run(Path directory, RemoteSettings settings, int count, int last)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(System.getProperty("revfs.jvm.flags", "").strip().split("\\s+")));
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            PushProcess.class.getName(),
            directory.toString(),
            settings.url(),
            Integer.toString(count),
            Integer.toString(last)));
    settings.options().forEach((key, value) -> command.add(key + "=" + value));
    Path log = directory.resolveSibling(directory.getFileName() + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putAll(settings.environment());
    int exit = builder.start().waitFor();
    if (exit != 0 && exit != KILLED) {
      throw new IOException(java.nio.file.Files.readString(log));
    }
    return exit == KILLED;
  }

  /** The process. */
  public static void main(String[] arguments) throws IOException {
    Map<String, String> options = new TreeMap<>();
    for (String option : List.of(arguments).subList(4, arguments.length)) {
      int at = option.indexOf('=');
      options.put(option.substring(0, at), option.substring(at + 1));
    }
    RemoteLimits limits = new RemoteLimits(8, Duration.ofSeconds(20), Duration.ofSeconds(20), 2);
    int count = Integer.parseInt(arguments[2]);
    try (PushedObjects objects = PushedObjects.make(Path.of(arguments[0]), count, 3000);
        OpenRemote remote =
            Remotes.open(new RemoteSettings("store", arguments[1], options, limits))) {
      Runnable kill = () -> Runtime.getRuntime().halt(KILLED);
      objects.push(
          new DyingRemote(remote.remote(), Integer.parseInt(arguments[3]), kill).remote(), 4);
    }
    System.exit(0); // clients keep threads
  }
}
