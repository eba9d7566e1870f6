package io.revfs.experiment.queue.celery;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.reach.Passages;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What DVC notes of an experiment that runs, or ran.
 *
 * @param baseline the commit it is compared with
 * @param location what runs it, {@code workspace} or {@code dvc-task}
 * @param root the top of the work tree that it runs in
 * @param dvcDirectory from there
 * @param directory where its stages are named from, from there
 * @param hash of what came of it; null if nothing did
 * @param ref of what came of it; null if nothing did
 */
public record ExecutorInfo(
    String baseline,
    String location,
    Path root,
    String dvcDirectory,
    String name,
    String directory,
    @Nullable String hash,
    @Nullable String ref,
    boolean force,
    Status status) {
  /** How far it is, by DVC's numbers. */
  public enum Status {
    PENDING(0),
    PREPARING(1),
    RUNNING(2),
    SUCCESS(3),
    FAILED(4),
    CANCELED(5),
    FINISHED(6);

    private final int number;

    Status(int number) {
      this.number = number;
    }

    private static Status of(int number) {
      for (Status status : values()) {
        if (status.number == number) {
          return status;
        }
      }
      return number < 0 ? PENDING : FINISHED;
    }
  }

  /** Returns the same at another stage, or in another place. */
  public ExecutorInfo at(Status now, Path inRoot) {
    return new ExecutorInfo(
        baseline, location, inRoot, dvcDirectory, name, directory, hash, ref, force, now);
  }

  /** Returns the same with what came of it. */
  public ExecutorInfo with(String itsHash, String itsRef) {
    return new ExecutorInfo(
        baseline,
        location,
        root,
        dvcDirectory,
        name,
        directory,
        itsHash,
        itsRef,
        force,
        Status.FINISHED);
  }

  /** Returns the same when all is done. */
  public ExecutorInfo ended() {
    return at(Status.FINISHED, root);
  }

  static ExecutorInfo read(JsonNode node) {
    return new ExecutorInfo(
        node.path("baseline_rev").asText(""),
        node.path("location").asText(""),
        Path.of(node.path("root_dir").asText("").replace("\0", "")),
        node.path("dvc_dir").asText(""),
        node.path("name").asText(""),
        node.path("wdir").asText(""),
        node.hasNonNull("result_hash") ? node.path("result_hash").asText() : null,
        node.hasNonNull("result_ref") ? node.path("result_ref").asText() : null,
        node.path("result_force").asBoolean(),
        node.path("collected").asBoolean()
            ? Status.FINISHED
            : Status.of(node.path("status").asInt()));
  }

  Map<String, @Nullable Object> write() {
    Map<String, @Nullable Object> info = new LinkedHashMap<>();
    Path shown = Passages.shown(root); // it is for others, too
    info.put("git_url", "file://" + shown);
    info.put("baseline_rev", baseline);
    info.put("location", location);
    info.put("root_dir", shown.toString());
    info.put("dvc_dir", dvcDirectory);
    info.put("name", name);
    info.put("wdir", directory);
    info.put("result_hash", hash);
    info.put("result_ref", ref);
    info.put("result_force", force);
    info.put("status", status.number);
    return info;
  }
}
