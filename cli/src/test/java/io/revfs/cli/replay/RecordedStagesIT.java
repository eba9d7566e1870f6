package io.revfs.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.cli.replay.Playground.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** {@code repro --record}: what stages do against what they declare. The command is as shipped. */
class RecordedStagesIT extends PlaygroundProject {

  @Override
  void init() throws IOException {
    super.init();
    sh("echo 2 > hidden.txt && echo 3 > idle.txt");
    pipeline(
        """
        stages:
          first:
            cmd: cat in.txt hidden.txt > out.txt; test -e maybe.txt && cat maybe.txt >> out.txt; true
            deps:
            - in.txt
            - idle.txt
            outs:
            - out.txt
          second:
            cmd:
            - cat out.txt > next.txt
            - echo log > log.txt
            deps:
            - out.txt
            outs:
            - next.txt
        """);
  }

  @Test
  void whatIsUndeclared_isTold_andRerunsTheStageWhenItChanges() throws IOException {
    Outcome recorded = run("revfs repro --record");
    assertEquals(0, recorded.exit(), recorded::toString);
    String said = recorded.err();
    assertTrue(
        said.contains(
            "stage 'first' read 'hidden.txt', which it does not declare; add to its deps:"
                + " - hidden.txt\n"),
        said);
    assertTrue(said.contains("stage 'first' depends on 'idle.txt', and did not read it."), said);
    assertTrue(said.contains("stage 'second' wrote 'log.txt'"), said);
    assertFalse(said.contains("'in.txt'") || said.contains("'out.txt'"), said);
    assertTrue(sh("dvc status").contains("up to date"));
    assertTrue(sh("dvc repro").contains("Data and pipelines are up to date."));
    sh("echo changed > hidden.txt");
    String why = sh("revfs repro --dry --explain");
    assertTrue(why.contains("first: runs\n  hidden.txt: read undeclared, was "), why);
    String again = sh("dvc repro");
    assertTrue(again.contains("Running stage 'first'"), again);
    assertEquals("1\nchanged", sh("cat next.txt"));
    assertTrue(sh("dvc repro").contains("Data and pipelines are up to date."));
    sh("echo 2 > hidden.txt");
    assertTrue(sh("dvc repro").contains("Stage 'first' is cached"), "that run was recorded");
    assertEquals("1\n2", sh("cat next.txt"));
    sh("echo changed > hidden.txt");
    assertTrue(sh("dvc repro").contains("Running stage 'first'"), "that one was not");
    sh("echo 2 > hidden.txt && dvc repro -q");
    sh("echo more > maybe.txt");
    assertTrue(sh("dvc repro").contains("Running stage 'first'"), "it was looked for in vain");
    assertEquals("1\n2\nmore", sh("cat next.txt"));
  }

  /** The proof: a dependency that is left out is found. */
  @Test
  void aDependencyThatIsTakenOut_stillRerunsTheStage() throws IOException {
    sh("revfs repro --record && sed -i '/- in.txt/d' dvc.yaml");
    assertTrue(sh("dvc repro").contains("Data and pipelines are up to date."));
    sh("echo changed > in.txt");
    assertTrue(sh("dvc repro").contains("Running stage 'first'"));
    assertTrue(sh("cat next.txt").startsWith("changed\n"));
  }

  @Test
  void strict_fails_andFix_addsTheLines() throws IOException {
    Outcome strict = run("revfs repro --record --strict first");
    assertEquals(255, strict.exit(), strict::toString);
    assertTrue(strict.err().contains("stage 'first' uses what it does not declare"), strict.err());
    assertFalse(Files.exists(project().resolve("dvc.lock")));
    sh("revfs repro --fix");
    String yaml = sh("cat dvc.yaml");
    assertTrue(yaml.contains("    - idle.txt\n    - hidden.txt\n    outs:"), yaml);
    assertTrue(yaml.contains("    - next.txt\n    - log.txt"), yaml);
    assertTrue(sh("cat dvc.lock").contains("path: hidden.txt"));
    assertTrue(sh("dvc repro").contains("Data and pipelines are up to date."));
    assertEquals(0, run("revfs repro --record --strict -f").exit());
  }

  @Test
  void fix_knowsParameters_andLoops_andLeavesOutWhatCannotBe() throws IOException {
    sh("mkdir d && for i in a b c; do echo $i > d/$i.csv; done && rm d/c.csv");
    sh("echo 'lr: 1' > params.yaml; echo '{\"k\": 1}' > more.json; echo x > lib.txt");
    pipeline(
        """
        # kept
        stages:
          each:
            foreach: [a, b]
            do:
              cmd: cat d/${item}.csv lib.txt params.yaml > o-${item}; echo > log-${item}; echo > all
              outs: ["o-${item}"]
          grid:
            matrix:
              kind: [a, c]
              n: [1]
            cmd: cat d/a.csv > g-${item.kind}-${item.n}
            outs: ["g-${item.kind}-${item.n}"]
          uses:
            cmd: cat more.json > u
            params: [{more.json: [k]}]
            outs: [u]
          more:
            cmd: cat more.json end 2>/dev/null > m; true
            outs: [m]
          last:
            cmd: cp m end
            deps: [m]
            outs: [end]
        """);
    Outcome fixed = run("revfs repro --fix");
    assertEquals(0, fixed.exit(), fixed::toString);
    String yaml = sh("cat dvc.yaml");
    assertTrue(yaml.startsWith("# kept\n"), yaml);
    String each = yaml.substring(yaml.indexOf("  each:"), yaml.indexOf("  grid:"));
    assertTrue(each.contains("- d/${item}.csv\n"), each);
    assertTrue(each.contains("- lib.txt\n"), each);
    assertTrue(each.contains("- params.yaml:\n"), each);
    assertTrue(each.contains("log-${item}"), each);
    assertFalse(each.contains("- all"), each);
    String said = fixed.err();
    assertTrue(
        said.contains(
            "not added to the outs of stage 'each@a': - all: each stage of the loop would make it;"
                + " add what is right by hand."),
        said);
    assertTrue(
        said.contains("'grid@a-1': - d/${item.kind}.csv: for 'grid@c-1' it would be 'd/c.csv'"),
        said);
    String more = yaml.substring(yaml.indexOf("  more:"), yaml.indexOf("  last:"));
    assertTrue(more.contains("    params:\n    - more.json:\n"), more);
    String lock = sh("cat dvc.lock");
    assertTrue(lock.contains("path: d/a.csv") && lock.contains("path: d/b.csv"), lock);
    sh("revfs repro --fix -f more"); // it finds what 'last' makes
    assertTrue(sh("dvc dag --dot").contains("\"more\" -> \"last\""), "and stays without a cycle");
    assertFalse(sh("cat dvc.yaml").contains("- end"));
  }

  @Test
  void commandsOfARecordedStage_areShown_andTheOneThatFailsIsNamed() throws IOException {
    pipeline(
        """
        stages:
          three:
            cmd:
            - echo "it's" one
            - test -e go && echo two
            - echo three
            deps: [in.txt]
        """);
    Outcome failed = run("revfs repro --record");
    assertEquals(255, failed.exit(), failed::toString);
    assertTrue(
        failed.err().contains("failed to run: test -e go && echo two, exited with 1\n"),
        failed::toString);
    assertTrue(failed.out().contains("> echo \"it's\" one\nit's one\n> test -e go"), failed.out());
    String good = sh("touch go && revfs repro --record");
    assertTrue(good.contains("> test -e go && echo two\ntwo\n> echo three\nthree\n"), good);
  }
}
