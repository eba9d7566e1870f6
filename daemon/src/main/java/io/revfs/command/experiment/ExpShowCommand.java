package io.revfs.command.experiment;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.live.LiveWatch;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.command.pipeline.TextTable;
import io.revfs.experiment.BaselineRow;
import io.revfs.experiment.Baselines;
import io.revfs.experiment.ExperimentCache;
import io.revfs.experiment.ExperimentCollector;
import io.revfs.experiment.ExperimentJson;
import io.revfs.experiment.ExperimentRef;
import io.revfs.experiment.ExperimentRow;
import io.revfs.experiment.ExperimentState;
import io.revfs.experiment.ExperimentTable;
import io.revfs.experiment.SortColumn;
import io.revfs.metric.Revisions;
import io.revfs.text.PythonJson;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** {@code exp show}: experiments side by side, below the commits that they began with. */
final class ExpShowCommand implements Command {
  private static final int PRECISION = 5;

  /** DVC keeps the newest first; those without a time come last. */
  private static final Comparator<ExperimentRow> NEWEST_FIRST =
      Comparator.<ExperimentRow, Instant>comparing(row -> row.state().time().orElse(Instant.EPOCH))
          .thenComparing(row -> row.state().revision())
          .reversed();

  private final Revisions revisions;
  private final ExperimentCache cache;

  ExpShowCommand(Revisions revisions, ExperimentCache cache) {
    this.revisions = revisions;
    this.cache = cache;
  }

  @Override
  public String name() {
    return "exp show";
  }

  @Override
  public void run(Invocation call) throws IOException {
    Pattern keep = pattern(call, "keep");
    Pattern drop = pattern(call, "drop");
    try (ExperimentSession session = ExperimentSession.open(call)) {
      if (call.flag("live")) {
        live(session);
        return;
      }
      List<BaselineRow> rows = rows(session);
      if (call.flag("json")) {
        new ExperimentJson(session.zone(), call::jsonText).write(rows);
        return;
      }
      boolean csv = call.flag("csv");
      ExperimentTable table = table(session, rows, csv);
      table.dropEmpty();
      if (!csv) {
        table.fold();
      }
      if (call.flag("only-changed")) {
        table.dropUnchanged(keep);
      }
      if (!call.values("drop").isEmpty()) {
        table.drop(drop, keep);
      }
      show(call, table, csv);
    }
  }

  /** Tells what comes as it comes, until no experiment runs any more. */
  private static void live(ExperimentSession session) throws IOException {
    Invocation call = session.call();
    LiveWatch watch = LiveWatch.of(session);
    watch.follow(
        events -> {
          for (LiveWatch.Event event : events) {
            if (call.flag("json")) {
              call.jsonText(PythonJson.inOrder(Map.of(event.type(), event.data())) + "\n");
            } else {
              LiveWatch.text(event).ifPresent(call::out);
            }
          }
          return watch.isRunning();
        });
  }

  private static Pattern pattern(Invocation call, String option) throws CommandFailure {
    List<String> expressions = call.values(option);
    try {
      // An expression that nothing matches, where none is given.
      return Pattern.compile(expressions.isEmpty() ? "(?!)" : String.join("|", expressions));
    } catch (PatternSyntaxException e) {
      throw new CommandFailure(
          "--%s: %s".formatted(option, e.getDescription()),
          "give a regular expression, for instance 'train.*'",
          CommandFailure.USAGE,
          e);
    }
  }

  private static ExperimentTable table(
      ExperimentSession session, List<BaselineRow> rows, boolean csv) throws IOException {
    Invocation call = session.call();
    long precision = call.number("precision").orElse(csv ? 0 : PRECISION);
    ExperimentTable.Style style =
        new ExperimentTable.Style(
            (int) precision, csv ? "" : "-", csv, session.zone(), Instant.now());
    boolean descending = call.value("sort-order").filter("desc"::equals).isPresent();
    try {
      return ExperimentTable.of(
          rows,
          style,
          call.value("sort-by")
              .map(column -> new SortColumn(column, descending))
              .orElse(SortColumn.NONE));
    } catch (SortColumn.UnknownException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()),
          "name a column as the table does, with its file before it if there are several",
          CommandFailure.OTHER,
          e);
    }
  }

  private static void show(Invocation call, ExperimentTable table, boolean csv) {
    if (csv) {
      StringBuilder text = new StringBuilder(line(table.headers()));
      table.rows().forEach(row -> text.append("\n").append(line(row)));
      call.out(text.toString());
      return;
    }
    TextTable text = new TextTable(table.headers());
    table.rows().forEach(text::add);
    call.out(String.join("\n", call.flag("md") ? text.markdown() : text.plain()));
  }

  /** A line of CSV as RFC 4180 has it; the line feed at its end is added where it is shown. */
  private static String line(List<String> cells) {
    StringBuilder line = new StringBuilder();
    String separator = "";
    for (String cell : cells) {
      boolean quoted = cell.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
      line.append(separator).append(quoted ? "\"" + cell.replace("\"", "\"\"") + "\"" : cell);
      separator = ",";
    }
    return line.append('\r').toString();
  }

  private List<BaselineRow> rows(ExperimentSession session) throws IOException {
    Invocation call = session.call();
    ExperimentCollector collector =
        new ExperimentCollector(
            revisions,
            cache,
            session.stages(),
            session.git(),
            call.flag("param-deps"),
            call.flag("force"));
    Baselines baselines = new Baselines(session.git());
    Set<String> asked = baselines.commits(session.choice());
    Map<ExperimentRef, String> experiments = new LinkedHashMap<>();
    session
        .refs()
        .all()
        .forEach(
            (experiment, commit) -> {
              if (asked.contains(experiment.baseline())) {
                experiments.put(experiment, commit);
              }
            });
    Set<String> commits = new LinkedHashSet<>(asked);
    commits.addAll(experiments.values());
    QueueRows queue = new QueueRows(session, collector, revisions, asked);
    commits.addAll(queue.commits());
    Map<String, ExperimentState> states = collector.commits(commits);
    Baselines.Names names = call.flag("sha") ? commit -> Optional.empty() : baselines.names();
    List<BaselineRow> rows = new ArrayList<>();
    if (!call.flag("hide-workspace")) {
      rows.add(new BaselineRow(collector.workspace(), List.of()));
    }
    for (String baseline : asked) {
      List<ExperimentRow> finished = new ArrayList<>();
      experiments.forEach(
          (experiment, commit) -> {
            if (experiment.baseline().equals(baseline)) {
              finished.add(
                  new ExperimentRow(
                      state(states, commit).named(Optional.of(experiment.name())),
                      queue.executor(experiment),
                      experiment.name()));
            }
          });
      List<ExperimentRow> all = new ArrayList<>();
      all.addAll(sorted(queue.running(baseline)));
      all.addAll(sorted(finished));
      if (!call.flag("hide-queued")) {
        all.addAll(sorted(queue.queued(baseline, states)));
      }
      if (!call.flag("hide-failed")) {
        all.addAll(sorted(queue.failed(baseline, states)));
      }
      rows.add(new BaselineRow(state(states, baseline).named(names.of(baseline)), all));
    }
    return rows;
  }

  private static List<ExperimentRow> sorted(List<ExperimentRow> rows) {
    List<ExperimentRow> sorted = new ArrayList<>(rows);
    sorted.sort(NEWEST_FIRST);
    return sorted;
  }

  static ExperimentState state(Map<String, ExperimentState> states, String commit) {
    return java.util.Objects.requireNonNull(states.get(commit), commit);
  }
}
