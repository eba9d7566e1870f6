package io.revfs.cli.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Processes that a run started, found by a variable that all of them inherit: also those whose
 * parent has ended, or that made a session of their own, which neither process groups nor the tree
 * of processes show. One that clears its environment is not found.
 */
final class MarkedProcesses {
  /** The variable; its value is the run's. */
  static final String MARK = "REVFS_STAGE_RUN";

  private static final int MOST_CHARACTERS = 80;
  private static final int OPENED_FOR_READING = 0;
  private static final int ACCESS_MODE = 3;

  private MarkedProcesses() {}

  /** Returns those of a run that live; none where there is no /proc. */
  static List<ProcessHandle> of(String run) {
    byte[] mark = (MARK + "=" + run + "\0").getBytes(StandardCharsets.UTF_8);
    long self = ProcessHandle.current().pid();
    List<ProcessHandle> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : all) {
        long pid = Long.parseLong(String.valueOf(process.getFileName()));
        if (pid != self && isMarked(process, mark)) {
          ProcessHandle.of(pid).filter(ProcessHandle::isAlive).ifPresent(found::add);
        }
      }
    } catch (IOException e) {
      return List.of();
    }
    return found;
  }

  private static boolean isMarked(Path process, byte[] mark) {
    try {
      byte[] environment = Files.readAllBytes(process.resolve("environ"));
      for (int at = 0; at <= environment.length - mark.length; at++) {
        boolean begins = at == 0 || environment[at - 1] == 0;
        if (begins
            && java.util.Arrays.equals(environment, at, at + mark.length, mark, 0, mark.length)) {
          return true;
        }
      }
    } catch (IOException e) {
      return false; // it has gone, or is another user's
    }
    return false;
  }

  /** Returns a process's command line, cut to a length that fits into a message. */
  static String commandLine(ProcessHandle process) {
    try {
      byte[] bytes = Files.readAllBytes(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
      String text = new String(bytes, StandardCharsets.UTF_8).replace('\0', ' ').strip();
      return text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS) + "…" : text;
    } catch (IOException e) {
      return "?";
    }
  }

  /** Returns the first of some paths that a process has open for writing, or has a file in open. */
  static @Nullable Path writes(ProcessHandle process, List<Path> outputs) {
    Path proc = Path.of("/proc", Long.toString(process.pid()));
    try (DirectoryStream<Path> all = Files.newDirectoryStream(proc.resolve("fd"))) {
      for (Path descriptor : all) {
        Optional<Path> output = writes(proc, descriptor, outputs);
        if (output.isPresent()) {
          return output.get();
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return null; // it has gone
    }
    return null;
  }

  private static Optional<Path> writes(Path proc, Path descriptor, List<Path> outputs) {
    try {
      Path file = Files.readSymbolicLink(descriptor);
      Optional<Path> output = outputs.stream().filter(file::startsWith).findFirst();
      return output.isPresent() && isForWriting(proc, descriptor) ? output : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // closed meanwhile; others may be open
    }
  }

  private static boolean isForWriting(Path proc, Path descriptor) throws IOException {
    Path info = proc.resolve("fdinfo").resolve(String.valueOf(descriptor.getFileName()));
    for (String line : Files.readAllLines(info)) {
      if (line.startsWith("flags:")) {
        int flags = (int) Long.parseLong(line.substring(6).strip(), 8);
        return (flags & ACCESS_MODE) != OPENED_FOR_READING;
      }
    }
    return false;
  }
}
