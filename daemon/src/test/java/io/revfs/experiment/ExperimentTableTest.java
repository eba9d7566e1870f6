package io.revfs.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of experiments: columns, order, what is left out. */
class ExperimentTableTest {
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
  private static final Pattern NONE = Pattern.compile("(?!)");

  private static ExperimentState state(String revision, String metrics, String params) {
    String json =
        "{\"params\":{%s},\"metrics\":{%s},\"deps\":{},\"outs\":{}}".formatted(params, metrics);
    return new ExperimentState(
        revision,
        Optional.empty(),
        Optional.of(NOON),
        Optional.of(ExperimentValues.parse(json.getBytes(StandardCharsets.UTF_8))),
        Optional.empty());
  }

  private static ExperimentRow row(String name, String acc) {
    String metrics = acc.isEmpty() ? "" : "\"m.json\":{\"data\":{\"acc\":%s}}".formatted(acc);
    String params = "\"p.yaml\":{\"data\":{\"lr\":{\"base\":0.1},\"name\":\"%s\",\"same\":1}}";
    return new ExperimentRow(
        state("a".repeat(40), metrics, params.formatted(name)), Optional.empty(), name);
  }

  private static BaselineRow baseline(ExperimentRow... rows) {
    return new BaselineRow(state("b".repeat(40), "", ""), List.of(rows));
  }

  private static ExperimentTable table(int precision, SortColumn sort, BaselineRow... rows)
      throws SortColumn.UnknownException {
    ExperimentTable table =
        ExperimentTable.of(
            List.of(rows),
            new ExperimentTable.Style(precision, "-", false, ZoneOffset.UTC, NOON),
            sort);
    table.dropEmpty();
    table.fold();
    return table;
  }

  private static List<String> column(ExperimentTable table, String name) {
    int at = table.headers().indexOf(name);
    List<String> cells = new ArrayList<>();
    table.rows().forEach(row -> cells.add(row.get(at)));
    return cells;
  }

  @Test
  void rows_areATree_andColumnsAreNamedByKey() throws Exception {
    ExperimentTable table =
        table(5, SortColumn.NONE, baseline(row("one", "0.123456789"), row("two", "1e-9")));
    assertEquals(
        List.of("Experiment", "Created", "acc", "lr.base", "name", "same"), table.headers());
    assertEquals(
        List.of("bbbbbbb", "├── aaaaaaa [one]", "└── aaaaaaa [two]"), column(table, "Experiment"));
    assertEquals(List.of("-", "0.12346", "1e-09"), column(table, "acc"));
    assertEquals(List.of("12:00 PM", "12:00 PM", "12:00 PM"), column(table, "Created"));
  }

  @Test
  void sorted_byAMetricOrParameter_thoseWithoutItLast() throws Exception {
    ExperimentRow[] rows = {row("b", "0.5"), row("none", ""), row("a", "0.25"), row("c", "NaN")};
    assertEquals(
        List.of("-", "0.25", "0.5", "nan", "-"),
        column(table(5, new SortColumn("acc", false), baseline(rows)), "acc"));
    assertEquals(
        List.of("-", "nan", "0.5", "0.25", "-"),
        column(table(5, new SortColumn("m.json:acc", true), baseline(rows)), "acc"));
    assertEquals(
        List.of("-", "a", "b", "c", "none"),
        column(table(5, new SortColumn("p.yaml:name", false), baseline(rows)), "name"));
    assertThrows(
        SortColumn.UnknownException.class,
        () -> table(5, new SortColumn("acc2", false), baseline(rows)));
  }

  @Test
  void columnsThatSayNothing_areLeftOut_unlessTheyAreKept() throws Exception {
    BaselineRow rows =
        new BaselineRow(row("x", "1").state(), List.of(row("one", "1"), row("two", "2")));
    ExperimentTable table = table(5, SortColumn.NONE, rows);
    table.dropUnchanged(NONE);
    assertEquals(List.of("Experiment", "acc", "name"), table.headers());
    ExperimentTable kept = table(5, SortColumn.NONE, rows);
    kept.dropUnchanged(Pattern.compile("lr.*"));
    kept.drop(Pattern.compile("n"), NONE);
    assertEquals(List.of("Experiment", "acc", "lr.base"), kept.headers());
  }

  @Test
  void aNameInSeveralFiles_getsItsFile_andWhatCannotBeReadIsMarked() throws Exception {
    ExperimentState both =
        state(
            "c".repeat(40), "\"a.json\":{\"data\":{\"x\":1}},\"b.json\":{\"data\":{\"x\":2}}", "");
    ExperimentState broken =
        state("d".repeat(40), "\"a.json\":{\"error\":{\"msg\":\"no\",\"type\":\"E\"}}", "");
    ExperimentTable table =
        table(
            5,
            SortColumn.NONE,
            new BaselineRow(both, List.of(new ExperimentRow(broken, Optional.empty(), "broken"))));
    assertEquals(List.of("Experiment", "Created", "a.json:x", "b.json:x"), table.headers());
    assertEquals(List.of("1", "!"), column(table, "a.json:x"));
    SortColumn.UnknownException e =
        assertThrows(
            SortColumn.UnknownException.class,
            () -> table(5, new SortColumn("x", false), new BaselineRow(both, List.of())));
    assertTrue(String.valueOf(e.getMessage()).startsWith("Ambiguous"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "0.1,0.1",
    "0.123456,0.12346",
    "123456.7,1.2346e+05",
    "12345.6,12346",
    "1e-5,1e-05",
    "0.00012345678,0.00012346",
    "100000,1e+05",
    "99999.9,1e+05",
    "-2.5,-2.5",
    "0,0",
    "-0.0,-0",
    "1e300,1e+300",
    "NaN,nan",
    "-Infinity,-inf"
  })
  void floats_areAsPythonsGeneralFormatHasThem(double value, String text) {
    assertEquals(text, CellText.general(value, 5));
  }

  @Test
  void names_areTwoWords_andNeverTaken() {
    java.util.Random random = new java.util.Random(7);
    java.util.Set<String> taken = new java.util.HashSet<>();
    for (int i = 0; i < 20_000; i++) {
      String name = ExperimentNames.next(random, taken::contains);
      assertTrue(taken.add(name), name);
      assertTrue(ExperimentRef.isName(name), name);
    }
  }
}
