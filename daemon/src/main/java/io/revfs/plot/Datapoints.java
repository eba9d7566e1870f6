package io.revfs.plot;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Data points in what a file holds: in a list of maps with the same keys. Several such lists, at
 * any depth of maps, are joined point by point.
 */
final class Datapoints {
  private Datapoints() {}

  /** Returns the points; they are not to be changed. */
  static List<Row> of(Object content) {
    Row.Columns columns = new Row.Columns();
    List<Row> points = new ArrayList<>();
    for (List<?> list : lists(content)) {
      if (isTable(list)) {
        join(points, columns, list);
      }
    }
    return points;
  }

  /** Returns the last field of the first point: what is drawn if nobody says what. */
  static Optional<String> lastField(Object content) {
    for (List<?> list : lists(content)) {
      if (!list.isEmpty()
          && list.stream().allMatch(item -> item instanceof Map<?, ?>)
          && list.getFirst() instanceof Map<?, ?> first
          && !first.isEmpty()) {
        List<Object> keys = new ArrayList<>(first.keySet());
        return Optional.of(String.valueOf(keys.getLast()));
      }
    }
    return Optional.empty();
  }

  private static List<List<?>> lists(Object content) {
    List<List<?>> lists = new ArrayList<>();
    collect(content, lists);
    return lists;
  }

  private static void collect(@Nullable Object content, List<List<?>> to) {
    switch (content) {
      case List<?> list -> to.add(list);
      case Map<?, ?> map -> map.values().forEach(value -> collect(value, to));
      case null, default -> {}
    }
  }

  /** Points with different keys are no table: nothing good would come of them. */
  private static boolean isTable(List<?> list) {
    if (list.isEmpty() || !list.stream().allMatch(item -> item instanceof Map<?, ?>)) {
      return false;
    }
    Set<Object> all = new HashSet<>();
    list.forEach(item -> all.addAll(((Map<?, ?>) item).keySet()));
    return ((Map<?, ?>) list.getFirst()).keySet().equals(all);
  }

  private static void join(List<Row> points, Row.Columns columns, List<?> list) {
    for (int i = 0; i < list.size(); i++) {
      boolean isNew = points.size() <= i;
      if (isNew && list.get(i) instanceof Row row) {
        points.add(row); // a table is one list, and nothing is joined to it
        continue;
      }
      if (isNew) {
        points.add(new Row(columns));
      }
      Row point = points.get(i);
      ((Map<?, ?>) list.get(i)).forEach((key, value) -> point.put(String.valueOf(key), value));
    }
  }
}
