package io.revfs.dvc.pipeline;

import io.revfs.dvc.DvcConfig;

/**
 * How a map in a command is written as options: section {@code parsing} of the configuration.
 *
 * @param negatedFlags whether {@code false} is {@code --no-key} ({@code boolean_optional}) rather
 *     than nothing
 * @param repeatedKeys whether each item of a list has the key before it ({@code append})
 */
public record ParsingOptions(boolean negatedFlags, boolean repeatedKeys) {
  /** DVC's defaults: {@code store_true} and {@code nargs}. */
  public static final ParsingOptions DEFAULT = new ParsingOptions(false, false);

  /** Returns those that a configuration says. */
  public static ParsingOptions of(DvcConfig config) {
    return new ParsingOptions(
        says(config, "bool", "boolean_optional"), says(config, "list", "append"));
  }

  private static boolean says(DvcConfig config, String option, String word) {
    return config.get("parsing", option).filter(word::equalsIgnoreCase).isPresent();
  }
}
