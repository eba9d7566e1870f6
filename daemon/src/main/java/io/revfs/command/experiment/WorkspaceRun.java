package io.revfs.command.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.experiment.ExperimentRow;
import io.revfs.experiment.queue.Views;
import io.revfs.project.Project;
import io.revfs.reach.Passages;
import io.revfs.text.AtomicFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the experiment that runs in the work tree, in DVC's own files: each shows what
 * the other runs, and editors know whom to stop.
 *
 * @param pid of the process that runs its commands
 */
public record WorkspaceRun(String name, String baseline, String root, long pid) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NAME = "workspace";
  private static final int UMASK = 022;
  private static final int RUNNING = 2; // DVC: pending, preparing, running, success, failed, …
  private static final int SUCCESS = 3;

  private static Path directory(Project project) throws IOException {
    return project.tmp().resolve("exps/run").resolve(NAME);
  }

  /** Notes that it runs, until the returned thing is closed. */
  public Closeable note(Project project, Path top) throws IOException {
    Path directory = Files.createDirectories(directory(project));
    Map<String, @Nullable Object> run = new LinkedHashMap<>();
    run.put("git_url", "file://" + Passages.shown(top));
    run.put("baseline_rev", baseline);
    run.put("location", NAME);
    run.put("root_dir", Passages.shown(top).toString());
    run.put("dvc_dir", top.relativize(project.dvcDirectory()).toString());
    run.put("name", name);
    run.put("wdir", top.relativize(project.root()).toString());
    run.put("result_hash", null);
    run.put("result_ref", null);
    run.put("result_force", false);
    run.put("status", RUNNING);
    Map<String, @Nullable Object> process = new LinkedHashMap<>();
    process.put("pid", pid);
    for (String stream : new String[] {"stdin", "stdout", "stderr", "returncode"}) {
      process.put(stream, null);
    }
    write(directory.resolve(NAME + ".run"), run);
    write(directory.resolve(NAME + ".json"), process);
    return () -> Views.delete(directory);
  }

  private static void write(Path file, Object content) throws IOException {
    AtomicFile.replace(file, JSON.writeValueAsBytes(content), UMASK);
  }

  /** Returns the one that runs; empty if none does. */
  public static Optional<WorkspaceRun> read(Project project) {
    try {
      Path directory = directory(project);
      Path process = directory.resolve(NAME + ".json");
      Path file = directory.resolve(NAME + ".run");
      if (!Files.exists(process) || !Files.exists(file)) {
        return Optional.empty();
      }
      long pid = JSON.readTree(Files.readAllBytes(process)).path("pid").asLong();
      JsonNode run = JSON.readTree(Files.readAllBytes(file));
      boolean runs =
          run.path("status").asInt() < SUCCESS
              && ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
      return runs
          ? Optional.of(
              new WorkspaceRun(
                  run.path("name").asText(),
                  run.path("baseline_rev").asText(),
                  run.path("root_dir").asText(),
                  pid))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // it has just ended
    }
  }

  /** Returns who runs it. */
  public ExperimentRow.Executor executor() {
    return new ExperimentRow.Executor(
        ExperimentRow.Outcome.RUNNING,
        Optional.of(NAME),
        Optional.of(root),
        Optional.empty(),
        OptionalLong.of(pid),
        OptionalInt.empty(),
        Optional.empty());
  }
}
