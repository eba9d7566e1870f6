package io.revfs.command.repro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DaemonProject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Pipelines that cannot be: each gets one clear line with what to do and DVC's exit code, and the
 * lock file stays as it was. What commands do wrong is in the tests of those who run them.
 */
class BadPipelineTest extends DaemonProject {
  private static final String LOCK =
      """
      schema: '2.0'
      stages:
        other:
          cmd: 'true'
      """;

  @Override
  protected void init() throws IOException {
    dvc.ok("init", "no-scm", true);
    write("in.txt", "1\n");
    write("dvc.lock", LOCK);
  }

  /** Says what repro must say of a dvc.yaml; the lock file must not have changed. */
  private void refused(String yaml, String... texts) throws IOException {
    write("dvc.yaml", yaml);
    refusedNow(texts);
  }

  private void refusedNow(String... texts) throws IOException {
    Path file = dvc.directory().resolve("dvc.lock");
    byte[] lock = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    dvc.fails(255, List.of(texts), "repro");
    byte[] after = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    assertEquals(
        new String(lock, StandardCharsets.UTF_8), new String(after, StandardCharsets.UTF_8));
    assertFalse(Files.exists(dvc.directory().resolve("ran")));
  }

  @Test
  void cycles() throws IOException {
    refused(
        """
        stages:
          one: {cmd: touch ran, deps: [c], outs: [a]}
          two: {cmd: touch ran, deps: [a], outs: [b]}
          three: {cmd: touch ran, deps: [b], outs: [c]}
        """,
        "both a dependency and an output in stages: ",
        "one",
        "two",
        "three");
    refused("stages: {own: {cmd: touch ran, deps: [d/x], outs: [d]}}", "stage: own");
  }

  @Test
  void outputsOfTwo_orInAnother() throws IOException {
    refused(
        "stages: {a: {cmd: touch ran, outs: [x]}, b: {cmd: touch ran, outs: [./x]}}",
        "output 'x' is specified in",
        "- a",
        "- b");
    refused(
        "stages: {a: {cmd: touch ran, outs: [d]}, b: {cmd: touch ran, outs: [d/e/x]}}",
        "overlap",
        "'d'('a')",
        "'d/e/x'('b')");
    refused("stages: {a: {cmd: touch ran, outs: [x, x]}, b: {cmd: touch ran, outs: [x]}}", "'x'");
  }

  @Test
  void aMissingDependency_isNamed() throws IOException {
    refused(
        "stages: {a: {cmd: touch ran, deps: [nowhere/x], outs: [y]}}",
        "dependency 'nowhere/x' does not exist",
        "dvc.yaml");
    refused("stages: {a: {cmd: touch ran, wdir: nowhere, outs: [y]}}", "'nowhere' does not exist");
    refused(
        "stages: {a: {cmd: touch ran, params: [lr], outs: [y]}}",
        "dependency 'params.yaml' does not exist");
    write("params.yaml", "other: 1\n");
    refused(
        "stages: {a: {cmd: touch ran, params: [lr, a.b, other], outs: [y]}}",
        "'a.b, lr' are missing from 'params.yaml'");
  }

  @Test
  void templates_thatDoNotResolve() throws IOException {
    refused("stages:\n  a:\n    cmd: echo ${nope}\n", "dvc.yaml", ":3", "Could not find 'nope'");
    refused("stages:\n  a:\n    cmd: echo ${a..b}\n", "dvc.yaml", ":3", "${a..b}");
    refused("stages:\n  a:\n    cmd: x\n    deps: ['${d}']\nvars: [{d: [1]}]\n", ":4", "list");
    refused("vars: [{a: '${b}'}, {b: '${a}'}]\nstages: {a: {cmd: x}}\n", ":1", "not allowed");
    refused("vars: [nope.yaml]\nstages: {a: {cmd: x}}\n", ":1", "'nope.yaml' does not exist");
    refused("vars: [{a: 1}, {a: 2}]\nstages: {a: {cmd: x}}\n", ":1", "redefine 'a'");
    refused("stages:\n  a:\n    cmd: x\n    outs: ['${d}']\nvars: [{d: {k: 1}}]\n", ":4", "dict");
    refused("vars: [{d: {k: [[1]]}}]\nstages:\n  a:\n    cmd: x ${d}\n", ":4", "nested");
    refused(
        "stages:\n  a:\n    foreach: [{k: 1}]\n    do:\n      cmd: x ${item.z}\n", ":5", "item.z");
    refused("stages:\n  a:\n    foreach: [1]\n    do:\n      cmd: x ${key}\n", ":5", "'key'");
    refused("vars: [{a: 1}]\nstages:\n  s:\n    vars: [{a: 2}]\n    cmd: x\n", ":4", "'a'");
    refused("vars: [{a: [1]}]\nstages:\n  s:\n    cmd: x ${a[3]}\n", ":4", "a[3]");
    write("some.yaml", "k: 1\n");
    refused("vars: ['some.yaml:z']\nstages: {a: {cmd: x}}\n", ":1", "'z'");
    refused("stages:\n  a:\n    foreach: ${n}\n    do: {cmd: x}\n", ":3", "Could not find 'n'");
    refused("stages:\n  a:\n    foreach: text\n    do: {cmd: x}\n", ":3", "list/dictionary");
    refused(
        "stages:\n  a:\n    matrix: {x: '${n}'}\n    cmd: y\nvars: [{n: 1}]\n",
        ":3",
        "'x' must be a list");
    StringBuilder axes = new StringBuilder("stages:\n  a:\n    cmd: y\n    matrix:\n");
    for (int i = 0; i < 9; i++) {
      axes.append("      k").append(i).append(": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n");
    }
    refused(axes.toString(), "more than");
  }

  @Test
  void yaml_thatIsNone() throws IOException {
    refused("stages:\n\ta:\n\t\tcmd: x\n", "dvc.yaml", ":2");
    refused("stages:\n  a: {cmd: x}\n  a: {cmd: y}\n", "dvc.yaml", ":3", "'a' is there twice");
    refused("stages:\n  a: {cmd: x, cmd: y}\n", ":2", "'cmd' is there twice");
    refused("stages: [a]\n", ":1", "'stages' must be a map");
    refused("stages:\n  a: {cmd: x, what: y}\n", ":2", "what");
    refused("stages:\n  a: {cmd: *nobody}\n", ":2");
    refused("<<<<<<< HEAD\nstages: {}\n=======\n>>>>>>> b\n", ":1", "merge conflict");
    Files.write(dvc.directory().resolve("dvc.yaml"), new byte[] {'a', (byte) 0xFF});
    refusedNow("dvc.yaml", "UTF-8");
    refused("stages: " + "[".repeat(100_000), "dvc.yaml");
  }

  /** Anchors are taken, as DVC does; what they would blow up to is not. */
  @Test
  void anchors_andAMillionAliases() throws IOException {
    write(
        "dvc.yaml",
        """
        stages:
          a: &it
            cmd: &c echo 1
            frozen: true
          b: *it
          c: {<<: *it, cmd: *c}
        """);
    dvc.ok("status");
    StringBuilder laughs = new StringBuilder("vars:\n- a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
      String before = "*a" + (i - 1);
      laughs.append("- a%d: &a%d [%s]\n".formatted(i, i, String.join(", ", list(before))));
    }
    refused(laughs + "stages: {a: {cmd: touch ran}}\n", "dvc.yaml", "too large");
    StringBuilder many = new StringBuilder("stages:\n  a:\n    cmd: &c touch ran\n    meta:\n");
    for (int i = 0; i < 1_000_000; i++) {
      many.append("    - *c\n");
    }
    refused(many.toString(), "dvc.yaml", "too large");
  }

  private static List<String> list(String one) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      all.add(one);
    }
    return all;
  }

  @Test
  void aLockFile_withConflicts_orOfAnotherSchema() throws IOException {
    write("dvc.yaml", "stages: {a: {cmd: touch ran, outs: [ran]}}\n");
    write("dvc.lock", "<<<<<<< HEAD\n" + LOCK + "=======\n" + LOCK + ">>>>>>> theirs\n");
    refusedNow("dvc.lock", ":1", "merge conflict");
    write("dvc.lock", LOCK.replace("2.0", "3.1"));
    refusedNow("dvc.lock", ":1", "schema '3.1' is not known");
    write("dvc.lock", "other:\n  cmd: x\n");
    refusedNow("dvc.lock", "no 'schema'");
    write("dvc.lock", "schema: '2.0'\nstages: [1]\n");
    refusedNow("dvc.lock", ":2");
    write("dvc.lock", "schema: '2.0'\nstages: {a: {cmd: x, outs: [{md5: 1}]}}\n");
    refusedNow("dvc.lock", ":2", "'path' is missing");
  }

  @Test
  void aParamsFile_thatDoesNotParse() throws IOException {
    for (String[] file :
        new String[][] {
          {"p.json", "{\"a\": }"},
          {"p.toml", "a = \n"},
          {"p.yaml", "a: [1\n"},
          {"p.py", "a = (\n"},
          {"p.yml", "- 1\n"},
        }) {
      write(file[0], file[1]);
      refused(
          "stages: {a: {cmd: touch ran, params: [{%s: [a]}], outs: [y]}}\n".formatted(file[0]),
          file[0]);
    }
    write("params.yaml", "a: [1\n");
    refused("stages: {a: {cmd: 'echo ${a}'}}\n", "params.yaml");
  }

  @Test
  void outputsOutsideOfTheProject() throws IOException {
    refused("stages: {a: {cmd: touch ran, outs: [../x]}}\n", "outside");
    refused("stages: {a: {cmd: touch ran, outs: [/tmp/x]}}\n", "outside");
    assertTrue(Files.exists(dvc.directory().resolve("dvc.lock")));
  }

  @Test
  void aTargetThatIsNone() throws IOException {
    write("dvc.yaml", "stages: {a: {cmd: touch ran}}\n");
    for (String target : List.of("b", "dvc.yaml:b", "sub/dvc.yaml", "a@1", "dvc.lock")) {
      dvc.fails(255, List.of(), "repro", "targets", List.of(target));
    }
  }
}
