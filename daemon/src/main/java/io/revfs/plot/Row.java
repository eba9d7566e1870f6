package io.revfs.plot;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A point as a map of a quarter of the usual size: rows of one table share the names of its
 * columns. Tables of a million points are not rare. Not thread-safe, nor are rows of one table.
 */
final class Row extends AbstractMap<String, @Nullable Object> {
  /** In the place of a value that a row does not have. */
  private static final Object ABSENT = new Object();

  private final Columns columns;
  private @Nullable Object[] values;

  /** The names of a table. */
  static final class Columns {
    private final List<String> names = new ArrayList<>();
    private final Map<String, Integer> places = new HashMap<>();

    private int place(String name) {
      Integer place = places.get(name);
      if (place == null) {
        place = names.size();
        places.put(name, place);
        names.add(name);
      }
      return place;
    }
  }

  Row(Columns columns) {
    this(columns, new @Nullable Object[columns.names.size()]);
    Arrays.fill(values, ABSENT);
  }

  private Row(Columns columns, @Nullable Object[] values) {
    this.columns = columns;
    this.values = values;
  }

  /** Returns a copy that may be changed. */
  Row copy() {
    return new Row(columns, values.clone());
  }

  @Override
  public @Nullable Object put(String name, @Nullable Object value) {
    int place = columns.place(name);
    if (place >= values.length) {
      int length = values.length;
      values = Arrays.copyOf(values, columns.names.size());
      Arrays.fill(values, length, values.length, ABSENT);
    }
    Object before = values[place];
    values[place] = value;
    return before == ABSENT ? null : before;
  }

  private @Nullable Object at(@Nullable Object name) {
    Integer place = name instanceof String ? columns.places.get(name) : null;
    return place == null || place >= values.length ? ABSENT : values[place];
  }

  @Override
  public @Nullable Object get(@Nullable Object name) {
    Object value = at(name);
    return value == ABSENT ? null : value;
  }

  @Override
  public boolean containsKey(@Nullable Object name) {
    return at(name) != ABSENT;
  }

  @Override
  public @Nullable Object remove(@Nullable Object name) {
    Object before = at(name);
    if (before == ABSENT) {
      return null;
    }
    values[columns.place(String.valueOf(name))] = ABSENT;
    return before;
  }

  @Override
  public Set<Entry<String, @Nullable Object>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public Iterator<Entry<String, @Nullable Object>> iterator() {
        return new Entries();
      }

      @Override
      public int size() {
        int size = 0;
        for (Object value : values) {
          size += value == ABSENT ? 0 : 1;
        }
        return size;
      }
    };
  }

  private final class Entries implements Iterator<Entry<String, @Nullable Object>> {
    private int next;

    @Override
    public boolean hasNext() {
      while (next < values.length && values[next] == ABSENT) {
        next++;
      }
      return next < values.length;
    }

    @Override
    public Entry<String, @Nullable Object> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      int place = next++;
      return new SimpleImmutableEntry<>(columns.names.get(place), values[place]);
    }
  }
}
