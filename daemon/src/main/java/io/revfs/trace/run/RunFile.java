package io.revfs.trace.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.config.DurableFile;
import io.revfs.trace.recording.Recorder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * What the next process must know of a run that goes on, in the run's directory.
 *
 * @param began as {@link Instant} writes it
 * @param attached whether the working copy was attached
 * @param sessions the first one is that over the working copy; none: the mount that is there hears
 */
record RunFile(
    String id,
    List<String> command,
    String root,
    String directory,
    String commit,
    String began,
    boolean attached,
    List<Session> sessions) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NAME = "run.json";

  /** Its record is over; somebody uses its sessions still. */
  private static final String OVER = "over";

  RunFile {
    command = List.copyOf(command);
    sessions = List.copyOf(sessions);
  }

  /**
   * One session.
   *
   * @param place where it is mounted
   * @param name of what is kept of it
   */
  record Session(String place, String name) {}

  static RunFile of(Recorder.Beginning run, boolean attached, List<Session> sessions) {
    return new RunFile(
        run.id(),
        run.command(),
        run.root(),
        run.directory(),
        run.commit(),
        run.at().toString(),
        attached,
        sessions);
  }

  Recorder.Beginning beginning() {
    return new Recorder.Beginning(id, command, root, directory, commit, Instant.parse(began));
  }

  /** Returns where a session is found again, by its number. */
  static Path key(Path directory, int number) {
    return directory.resolve("session-" + number);
  }

  void write(Path directory) throws IOException {
    DurableFile.replace(directory.resolve(NAME), JSON.writeValueAsBytes(this));
  }

  /** Says that the record is over. */
  static void end(Path directory) throws IOException {
    Files.write(directory.resolve(OVER), new byte[0]);
  }

  /** Returns whether the record is over. */
  static boolean isOver(Path directory) {
    return Files.exists(directory.resolve(OVER));
  }

  static RunFile read(Path directory) throws IOException {
    return JSON.readValue(Files.readAllBytes(directory.resolve(NAME)), RunFile.class);
  }
}
