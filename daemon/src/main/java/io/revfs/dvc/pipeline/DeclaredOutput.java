package io.revfs.dvc.pipeline;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An output as {@code dvc.yaml} declares it.
 *
 * @param path as written, relative to the stage's working directory
 * @param cached false for {@code cache: false}: Git has it
 * @param persist whether it stays when the stage runs again
 * @param remote the remote it is stored on instead of the default
 * @param push whether it is pushed at all
 * @param annotations {@code desc}, {@code type}, {@code labels}, {@code meta} as far as given
 * @param plot properties of a plot: {@code x}, {@code y}, {@code template} and so on
 */
public record DeclaredOutput(
    String path,
    Kind kind,
    boolean cached,
    boolean persist,
    Optional<String> remote,
    boolean push,
    Map<String, @Nullable Object> annotations,
    Map<String, @Nullable Object> plot) {
  /** The list of the stage that it stands in. */
  public enum Kind {
    OUTPUT("outs"),
    METRIC("metrics"),
    PLOT("plots");

    private final String key;

    Kind(String key) {
      this.key = key;
    }

    /** Returns the key in {@code dvc.yaml}. */
    public String key() {
      return key;
    }
  }
}
