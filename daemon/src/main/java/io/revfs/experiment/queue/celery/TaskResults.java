package io.revfs.experiment.queue.celery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.text.AtomicFile;
import io.revfs.text.PythonJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What Celery has of tasks that have ended: a file for each. Thread-safe. */
public final class TaskResults {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> READY = Set.of("SUCCESS", "FAILURE", "REVOKED");
  private static final int UMASK = 022;

  private final Path directory;

  /** {@code celery} is DVC's directory of it. */
  public TaskResults(Path celery) {
    this.directory = celery.resolve("result");
  }

  private Path file(String task) {
    return directory.resolve("celery-task-meta-" + task);
  }

  /** Returns whether a task has ended, well or not. */
  public boolean isReady(String task) throws IOException {
    try {
      byte[] content = Files.readAllBytes(file(task));
      return content.length > 0 && READY.contains(JSON.readTree(content).path("status").asText());
    } catch (NoSuchFileException | JsonProcessingException e) {
      return false; // not yet, or not wholly
    }
  }

  /**
   * Notes that a task has ended.
   *
   * @param well false if it could not even be begun; an experiment that failed ended well
   */
  public void end(String task, boolean well) throws IOException {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    result.put("status", well ? "SUCCESS" : "FAILURE");
    result.put("result", null);
    result.put("traceback", null);
    result.put("children", null);
    LocalDateTime now = LocalDateTime.ofInstant(Instant.now(), ZoneOffset.UTC);
    result.put("date_done", now.truncatedTo(ChronoUnit.MICROS).toString());
    result.put("task_id", task);
    Files.createDirectories(directory);
    byte[] text = PythonJson.inOrder(result).getBytes(StandardCharsets.UTF_8);
    AtomicFile.replace(file(task), text, UMASK);
  }

  /** Lets a result go. */
  public void forget(String task) throws IOException {
    Files.deleteIfExists(file(task));
  }
}
