package io.revfs.dvc.pipeline;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A stage of {@code dvc.yaml} with its templates resolved.
 *
 * @param name as dvc.lock knows it; {@code group@key} of loops
 * @param group the loop it is of
 * @param workingDirectory relative to the file's directory; {@code .} by default
 * @param dependencies paths as written, relative to the working directory
 * @param parameters by file as written, relative to the working directory: keys, or none for the
 *     whole file
 * @param templated whether resolving changed it, so that it cannot be written back
 * @param used parameters that templates took, by file from the project's root and by dotted key
 * @param line where it stands, from 1
 */
public record PipelineStage(
    String name,
    Optional<String> group,
    StageCommand command,
    String workingDirectory,
    List<String> dependencies,
    Map<String, List<String>> parameters,
    List<DeclaredOutput> outputs,
    boolean frozen,
    boolean alwaysChanged,
    Optional<String> description,
    @Nullable Object meta,
    boolean templated,
    Map<String, Map<String, @Nullable Object>> used,
    int line) {}
