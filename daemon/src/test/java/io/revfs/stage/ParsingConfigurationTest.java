package io.revfs.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Maps in commands, as the section {@code parsing} of the configuration wants them written. */
class ParsingConfigurationTest {
  @TempDir Path directory;

  @Test
  void mapsInCommands_areOptions() throws IOException {
    try (DvcProject project = DvcProject.make(directory)) {
      project.write(
          "params.yaml",
          "args:\n  lr: 0.1\n  name: a b\n  fast: true\n  deep: false\n  layers: [1, 2]\n"
              + "  inner:\n    tags: [x, it's]\n");
      project.write("dvc.yaml", "stages:\n  s:\n    cmd: run ${args}\n    outs: [o]\n");
      String plain = "run --lr 0.1 --name 'a b' --fast ";
      String its = "'it'\"'\"'s'";
      check(project, plain + "--layers 1 2 --inner.tags x " + its);
      project.ok("config", "name", "parsing.bool", "value", "boolean_optional");
      check(project, plain + "--no-deep --layers 1 2 --inner.tags x " + its);
      project.ok("config", "name", "parsing.list", "value", "append");
      String all = plain + "--no-deep --layers 1 --layers 2 --inner.tags x --inner.tags " + its;
      check(project, all);
      project.ok("config", "name", "parsing.bool", "value", "Boolean_Optional");
      check(project, all);
    }
  }

  @Test
  void otherWords_areRefused_andNotWritten() throws IOException {
    try (DvcProject project = DvcProject.make(directory)) {
      String before = project.read(".dvc/config");
      project.fails(
          255,
          "expected one of store_true, boolean_optional, not 'no'",
          "config",
          "name",
          "parsing.bool",
          "value",
          "no");
      project.fails(
          255,
          "expected one of nargs, append, not 'csv'",
          "config",
          "name",
          "parsing.list",
          "value",
          "csv");
      assertEquals(before, project.read(".dvc/config"));
      project.write(".dvc/config", "[parsing]\n    bool = perhaps\n");
      project.fails(255, "not 'perhaps'", "status");
      project.write(".dvc/config", "[hydra]\n    config_dir = a\n    config_module = b\n");
      project.fails(255, "config_source", "status");
    }
  }

  private static void check(DvcProject project, String part) {
    String said = project.ok("repro", "dry", true);
    assertTrue(
        said.contains("> " + part + "\n"), () -> Map.of("wanted", part, "said", said).toString());
  }
}
