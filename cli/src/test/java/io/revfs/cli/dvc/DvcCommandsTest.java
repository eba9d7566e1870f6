package io.revfs.cli.dvc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The table is of one piece. */
class DvcCommandsTest {
  @Test
  void aRow_hasEachNameOnce_andManyOnlyAtTheEnd() {
    Set<String> names = new HashSet<>();
    for (DvcCommand row : DvcCommands.all()) {
      assertTrue(names.add(row.name()), row.name());
      Set<String> options = new HashSet<>();
      for (DvcOption option : row.options()) {
        option.names().forEach(name -> assertTrue(options.add(name), row.name() + " " + name));
      }
      List<DvcArgument> arguments = row.arguments();
      for (int i = 0; i < arguments.size() - 1; i++) {
        assertEquals(false, arguments.get(i).many(), row.name());
      }
    }
  }
}
