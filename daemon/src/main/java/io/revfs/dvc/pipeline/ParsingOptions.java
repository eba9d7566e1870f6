package io.revfs.dvc.pipeline;

import java.util.Optional;

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

  /** Returns the options for the two values of the configuration. */
  public static ParsingOptions of(Optional<String> bool, Optional<String> list) {
    return new ParsingOptions(
        bool.filter("boolean_optional"::equals).isPresent(),
        list.filter("append"::equals).isPresent());
  }
}
