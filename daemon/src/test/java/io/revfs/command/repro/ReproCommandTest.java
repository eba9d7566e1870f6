package io.revfs.command.repro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.RecordedCall;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code repro}: what runs, what is recorded, what bad input gets. */
class ReproCommandTest extends ReproProject {
  @Test
  void first_runsAllInOrder_thenNothing_thenWhatDependsOnAChange() throws IOException {
    assertEquals("first second alone", repro());
    assertEquals("ba1\n", project.read("b.txt"));
    assertTrue(repro().endsWith(UP_TO_DATE));
    assertEquals("", project.sh("git status --porcelain -- a.txt b.txt c.txt"));
    project.write("in.txt", "2\n");
    assertEquals("first second", repro());
    project.write("params.yaml", "scale: 2\nother: 7\n");
    assertTrue(repro().endsWith(UP_TO_DATE), "what it does not use changed");
    project.write("params.yaml", "scale: 3\nother: 7\n");
    assertEquals("second", repro());
    project.sh("echo spoilt > c.txt");
    assertEquals("alone", repro());
    assertEquals("x\n", project.read("c.txt"));
  }

  /** YAML 1.2's rules (FORMATS): what looks like a number there is one, and a text is quoted. */
  @Test
  void values_areRecordedAsDvcWritesThem_andReadAsTheSame() throws IOException {
    project.write(
        "params.yaml",
        """
        float: 1e-3
        text: '1e-3'
        octal: 0o17
        old: 017
        word: yes
        flag: true
        none: null
        nothing:
        empty: ''
        list: [1, 2.50, on, 'null']
        map: {b: 1, a: .inf}
        """);
    project.write(
        "dvc.yaml",
        """
        stages:
          all:
            cmd: echo x > out.txt
            params: [float, text, octal, old, word, flag, none, nothing, empty, list, map]
            outs: [out.txt]
        """);
    String unused = repro();
    String lock = project.read("dvc.lock");
    assertEquals(
        """
            params.yaml:
              empty: ''
              flag: true
              float: 0.001
              list:
              - 1
              - 2.5
              - on
              - 'null'
              map:
                b: 1
                a: .inf
              none:
              nothing:
              octal: 15
              old: 17
              text: '1e-3'
              word: yes
        """
            .indent(2),
        lock.substring(lock.indexOf("      params.yaml:"), lock.indexOf("    outs:")));
    assertTrue(repro().endsWith(UP_TO_DATE), "they are read as what they were");
  }

  @Test
  void pythonParameters_areRead_andNeverExecuted() throws IOException {
    project.write(
        "conf.py",
        "import os\nRATE = 0.1\nos.system('touch executed')\n"
            + "class Train:\n    epochs = 3\n    made = open('executed', 'w')\n");
    project.write(
        "dvc.yaml",
        """
        stages:
          one:
            cmd: echo x > out.txt
            params:
            - conf.py: [RATE, Train.epochs]
            outs: [out.txt]
        """);
    String unused = repro();
    assertTrue(
        project.read("dvc.lock").contains("        RATE: 0.1\n        Train.epochs: 3\n"),
        project.read("dvc.lock"));
    project.write("conf.py", project.read("conf.py").replace("epochs = 3", "epochs = 4"));
    assertTrue(project.run("status").json().toString().contains("\"Train.epochs\":\"modified\""));
    assertFalse(project.has("executed"));
  }

  @Test
  void options_chooseWhatRuns() throws IOException {
    assertEquals("first", repro("targets", List.of("first")));
    assertTrue(repro("dry", true).contains("Running stage 'second'"));
    assertFalse(project.has("b.txt"));
    assertEquals("second", repro("targets", List.of("second"), "single-item", true));
    assertEquals("alone", repro("targets", List.of("al*"), "glob", true));
    assertEquals("first second", repro("targets", List.of("second"), "force", true));
    assertEquals(
        "first second", repro("targets", List.of("first"), "downstream", true, "force", true));
    assertEquals(
        "first second", repro("targets", List.of("first"), "pipeline", true, "force", true));
    assertEquals("first second alone", repro("all-pipelines", true, "force", true));
    project.write("in.txt", "1\n1\n");
    project.sh("sed -i 's/s.^.a./s,^,a,/' dvc.yaml");
    assertEquals("first second", repro("force-downstream", true));
  }

  @Test
  void recursive_takesAllStagesBelowADirectory() throws IOException {
    project.write(
        "sub/deep/dvc.yaml",
        "stages:\n  s:\n    cmd: echo $DVC_STAGE >> ../../runs; echo > o\n    outs: [o]\n");
    assertEquals("sub/deep/dvc.yaml:s", repro("targets", List.of("sub"), "recursive", true));
    project.fails(255, "does not exist", "repro", "targets", List.of("sub"));
  }

  @Test
  void allowMissing_takesWhatIsOnlyMissing_forUnchanged() throws IOException {
    assertEquals("first second alone", repro());
    project.sh("rm -rf a.txt b.txt c.txt m.json .dvc/cache");
    assertTrue(repro("allow-missing", true).endsWith(UP_TO_DATE));
    assertFalse(project.has("a.txt"));
    project.write("params.yaml", "scale: 9\nother: 1\n");
    project.fails(255, "dependency 'a.txt' does not exist", "repro", "allow-missing", true);
  }

  @Test
  void interactive_asks_andNobodyThereIsANo() throws IOException {
    project.fails(255, "aborted by the user", "repro", "interactive", true);
    assertFalse(project.has("dvc.lock"));
    project.ok("config", "name", "core.interactive", "value", "true");
    project.fails(255, "aborted by the user", "repro");
  }

  @Test
  void glob_andPipeline_andSingleItem_nameStages() throws IOException {
    assertEquals("first alone", repro("targets", List.of("*i*r*t", "a*"), "glob", true));
    assertEquals("second", repro("targets", List.of("second"), "single-item", true));
    assertEquals(
        "first second", repro("targets", List.of("second"), "pipeline", true, "force", true));
    assertEquals("second", repro("targets", List.of("second"), "downstream", true, "force", true));
  }

  @Test
  void noCommit_storesNothing_commitDoesLater() throws IOException {
    assertEquals("alone", repro("targets", List.of("alone"), "no-commit", true));
    assertEquals(List.of(), project.cache());
    assertTrue(project.read("dvc.lock").contains("  alone:\n"));
    String unused = project.ok("commit", "targets", List.of("alone"));
    assertEquals(1, project.cache().size());
  }

  @Test
  void frozenAndPersistingAndUncached_areAsTheySay() throws IOException {
    project.write(
        "dvc.yaml",
        """
        stages:
          log:
            cmd: echo more >> log.txt
            deps: [in.txt]
            outs:
            - log.txt:
                persist: true
          ice:
            cmd: echo never > ice.txt
            frozen: true
            deps: [in.txt]
            outs:
            - ice.txt:
                cache: false
        """);
    project.write("ice.txt", "by hand\n");
    RecordedCall call = project.run("repro");
    assertEquals("", call.failure());
    assertTrue(
        call.warnings().toString().contains("stage: 'ice' is frozen"), call.warnings()::toString);
    assertTrue(call.out().contains("Verifying outputs in frozen stage: 'ice'"), call.out());
    assertEquals("by hand\n", project.read("ice.txt"));
    project.write("in.txt", "2\n");
    project.ok("repro");
    assertEquals("more\nmore\n", project.read("log.txt"));
    assertTrue(project.read(".gitignore").contains("/log.txt"));
    assertFalse(project.read(".gitignore").contains("ice"));
  }

  @Test
  void failing_saysSo_leavesTheLockFile_andSkipsWhatDepends() throws IOException {
    String unused = project.ok("repro");
    String lock = project.read("dvc.lock");
    project.write("in.txt", "2\n");
    project.sh("sed -i 's/> a.txt/> a.txt; exit 3/' dvc.yaml");
    project.fails(255, "failed to reproduce 'first': failed to run: ", "repro");
    assertEquals(lock, project.read("dvc.lock"));
    project.sh("rm c.txt; sed -i 's/echo x > c.txt/echo y > c.txt/' dvc.yaml");
    RecordedCall kept = project.run("repro", "keep-going", true);
    assertEquals("255 failed to reproduce 'first'", kept.exit() + " " + kept.failure());
    assertTrue(
        kept.warnings().toString().contains("Stage 'second' will be skipped"),
        kept.warnings()::toString);
    assertEquals("y\n", project.read("c.txt"));
    assertEquals(0, project.run("repro", "ignore-errors", true).exit());
    project.sh("sed -i 's/; exit 3//; s/> a.txt/> other/' dvc.yaml");
    project.fails(255, "output 'a.txt' does not exist", "repro", "targets", List.of("first"));
    Files.delete(project.path("in.txt"));
    project.fails(255, "dependency 'in.txt' does not exist", "repro", "targets", List.of("first"));
    project.fails(
        255, "does not exist as an output or a stage name", "repro", "targets", List.of("nope"));
  }

  @Test
  void cyclesAndTwoMakers_areRefused() throws IOException {
    project.write(
        "dvc.yaml",
        """
        stages:
          one: {cmd: x, deps: [b], outs: [a]}
          two: {cmd: x, deps: [a], outs: [b]}
        """);
    project.fails(255, "both a dependency and an output", "repro");
    project.write(
        "dvc.yaml",
        """
        stages:
          one: {cmd: x, outs: [a]}
          two: {cmd: x, outs: [a]}
        """);
    project.fails(255, "output 'a' is specified in", "repro");
    assertFalse(project.has("dvc.lock"));
  }

  @Test
  void whileAStageRuns_theProjectIsFree_butNotItsPaths() throws IOException {
    project.write(
        "dvc.yaml",
        """
        stages:
          look:
            cmd: cp .dvc/tmp/rwlock seen && flock -n .dvc/tmp/lock true
            deps: [in.txt]
            outs: [seen]
        """);
    String unused = project.ok("repro");
    String seen = project.read("seen");
    assertTrue(seen.contains("\"write\":") && seen.contains("/seen\""), seen);
    assertTrue(seen.contains("/in.txt\"") && seen.contains("\"dvc repro\""), seen);
    assertFalse(project.read(".dvc/tmp/rwlock").contains("seen"));
  }

  @Test
  void aStageThatChangesWhatItDependsOn_isTold_andFailsWithStrict() throws IOException {
    project.write("own.txt", "1\n");
    project.write(
        "dvc.yaml",
        """
        stages:
          own:
            cmd: cat own.txt > o.txt; echo 2 > own.txt; echo 'scale 3' > /dev/null; sed -i s/2/5/ params.yaml
            deps: [own.txt]
            params: [scale]
            outs: [o.txt]
        """);
    project.fails(
        255,
        "stage 'own' changed what it depends on while it ran: own.txt, params.yaml",
        "repro",
        "strict",
        true);
    assertFalse(project.has("dvc.lock"), "nothing is recorded");
    project.write("own.txt", "1\n");
    project.write("params.yaml", "scale: 2\nother: 1\n");
    RecordedCall call = project.run("repro");
    assertEquals(0, call.exit(), call::failure);
    assertTrue(
        call.warnings()
            .contains(
                "WARNING: stage 'own' changed what it depends on while it ran: own.txt,"
                    + " params.yaml. What it left there is recorded."),
        call.warnings()::toString);
    assertTrue(repro().endsWith(UP_TO_DATE), "as DVC does it");
  }
}
