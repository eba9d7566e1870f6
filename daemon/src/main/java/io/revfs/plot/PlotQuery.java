package io.revfs.plot;

import io.revfs.text.RelativePaths;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Which plots are asked for.
 *
 * @param from the caller's directory, from the project's root; names of plots that are paths are
 *     relative to it
 * @param targets files, directories, names of plots, or regular expressions that these begin with;
 *     none for all plots
 * @param properties that go before those of definitions: {@code template}, {@code x}, {@code y},
 *     {@code header}, {@code title}, {@code x_label}, {@code y_label}
 */
public record PlotQuery(
    String from, List<String> targets, Map<String, @Nullable Object> properties) {
  public PlotQuery {
    targets = targets.stream().map(target -> RelativePaths.join("", target)).toList();
    properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
  }

  /** Returns whether a plot of a file of definitions (empty: of none) is asked for. */
  boolean asksFor(String definitions, String plot) {
    return targets.isEmpty()
        || targets.stream()
            .anyMatch(target -> begins(target, plot) || begins(target, id(definitions, plot)));
  }

  private static boolean begins(String target, String id) {
    if (id.startsWith(target)) {
      return true;
    }
    try {
      return Pattern.compile(target).matcher(id).lookingAt();
    } catch (PatternSyntaxException e) {
      return false; // a name with brackets and the like
    }
  }

  /** Returns the name of a plot that is defined in several places. */
  static String id(String definitions, String plot) {
    return definitions.isEmpty() ? plot : definitions + "::" + plot;
  }

  /** Returns a path from the caller's directory as one from the project's root. */
  String fromRoot(String path) {
    return RelativePaths.join(from, path);
  }

  /** Returns a path from the project's root as one from the caller's directory. */
  String fromHere(String path) {
    return RelativePaths.relative(from, path);
  }
}
