package io.revfs.stage;

import io.revfs.dvc.Dependency;
import io.revfs.dvc.pipeline.StageCommand;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A stage: of a {@code .dvc} file, or of a {@code dvc.yaml} with what its {@code dvc.lock}
 * remembers. Immutable.
 *
 * @param workingDirectory from the project's root
 * @param command what it runs; absent for {@code .dvc} files that only track or import
 * @param lockedCommand what it ran when it was locked; absent if it never was
 * @param deps files it depends on, in the order written
 * @param params parameters it depends on, by file, in the order written
 * @param outs in the order: outs, metrics, plots
 * @param details what does not decide whether it is changed
 */
public record Stage(
    StageId id,
    String workingDirectory,
    Optional<StageCommand> command,
    Optional<StageCommand> lockedCommand,
    List<Dep> deps,
    List<ParamsDep> params,
    List<Out> outs,
    boolean frozen,
    boolean alwaysChanged,
    Details details) {
  public Stage {
    deps = List.copyOf(deps);
    params = List.copyOf(params);
    outs = List.copyOf(outs);
  }

  /**
   * The rest.
   *
   * @param description {@code desc}
   * @param meta any value of YAML
   * @param checksum {@code md5} at the top of a {@code .dvc} file
   * @param group the loop of dvc.yaml that made it
   * @param templated whether templates made it, so that it cannot be written back to dvc.yaml
   * @param used parameters that templates took, by file from the project's root and dotted key
   */
  public record Details(
      Optional<String> description,
      @Nullable Object meta,
      Optional<String> checksum,
      Optional<String> group,
      boolean templated,
      Map<String, Map<String, @Nullable Object>> used) {}

  /** Returns whether it is of a {@code dvc.yaml}. */
  public boolean isPipeline() {
    return id.isPipeline();
  }

  /**
   * Returns whether it runs a command, but depends on nothing and makes nothing: it always runs.
   */
  public boolean isCallback() {
    return command.isPresent() && deps.isEmpty() && params.isEmpty() && outs.isEmpty();
  }

  /** Returns whether {@code import} or {@code import-url} made it. */
  public boolean isImport() {
    return command.isEmpty() && deps.size() == 1 && outs.size() == 1;
  }

  /** Returns whether {@code import} made it: from another repository. */
  public boolean isRepositoryImport() {
    return isImport() && deps.getFirst().isFromRepository();
  }

  /** Returns whether it is an import from a store that keeps the version that was imported. */
  public boolean isVersionedImport() {
    Optional<Dependency> source = isImport() ? deps.getFirst().source() : Optional.empty();
    return source.isPresent()
        && (source.get().versionId().isPresent()
            || source.get().isVersionAware()
            || !source.get().files().isEmpty());
  }

  /** Returns whether it is an import whose data was not downloaded yet. */
  public boolean isPartialImport() {
    return isImport() && !outs.getFirst().isRecorded();
  }

  /** Returns whether {@code dvc.lock} knows it; always for {@code .dvc} files. */
  public boolean isLocked() {
    return !isPipeline() || lockedCommand.isPresent();
  }

  /** Returns whether the command is another one than when it was locked; false if it never was. */
  public boolean isCommandChanged() {
    return isPipeline()
        && lockedCommand.isPresent()
        && !command.map(StageCommand::value).equals(lockedCommand.map(StageCommand::value));
  }

  /** Returns the {@code dvc.lock} of a stage of a {@code dvc.yaml}, from the root. */
  public String lockFile() {
    String file = id.file();
    return file.substring(0, file.length() - "yaml".length()) + "lock";
  }

  /** Returns the stage with other outputs. */
  public Stage withOuts(List<Out> now) {
    return new Stage(
        id,
        workingDirectory,
        command,
        lockedCommand,
        deps,
        params,
        now,
        frozen,
        alwaysChanged,
        details);
  }
}
