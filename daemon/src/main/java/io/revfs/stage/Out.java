package io.revfs.stage;

import io.revfs.dvc.Output;
import io.revfs.dvc.pipeline.DeclaredOutput;
import io.revfs.object.ObjectKey;
import io.revfs.text.RelativePaths;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * An output of a stage.
 *
 * @param owner the stage
 * @param recorded what the {@code .dvc} file or {@code dvc.lock} remembers of it, with {@code
 *     cache}, {@code remote} and {@code push} as dvc.yaml has them; its key is absent if it was
 *     never made
 * @param persist whether it stays when the stage runs again
 * @param annotations {@code desc}, {@code type}, {@code labels}, {@code meta} as far as given
 * @param plot properties of a plot
 */
public record Out(
    StageId owner,
    Place place,
    Output recorded,
    DeclaredOutput.Kind kind,
    boolean persist,
    Map<String, @Nullable Object> annotations,
    Map<String, @Nullable Object> plot) {
  /**
   * Returns an output that nothing tracks yet, for a {@code .dvc} file beside it.
   *
   * @param path from the project's root
   */
  public static Out untracked(String path) {
    String name = RelativePaths.name(path);
    return new Out(
        new StageId(path + StageLoader.SUFFIX, ""),
        new Place(name, Place.Kind.PROJECT, path),
        Output.unknown(name, 0),
        DeclaredOutput.Kind.OUTPUT,
        false,
        Map.of(),
        Map.of());
  }

  /** Returns the object, or manifest, that was there when the stage last ran. */
  public Optional<ObjectKey> key() {
    return recorded.key();
  }

  /** Returns its size in bytes; of a directory the sum of its files. */
  public OptionalLong size() {
    return recorded.size();
  }

  /** Returns false for {@code cache: false}: Git has it. */
  public boolean cached() {
    return recorded.cached();
  }

  /** Returns the remote it is stored on instead of the default. */
  public Optional<String> remote() {
    return recorded.remote();
  }

  /** Returns whether it is pushed at all. */
  public boolean push() {
    return recorded.push();
  }

  /** Returns its path from the project's root; absolute, or a URL, if it is not in there. */
  public String path() {
    return place.path();
  }

  /** Returns whether anything is recorded. */
  public boolean isRecorded() {
    return recorded.key().isPresent() || !recorded.files().isEmpty();
  }

  /** Returns whether it is a metrics file. */
  public boolean isMetric() {
    return kind == DeclaredOutput.Kind.METRIC;
  }

  /** Returns whether it is a plot. */
  public boolean isPlot() {
    return kind == DeclaredOutput.Kind.PLOT;
  }

  /** Returns the output with another state recorded. */
  public Out with(Output now) {
    return new Out(owner, place, now, kind, persist, annotations, plot);
  }
}
