package io.revfs.plot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CsvTableTest {
  @Test
  void parse_readsAsPythonDoes() {
    String text = "a,b\n1,\"x, \"\"y\"\"\nz\"\r\n\n3\n4,5,6\n";
    Map<String, Object> lacking = new LinkedHashMap<>();
    lacking.put("a", "3");
    lacking.put("b", null);
    assertEquals(
        List.of(Map.of("a", "1", "b", "x, \"y\"\nz"), lacking, Map.of("a", "4", "b", "5")),
        CsvTable.parse(text, ',', true));
    assertEquals(
        List.of(Map.of("0", "a", "1", "b")), CsvTable.parse("a\tb", '\t', false), "no header");
    assertEquals(List.of(), CsvTable.parse("", ',', true));
    assertEquals(List.of(), CsvTable.parse("a,b\n", ',', true));
    assertEquals(
        List.of(Map.of("a", "", "b", "")), CsvTable.parse("a,b\n,\n", ',', true), "empty cells");
  }

  @Test
  void randomTables_areReadAsWritten() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      char separator = random.nextBoolean() ? ',' : '\t';
      int columns = 1 + random.nextInt(4);
      List<Map<String, String>> rows = new ArrayList<>();
      StringBuilder text = new StringBuilder();
      for (int c = 0; c < columns; c++) {
        text.append(c > 0 ? separator : "").append('c').append(c);
      }
      text.append('\n');
      int count = random.nextInt(6);
      for (int r = 0; r < count; r++) {
        Map<String, String> row = new LinkedHashMap<>();
        for (int c = 0; c < columns; c++) {
          String cell = cell(random);
          row.put("c" + c, cell);
          text.append(c > 0 ? separator : "").append(written(cell, separator));
        }
        rows.add(row);
        text.append(random.nextBoolean() ? "\n" : "\r\n");
      }
      assertEquals(rows, CsvTable.parse(text.toString(), separator, true), "seed " + seed);
    }
  }

  private static String cell(Random random) {
    StringBuilder cell = new StringBuilder();
    int length = random.nextInt(5);
    for (int i = 0; i < length; i++) {
      cell.append("a\"\n,\t é".charAt(random.nextInt(7)));
    }
    return cell.toString();
  }

  /** A single empty cell would be an empty line, which is no row. */
  private static String written(String cell, char separator) {
    boolean quoted =
        cell.isEmpty() || cell.indexOf(separator) >= 0 || cell.matches("(?s).*[\"\\n].*");
    return quoted ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
  }
}
