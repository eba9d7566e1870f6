package io.revfs.plot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowTest {
  @Test
  void randomRowsOfOneTable_areMaps() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Row.Columns columns = new Row.Columns();
    List<Row> rows = new ArrayList<>();
    List<Map<String, Object>> models = new ArrayList<>();
    for (int step = 0; step < 2000; step++) {
      if (rows.isEmpty() || random.nextInt(20) == 0) {
        int of = rows.size() < 2 ? 0 : random.nextInt(rows.size());
        boolean copied = random.nextBoolean() && !rows.isEmpty();
        rows.add(copied ? rows.get(of).copy() : new Row(columns));
        models.add(copied ? new HashMap<>(models.get(of)) : new HashMap<>());
      }
      int at = random.nextInt(rows.size());
      String name = "c" + random.nextInt(12);
      if (random.nextInt(3) == 0) {
        assertEquals(models.get(at).remove(name), rows.get(at).remove(name), "seed " + seed);
      } else {
        Object value = random.nextInt(5) == 0 ? null : random.nextInt(9);
        assertEquals(models.get(at).put(name, value), rows.get(at).put(name, value));
      }
      assertEquals(models.get(at), rows.get(at), "seed " + seed);
      assertEquals(models.get(at).containsKey(name), rows.get(at).containsKey(name));
    }
    for (int i = 0; i < rows.size(); i++) {
      assertEquals(models.get(i), rows.get(i), "seed " + seed);
    }
  }

  @Test
  void iteration_ends() {
    Iterator<?> none = new Row(new Row.Columns()).entrySet().iterator();
    assertThrows(NoSuchElementException.class, none::next);
  }
}
