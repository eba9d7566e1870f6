package io.revfs.experiment.queue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The processes of a task, found by a variable that they inherit: who started them may be dead, and
 * what they write to is about to be removed.
 */
public final class TaskProcesses {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private TaskProcesses() {}

  /**
   * Ends all of them, and waits until they have ended.
   *
   * @param mark {@code NAME=value}
   * @throws IOException if one does not end
   */
  public static void end(String mark) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (List<ProcessHandle> left = of(mark); !left.isEmpty(); left = of(mark)) {
      left.forEach(ProcessHandle::destroyForcibly); // again: one may just have started another
      for (ProcessHandle process : left) {
        if (System.nanoTime() > deadline) {
          throw new IOException("the process " + process.pid() + " cannot be ended");
        }
        await(process, deadline);
      }
    }
  }

  private static void await(ProcessHandle process, long deadline) {
    try {
      var unused =
          process
              .onExit()
              .completeOnTimeout(
                  process,
                  Math.max(1, deadline - System.nanoTime()),
                  java.util.concurrent.TimeUnit.NANOSECONDS)
              .join();
    } catch (java.util.concurrent.CompletionException e) {
      return; // it is looked for again
    }
  }

  private static List<ProcessHandle> of(String mark) throws IOException {
    byte[] wanted = ("\0" + mark + "\0").getBytes(StandardCharsets.UTF_8);
    List<ProcessHandle> found = new ArrayList<>();
    if (!Files.isDirectory(Path.of("/proc"))) {
      return found;
    }
    long self = ProcessHandle.current().pid();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : all) {
        long pid = Long.parseLong(String.valueOf(process.getFileName()));
        if (pid != self && isMarked(process, wanted)) {
          ProcessHandle.of(pid).filter(ProcessHandle::isAlive).ifPresent(found::add);
        }
      }
    }
    return found;
  }

  private static boolean isMarked(Path process, byte[] wanted) {
    try {
      byte[] environment = Files.readAllBytes(process.resolve("environ"));
      byte[] framed = new byte[environment.length + 1]; // the first has nothing before it
      System.arraycopy(environment, 0, framed, 1, environment.length);
      return contains(framed, wanted);
    } catch (IOException e) {
      return false; // it has gone, or is another user's
    }
  }

  private static boolean contains(byte[] all, byte[] wanted) {
    for (int at = 0; at + wanted.length <= all.length; at++) {
      if (java.util.Arrays.equals(all, at, at + wanted.length, wanted, 0, wanted.length)) {
        return true;
      }
    }
    return false;
  }
}
