package io.revfs.experiment;

import io.revfs.metric.ValueDiff;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Experiments as a table: a column for each metric, parameter and dependency. Not thread-safe. */
public final class ExperimentTable {
  private static final List<String> FIRST =
      List.of("Experiment", "rev", "typ", "Created", "parent", "State", "Executor");
  private static final String ERROR = "!";

  private final Style style;
  private final List<String> headers = new ArrayList<>(FIRST);
  private final Map<String, Integer> columns = new HashMap<>();
  private final List<String[]> rows = new ArrayList<>();

  /**
   * How values are shown.
   *
   * @param precision how many digits of a float count; 0 for all
   * @param fill what stands where nothing is
   * @param exactTimes whether times are in full rather than for people
   * @param now for which day a time of day is enough
   */
  public record Style(int precision, String fill, boolean exactTimes, ZoneId zone, Instant now) {}

  /** What a cell's column is for. */
  private record Read(ExperimentState state, ExperimentValues.@Nullable Sections values) {}

  private ExperimentTable(Style style) {
    this.style = style;
  }

  /**
   * Makes the table.
   *
   * @param sort how experiments of one baseline follow each other; empty for the newest first
   * @throws SortColumn.UnknownException if there is no such column, or more than one
   */
  public static ExperimentTable of(List<BaselineRow> baselines, Style style, SortColumn sort)
      throws SortColumn.UnknownException {
    ExperimentTable table = new ExperimentTable(style);
    table.fill(baselines, sort);
    return table;
  }

  private void fill(List<BaselineRow> baselines, SortColumn sort)
      throws SortColumn.UnknownException {
    Map<ExperimentState, Read> read = new HashMap<>();
    ValueNames metrics = new ValueNames();
    ValueNames params = new ValueNames();
    Set<String> deps = new TreeSet<>();
    for (BaselineRow baseline : baselines) {
      List<ExperimentState> states = new ArrayList<>(List.of(baseline.state()));
      baseline.experiments().forEach(row -> states.add(row.state()));
      for (ExperimentState state : states) {
        Read one = new Read(state, state.values().map(ExperimentValues::sections).orElse(null));
        read.put(state, one);
        if (one.values() != null) {
          metrics.add(one.values().metrics());
          params.add(one.values().params());
          deps.addAll(one.values().deps().keySet());
        }
      }
    }
    Set<String> ambiguous = ambiguous(metrics, params);
    headers.addAll(metrics.headers(ambiguous));
    headers.addAll(params.headers(ambiguous));
    headers.addAll(deps);
    for (int i = 0; i < headers.size(); i++) {
      columns.putIfAbsent(headers.get(i), i);
    }
    SortColumn.Resolved order = sort.resolve(metrics.names(), params.names());
    for (BaselineRow baseline : baselines) {
      add(baseline, read, ambiguous);
      List<ExperimentRow> experiments =
          order.sorted(
              baseline.experiments(),
              row -> java.util.Objects.requireNonNull(read.get(row.state())).values());
      for (int i = 0; i < experiments.size(); i++) {
        boolean last = i == experiments.size() - 1;
        add(experiments.get(i), last, read, ambiguous);
      }
    }
  }

  /** Names that stand in several files, or that are another column's, get their file before. */
  private static Set<String> ambiguous(ValueNames metrics, ValueNames params) {
    Map<String, Set<String>> files = new LinkedHashMap<>(metrics.names());
    files.putAll(params.names());
    Set<String> seen = new HashSet<>(FIRST);
    Set<String> twice = new HashSet<>();
    files
        .values()
        .forEach(
            names ->
                names.forEach(
                    name -> {
                      if (!seen.add(name)) {
                        twice.add(name);
                      }
                    }));
    return twice;
  }

  /** The dotted names of values by file, in the order in which they were first seen. */
  private static final class ValueNames {
    private final Map<String, Set<String>> names = new LinkedHashMap<>();

    void add(Map<String, Map<String, @Nullable Object>> files) {
      files.forEach(
          (file, content) -> {
            if (content.get("data") instanceof Map<?, ?> map) {
              names
                  .computeIfAbsent(file, f -> new LinkedHashSet<>())
                  .addAll(ValueDiff.flattened(map).keySet());
            }
          });
    }

    Map<String, Set<String>> names() {
      return names;
    }

    List<String> headers(Set<String> ambiguous) {
      List<String> headers = new ArrayList<>();
      names.forEach(
          (file, inFile) -> inFile.forEach(name -> headers.add(header(file, name, ambiguous))));
      return headers;
    }
  }

  private static String header(String file, String name, Set<String> ambiguous) {
    return ambiguous.contains(name) ? file + ":" + name : name;
  }

  private String[] row() {
    String[] row = new String[headers.size()];
    Arrays.fill(row, style.fill());
    rows.add(row);
    return row;
  }

  private void add(BaselineRow baseline, Map<ExperimentState, Read> read, Set<String> ambiguous) {
    String[] row = row();
    ExperimentState state = baseline.state();
    row[0] = "";
    row[1] = state.name().orElse(shortened(state.revision()));
    row[2] = "baseline";
    row[4] = "";
    cells(row, java.util.Objects.requireNonNull(read.get(state)), ambiguous);
  }

  private void add(
      ExperimentRow experiment,
      boolean last,
      Map<ExperimentState, Read> read,
      Set<String> ambiguous) {
    String[] row = row();
    ExperimentState state = experiment.state();
    row[0] = experiment.name();
    row[1] = shortened(state.revision());
    row[2] = last ? "branch_base" : "branch_commit";
    row[4] = "";
    experiment
        .executor()
        .ifPresent(
            executor -> {
              row[5] = capitalized(executor.outcome().name());
              executor.place().ifPresent(place -> row[6] = capitalized(place));
            });
    cells(row, java.util.Objects.requireNonNull(read.get(state)), ambiguous);
  }

  private static String shortened(String revision) {
    return revision.matches("[0-9a-f]{40}") ? revision.substring(0, 7) : revision;
  }

  private static String capitalized(String word) {
    return word.substring(0, 1).toUpperCase(Locale.ROOT)
        + word.substring(1).toLowerCase(Locale.ROOT);
  }

  private void cells(String[] row, Read read, Set<String> ambiguous) {
    ExperimentValues.Sections values = read.values();
    if (values == null) {
      return;
    }
    read.state().time().ifPresent(time -> row[3] = time(time));
    values(row, values.metrics(), ambiguous);
    values(row, values.params(), ambiguous);
    values
        .deps()
        .forEach(
            (path, dep) -> {
              if (dep.get("hash") instanceof String hash) {
                row[column(path)] = hash;
              }
            });
  }

  private int column(String header) {
    return java.util.Objects.requireNonNull(columns.get(header), header);
  }

  private void values(
      String[] row, Map<String, Map<String, @Nullable Object>> files, Set<String> ambiguous) {
    files.forEach(
        (file, content) -> {
          if (content.containsKey("error")) {
            markErrors(row, file);
          } else if (content.get("data") instanceof Map<?, ?> map) {
            ValueDiff.flattened(map)
                .forEach(
                    (name, value) -> {
                      if (value != null) {
                        row[column(header(file, name, ambiguous))] =
                            CellText.of(value, style.precision());
                      }
                    });
          }
        });
  }

  private void markErrors(String[] row, String file) {
    for (int i = FIRST.size(); i < headers.size(); i++) {
      if (headers.get(i).startsWith(file + ":")) {
        row[i] = ERROR;
      }
    }
  }

  private String time(Instant time) {
    var local = time.atZone(style.zone());
    if (style.exactTimes()) {
      return DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(local);
    }
    boolean today = local.toLocalDate().equals(LocalDate.ofInstant(style.now(), style.zone()));
    return DateTimeFormatter.ofPattern(today ? "hh:mm a" : "MMM dd, yyyy", Locale.ENGLISH)
        .format(local);
  }

  /** Takes out the columns of who runs an experiment where nobody does. */
  public void dropEmpty() {
    dropIf(
        i ->
            (headers.get(i).equals("State") || headers.get(i).equals("Executor"))
                && rows.stream().allMatch(row -> row[i].equals(style.fill())));
  }

  /** Takes out the columns in which all rows are the same, but for those that are to stay. */
  public void dropUnchanged(Pattern keep) {
    dropIf(
        i ->
            !keep.matcher(headers.get(i)).lookingAt()
                && rows.stream().map(row -> row[i]).distinct().count() == 1);
  }

  /** Takes out the columns whose names begin as an expression says. */
  public void drop(Pattern names, Pattern keep) {
    dropIf(
        i ->
            names.matcher(headers.get(i)).lookingAt() && !keep.matcher(headers.get(i)).lookingAt());
  }

  private void dropIf(java.util.function.IntPredicate unwanted) {
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < headers.size(); i++) {
      if (!unwanted.test(i)) {
        kept.add(i);
      }
    }
    if (kept.size() == headers.size()) {
      return;
    }
    List<String> names = kept.stream().map(headers::get).toList();
    rows.replaceAll(row -> kept.stream().map(i -> row[i]).toArray(String[]::new));
    headers.clear();
    headers.addAll(names);
  }

  /** Makes one column of those that name an experiment: a tree with baselines at its branches. */
  public void fold() {
    for (String[] row : rows) {
      String branch =
          switch (row[2]) {
            case "branch_commit" -> "├── ";
            case "branch_base" -> "└── ";
            default -> "";
          };
      row[0] = branch + (row[0].isEmpty() ? row[1] : row[1] + " [" + row[0] + "]");
    }
    Set<String> merged = Set.of("rev", "typ", "parent");
    dropIf(i -> i < FIRST.size() && merged.contains(headers.get(i)));
  }

  /** Returns the names of the columns. */
  public List<String> headers() {
    return List.copyOf(headers);
  }

  /** Returns the rows, a text for each column. */
  public List<List<String>> rows() {
    return rows.stream().map(List::of).toList();
  }

  /** The order of values: numbers, then texts, then anything else. */
  static final Comparator<Object> BY_VALUE =
      Comparator.<Object>comparingInt(
              value -> value instanceof Number || value instanceof Boolean ? 0 : 1)
          .thenComparing(
              (a, b) ->
                  a instanceof Number x && b instanceof Number y
                      ? Double.compare(x.doubleValue(), y.doubleValue())
                      : String.valueOf(a).compareTo(String.valueOf(b)));
}
