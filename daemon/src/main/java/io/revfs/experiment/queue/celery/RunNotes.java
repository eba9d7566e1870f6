package io.revfs.experiment.queue.celery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.reach.Passages;
import io.revfs.text.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * DVC's notes on what runs, {@code .dvc/tmp/exps/run}: a directory for each run, named by the
 * stashed commit or {@code workspace}. By them each shows what the other runs. Thread-safe.
 */
public final class RunNotes {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int UMASK = 022;

  private final Path directory;

  /** {@code experiments} is {@code .dvc/tmp/exps}. */
  public RunNotes(Path experiments) {
    this.directory = experiments.resolve("run");
  }

  /**
   * Who runs the stages.
   *
   * @param exit how it ended; empty if it has not
   */
  public record Runner(long pid, OptionalInt exit) {}

  /** Returns a run's directory. */
  public Path directory(String run) {
    return directory.resolve(run);
  }

  /** Returns where what a run prints is kept. */
  public Path log(String run) {
    return directory(run).resolve(run + ".out");
  }

  /** Makes sure that there is a log: DVC reads those of all that it is told of. */
  public void prepareLog(String run) throws IOException {
    Files.createDirectories(directory(run));
    try {
      Files.createFile(log(run));
    } catch (FileAlreadyExistsException e) {
      // Who started the run has made it.
    }
  }

  private Path info(String run) {
    return directory(run).resolve(run + ".run");
  }

  private Path process(String run) {
    return directory(run).resolve(run + ".json");
  }

  /** Notes how far a run is. */
  public void write(String run, ExecutorInfo info) throws IOException {
    Files.createDirectories(directory(run));
    AtomicFile.replace(info(run), JSON.writeValueAsBytes(info.write()), UMASK);
  }

  /** Notes who runs it. */
  public void write(String run, Runner runner) throws IOException {
    Files.createDirectories(directory(run));
    Map<String, @Nullable Object> process = new LinkedHashMap<>();
    process.put("pid", runner.pid());
    process.put("stdin", null);
    Path log = log(run);
    process.put("stdout", Files.exists(log) ? Passages.shown(log).toString() : null);
    process.put("stderr", null);
    process.put("returncode", runner.exit().isPresent() ? runner.exit().getAsInt() : null);
    AtomicFile.replace(process(run), JSON.writeValueAsBytes(process), UMASK);
    String pid = Long.toString(runner.pid());
    AtomicFile.replace(
        directory(run).resolve(run + ".pid"), pid.getBytes(StandardCharsets.US_ASCII), UMASK);
  }

  /** Returns how far a run is; empty if that was not noted, or is just being. */
  public Optional<ExecutorInfo> read(String run) throws IOException {
    return json(info(run)).map(ExecutorInfo::read);
  }

  /** Returns who runs it, or ran it. */
  public Optional<Runner> runner(String run) throws IOException {
    return json(process(run))
        .map(
            node ->
                new Runner(
                    node.path("pid").asLong(),
                    node.path("returncode").isNumber()
                        ? OptionalInt.of(node.path("returncode").asInt())
                        : OptionalInt.empty()));
  }

  private static Optional<JsonNode> json(Path file) throws IOException {
    try {
      JsonNode node = JSON.readTree(Files.readAllBytes(file));
      return node != null && node.isObject() ? Optional.of(node) : Optional.empty();
    } catch (NoSuchFileException | JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
