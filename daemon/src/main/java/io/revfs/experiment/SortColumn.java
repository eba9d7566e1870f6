package io.revfs.experiment;

import io.revfs.metric.ValueDiff;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The metric or parameter that experiments are sorted by.
 *
 * @param name {@code [file:]name}; empty for none
 * @param descending whether the largest is first; experiments without the value are last either way
 */
public record SortColumn(String name, boolean descending) {
  /** No order of anybody's. */
  public static final SortColumn NONE = new SortColumn("", false);

  /** There is no such column, or there are several. */
  public static final class UnknownException extends IOException {
    private static final long serialVersionUID = 1L;

    UnknownException(String message) {
      super(message);
    }
  }

  /** Where the values are. */
  record Resolved(boolean any, boolean metric, String file, String name, boolean descending) {
    List<ExperimentRow> sorted(
        List<ExperimentRow> rows,
        Function<ExperimentRow, ExperimentValues.@Nullable Sections> values) {
      if (!any) {
        return rows;
      }
      record Valued(ExperimentRow row, Object value) {}
      List<Valued> with = new ArrayList<>();
      List<ExperimentRow> without = new ArrayList<>();
      for (ExperimentRow row : rows) {
        Object value = value(values.apply(row));
        if (value == null) {
          without.add(row);
        } else {
          with.add(new Valued(row, value));
        }
      }
      Comparator<Valued> order = Comparator.comparing(Valued::value, ExperimentTable.BY_VALUE);
      with.sort(descending ? order.reversed() : order);
      List<ExperimentRow> sorted = new ArrayList<>(with.stream().map(Valued::row).toList());
      sorted.addAll(without);
      return sorted;
    }

    private @Nullable Object value(ExperimentValues.@Nullable Sections sections) {
      if (sections == null) {
        return null;
      }
      Map<String, @Nullable Object> content =
          (metric ? sections.metrics() : sections.params()).get(file);
      return content != null && content.get("data") instanceof Map<?, ?> map
          ? ValueDiff.flattened(map).get(name)
          : null;
    }
  }

  private record Match(boolean metric, String file, String name) {}

  /** Finds the column. */
  Resolved resolve(Map<String, Set<String>> metrics, Map<String, Set<String>> params)
      throws UnknownException {
    if (name.isEmpty()) {
      return new Resolved(false, false, "", "", false);
    }
    Set<Match> matches = new LinkedHashSet<>();
    for (int colon = name.indexOf(':'); colon >= 0; colon = name.indexOf(':', colon + 1)) {
      String file = name.substring(0, colon);
      String rest = name.substring(colon + 1);
      if (metrics.getOrDefault(file, Set.of()).contains(rest)) {
        matches.add(new Match(true, file, rest));
      }
      if (params.getOrDefault(file, Set.of()).contains(rest)) {
        matches.add(new Match(false, file, rest));
      }
    }
    String plain = name.startsWith(":") ? name.substring(1) : name;
    if (matches.isEmpty()) {
      metrics.forEach((file, names) -> addIf(matches, names, new Match(true, file, plain)));
      params.forEach((file, names) -> addIf(matches, names, new Match(false, file, plain)));
    }
    if (matches.isEmpty()) {
      throw new UnknownException("Unknown sort column '" + name + "'");
    }
    if (matches.size() > 1) {
      throw new UnknownException(
          "Ambiguous sort column '%s' matched '%s'"
              .formatted(
                  name,
                  String.join(
                      ", ", matches.stream().map(m -> m.file() + ":" + m.name()).toList())));
    }
    Match match = matches.iterator().next();
    return new Resolved(true, match.metric(), match.file(), match.name(), descending);
  }

  private static void addIf(Set<Match> matches, Set<String> names, Match match) {
    if (names.contains(match.name())) {
      matches.add(match);
    }
  }
}
