package io.revfs.trace.run;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Mount name spaces of this user's: how a program is started in one, and whether this system allows
 * them. Thread-safe.
 */
final class NameSpaces {
  private static final long SECONDS = 10;

  /** As the launcher does: mounts a device of its own; that name space is gone with its process. */
  private static final String TRIAL =
      "exec 9<>/dev/fuse && exec mount -i -t fuse.revfs"
          + " -o fd=9,rootmode=40000,user_id=$2,group_id=$3 revfs \"$1\"";

  private final String program;
  private volatile boolean allowed;

  /** {@code program}: unshare(1), or where that is. */
  NameSpaces(String program) {
    this.program = program;
  }

  static int id(String attribute) throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), attribute);
  }

  static boolean isRoot() throws IOException {
    return id("unix:uid") == 0;
  }

  /** Returns the words that start what follows them in a mount name space of its own. */
  List<String> words() throws IOException {
    List<String> words = new ArrayList<>(List.of(program, "--mount", "--propagation", "slave"));
    if (!isRoot()) {
      words.addAll(List.of("--user", "--map-current-user", "--keep-caps"));
    }
    words.add("--");
    return words;
  }

  /**
   * Returns why there can be none; empty if there can be. What was allowed once is taken to be so.
   *
   * @param place a directory, over which something is mounted for a moment that nobody sees
   */
  Optional<String> refusal(Path place) throws IOException {
    if (allowed) {
      return Optional.empty();
    }
    List<String> words = words();
    words.addAll(List.of("/bin/sh", "-c", TRIAL, "revfs", place.toString()));
    words.addAll(List.of(Integer.toString(id("unix:uid")), Integer.toString(id("unix:gid"))));
    Process process;
    try {
      process = new ProcessBuilder(words).redirectErrorStream(true).start();
    } catch (IOException e) {
      return Optional.of(words.getFirst() + " is not installed (package util-linux)");
    }
    try {
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.of(words.getFirst() + " does not end");
      }
      if (process.exitValue() == 0) {
        allowed = true;
        return Optional.empty();
      }
      String line = said.strip().lines().findFirst().orElse("");
      return Optional.of(line.isEmpty() ? "exit status " + process.exitValue() : line);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(program);
    }
  }
}
