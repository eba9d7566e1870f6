package io.revfs.command.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import io.revfs.testing.RecordedCall;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code stage list} and {@code dag}, with all their options. */
class StageViewsTest {
  @TempDir Path directory;
  private DvcProject project;

  @BeforeEach
  void make() throws IOException {
    project = DvcProject.makeWithRevisions(directory);
    project.write("raw.txt", "1\n");
    project.add("raw.txt");
    project.write(
        "dvc.yaml",
        """
        stages:
          prepare:
            cmd: cp raw.txt p
            desc: |

              Makes it ready.
              And more.
            deps: [raw.txt]
            outs: [p]
          train:
            foreach: [a, b]
            do:
              cmd: cp p m-${item}
              deps: [p]
              params: [lr]
              outs: ["m-${item}"]
              metrics: [{"s-${item}.json": {cache: false}}]
          show:
            cmd: cat m-a m-b
            deps: [m-a, m-b]
          alone: {cmd: date}
        """);
    project.write("sub/dvc.yaml", "stages: {inner: {cmd: date > o, outs: [o]}}\n");
  }

  @AfterEach
  void close() {
    project.close();
  }

  @Test
  void stageList_ofAllTargets() throws IOException {
    assertEquals(
        List.of(
            "prepare  Makes it ready.",
            "train@a  Outputs m-a; Reports s-a.json",
            "train@b  Outputs m-b; Reports s-b.json",
            "show     Depends on m-a, m-b",
            "alone    No outputs or dependencies"),
        lines("stage list"));
    assertEquals(
        List.of("prepare", "train@a", "train@b", "show", "alone"),
        lines("stage list", "name-only", true));
    assertEquals(
        List.of("train@a", "train@b", "prepare"),
        lines("stage list", "name-only", true, "targets", List.of("train", "prepare", "train@b")));
    List<String> all = lines("stage list", "all", true, "name-only", true);
    assertTrue(all.contains("raw.txt.dvc") && all.contains("sub/dvc.yaml:inner"), all::toString);
    assertEquals(
        List.of("sub/dvc.yaml:inner"),
        lines("stage list", "recursive", true, "name-only", true, "targets", List.of("sub")));
    assertEquals(
        List.of("inner"),
        project.runIn("sub", "stage list", "name-only", true).out().lines().toList());
    project.fails(255, "nope", "stage list", "targets", List.of("nope"));
    project.write("sub/dvc.yaml", "stages: [\n");
    RecordedCall some = project.run("stage list", "all", true, "name-only", true);
    assertEquals(0, some.exit());
    assertFalse(some.out().contains("inner"));
    project.fails(255, "sub/dvc.yaml", "stage list", "all", true, "fail", true);
  }

  private List<String> lines(String command, Object... pairs) {
    return project.ok(command, pairs).lines().map(String::stripTrailing).toList();
  }

  @Test
  void dag_ofAllForms() {
    List<String> mermaid =
        List.of(
            "flowchart TD",
            "\tnode1[\"prepare\"]",
            "\tnode2[\"raw.txt.dvc\"]",
            "\tnode3[\"train@a\"]",
            "\tnode1-->node3",
            "\tnode2-->node1");
    assertEquals(mermaid, lines("dag", "mermaid", true, "target", "train@a"));
    List<String> md = lines("dag", "md", true, "target", "train@a");
    assertEquals("```mermaid", md.getFirst());
    assertEquals(mermaid, md.subList(1, md.size() - 1));
    assertEquals("```", md.getLast());
    List<String> full = lines("dag", "mermaid", true, "full", true, "target", "train@a");
    assertTrue(full.contains("\tnode3[\"show\"]"), full::toString);
    assertFalse(String.join("", full).contains("alone"));
    List<String> dot = lines("dag", "dot", true);
    assertEquals("strict digraph  {", dot.getFirst());
    assertTrue(dot.contains("\"alone\";"), dot::toString);
    assertTrue(dot.contains("\"train@b\" -> \"show\";"), dot::toString);
    List<String> outs = lines("dag", "dot", true, "outs", true);
    assertTrue(outs.contains("\"p\" -> \"s-a.json\";"), outs::toString);
    assertTrue(outs.contains("\"raw.txt\" -> \"p\";"), outs::toString);
    assertFalse(outs.contains("\"show\";"));
    List<String> ofOut = lines("dag", "dot", true, "outs", true, "target", "m-a");
    assertTrue(ofOut.contains("\"p\" -> \"m-a\";"), ofOut::toString);
    assertFalse(String.join("", ofOut).contains("m-b"));
    List<String> groups = lines("dag", "dot", true, "collapse-foreach-matrix", true);
    assertTrue(groups.contains("\"prepare\" -> \"train\";"), groups::toString);
    assertTrue(groups.contains("\"train\" -> \"show\";"), groups::toString);
    assertFalse(String.join("", groups).contains("@"));
    project.fails(255, "mutually exclusive", "dag", "outs", true, "collapse-foreach-matrix", true);
    project.fails(255, "nope", "dag", "target", "nope");
    List<String> drawing = lines("dag", "target", "prepare");
    assertEquals(2, drawing.stream().filter(line -> line.contains("| ")).count());
    assertTrue(drawing.stream().anyMatch(line -> line.strip().equals("*")), drawing::toString);
  }
}
