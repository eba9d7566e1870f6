package io.revfs.experiment.queue.celery;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The processes of DVC's on this machine that run experiments of a project, known by their command
 * lines. What was taken by one that cannot be seen here is taken for left behind, as DVC itself
 * does with locks of processes that it does not see. Looks once; for one thread.
 */
public final class DvcProcesses {
  /** How many digits of the hash DVC takes into the names of workers. */
  private static final int DIGITS = 6;

  private static final String WORKER = "\0queue-worker\0";

  private final Path root;
  private final Set<String> workers = new LinkedHashSet<>();
  private @Nullable List<String> lines;
  private boolean lives;

  /**
   * @param root the project's
   * @param celery DVC's directory of it
   */
  public DvcProcesses(Path root, Path celery) throws IOException {
    this.root = Files.exists(root) ? root.toRealPath() : root;
    addWorkers(celery);
    if (Files.exists(celery)) {
      addWorkers(celery.toRealPath());
    }
  }

  private void addWorkers(Path celery) {
    workers.add("dvc-exp-" + hash(celery.toString()).substring(0, DIGITS) + "-");
  }

  private static String hash(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has it", e);
    }
  }

  /** Returns what the command line of whoever runs a stashed commit has in it. */
  private static String file(String commit) {
    return commit + ".run";
  }

  /** Returns whether a process may be running a stashed commit, or be about to. */
  public boolean mayRun(String commit) throws IOException {
    List<String> all = lines();
    return lives || all.stream().anyMatch(line -> line.contains(file(commit)));
  }

  /** Returns whether a process is the one that runs a stashed commit. */
  public static boolean runs(long pid, String commit) {
    return commandLine(Path.of("/proc/" + pid)).contains(file(commit));
  }

  /** Returns the group of a process that lives. */
  public static long group(long pid) throws IOException {
    String status = Files.readString(Path.of("/proc/" + pid + "/stat"));
    // pid (any name) state parent group ...
    return Long.parseLong(status.substring(status.lastIndexOf(')') + 2).split(" ", 4)[2]);
  }

  private List<String> lines() throws IOException {
    List<String> all = lines;
    if (all != null) {
      return all;
    }
    all = new ArrayList<>();
    lives = !Files.isDirectory(Path.of("/proc/self")); // nobody can be seen
    if (!lives) {
      try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
        for (Path process : processes) {
          String line = commandLine(process);
          all.add(line);
          lives |= workers.stream().anyMatch(line::contains) || isOtherWorker(process, line);
        }
      }
    }
    lines = all;
    return all;
  }

  /** A worker that a person started has any name, and runs in the project; ours have numbers. */
  private boolean isOtherWorker(Path process, String line) {
    if (!line.contains(WORKER) || line.contains(WORKER + "--number\0")) {
      return false;
    }
    try {
      return Files.readSymbolicLink(process.resolve("cwd")).startsWith(root);
    } catch (IOException e) {
      return false; // gone, or another user's
    }
  }

  private static String commandLine(Path process) {
    try {
      return new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return ""; // it has gone
    }
  }
}
