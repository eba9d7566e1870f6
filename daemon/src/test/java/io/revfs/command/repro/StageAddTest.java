package io.revfs.command.repro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code stage add}, beside stages that are there. */
class StageAddTest extends ReproProject {
  @Test
  void stageAdd_writesWhatDvcWrites_andRefusesWhatCannotBe() throws IOException {
    String before = project.read("dvc.yaml");
    String out =
        project.ok(
            "stage add",
            "name",
            "extra",
            "deps",
            List.of("in.txt"),
            "params",
            List.of("scale,other", "more.json:", "in.json:b,a"),
            "outs",
            List.of("o2", "o1"),
            "metrics-no-cache",
            List.of("m2.json"),
            "desc",
            "More",
            "command",
            List.of("cp", "in.txt", "o 1"));
    assertTrue(out.startsWith("Added stage 'extra' in 'dvc.yaml'\n"), out);
    assertEquals(
        before
            + """
              extra:
                desc: More
                cmd: cp in.txt "o 1"
                deps:
                - in.txt
                params:
                - other
                - scale
                - in.json:
                  - a
                  - b
                - more.json:
                outs:
                - o1
                - o2
                metrics:
                - m2.json:
                    cache: false
            """,
        project.read("dvc.yaml"));
    assertTrue(project.read(".gitignore").endsWith("/o1\n/o2\n"));
    String now = project.read("dvc.yaml");
    List<String> run = List.of("true");
    project.fails(
        255, "already exists in 'dvc.yaml'", "stage add", "name", "extra", "command", run);
    project.fails(255, "punctuation", "stage add", "name", "a:b", "command", run);
    project.fails(
        255, "is specified in", "stage add", "name", "z", "outs", List.of("o1"), "command", run);
    project.fails(255, "does not exist", "stage add", "name", "z", "wdir", "no", "command", run);
    assertEquals(now, project.read("dvc.yaml"));
    project.ok(
        "stage add",
        "name",
        "z",
        "outs",
        List.of("zz"),
        "run",
        true,
        "command",
        List.of("echo 1 > zz"));
    assertEquals("1\n", project.read("zz"));
    assertTrue(project.read("dvc.lock").contains("  z:\n"));
  }
}
