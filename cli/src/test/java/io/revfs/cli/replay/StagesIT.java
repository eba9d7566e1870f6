package io.revfs.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.cli.replay.Playground.Outcome;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Stages as processes: what they print, how they end, what signals do. The command is as shipped.
 */
class StagesIT extends PlaygroundProject {
  /** Shell functions: to wait for something that is going to be, and for processes to be gone. */
  private static final String TOOLS =
      """
      until_so() { i=0; until eval "$1"; do i=$((i + 1)); [ $i -lt 2000 ] || { echo "never: $1"; exit 99; }; sleep 0.05; done; }
      gone() { for f in "$@"; do ! kill -0 "$(cat "$f")" 2>/dev/null || return 1; done; }
      """;

  @Override
  Outcome run(String script) throws IOException {
    return super.run(TOOLS + script);
  }

  /** Nothing of the stage is recorded or locked, and the next one runs. */
  private void checkClean() throws IOException {
    assertEquals("", sh("cat dvc.lock 2>/dev/null || true"));
    assertEquals("", sh("until_so '! grep -q out .dvc/tmp/rwlock'"));
    assertEquals("", sh("ls .dvc/cache 2>/dev/null || true"));
    pipeline("stages: {a: {cmd: cp in.txt out.txt, deps: [in.txt], outs: [out.txt]}}\n");
    assertEquals(0, run("dvc repro").exit());
  }

  /** A background job ignores SIGINT, and a terminal tells all processes in its foreground. */
  @Test
  void controlC_endsTheStage_andRecordsNothing() throws IOException {
    pipeline(
        """
        stages:
          a:
            cmd: echo $$ > pid; echo half > out.txt; sleep 600; echo whole > out.txt
            deps: [in.txt]
            outs: [out.txt]
        """);
    String exit =
        sh(
            "setsid env --default-signal=INT dvc repro > log 2>&1 & p=$!; until_so '[ -s out.txt"
                + " ]'; kill -s INT -- -$p; wait $p; echo $?; until_so 'gone pid'");
    assertEquals("252", exit, sh("cat log"));
    checkClean();
  }

  @Test
  void whatIgnoresSignals_isKilled_alsoInASessionOfItsOwn() throws IOException {
    pipeline(
        """
        stages:
          a:
            cmd: trap '' INT TERM; echo $$ > pid; setsid sh -c 'echo $$ > pid2; exec sleep 600' & echo half > out.txt; wait; sleep 600; sleep 600
            deps: [in.txt]
            outs: [out.txt]
          b:
            cmd: echo $$ > pid3; trap 'exit 0' INT; echo half > other.txt; while :; do sleep 0.1; done
            deps: [in.txt]
            outs: [other.txt]
        """);
    String exit =
        sh(
            "env --default-signal=INT dvc repro -j 2 > log 2>&1 & p=$!;"
                + " until_so '[ -s out.txt ] && [ -s pid2 ] && [ -s other.txt ]';"
                + " kill -INT $p; wait $p; echo $?; until_so 'gone pid pid2 pid3'");
    assertEquals("252", exit, sh("cat log"));
    checkClean();
  }

  @Test
  void aCommandThatIsKilled_leavesNothingRecordedOrLocked() throws IOException {
    pipeline(
        """
        stages:
          a:
            cmd: echo $$ > pid; echo half > out.txt; exec sleep 600
            deps: [in.txt]
            outs: [out.txt]
        """);
    sh(
        "dvc repro > log 2>&1 & p=$!; until_so '[ -s out.txt ]'; kill -9 $p; wait $p;"
            + " kill $(cat pid); true");
    checkClean();
  }

  @Test
  void aStageThatIsKilled_failed() throws IOException {
    pipeline("stages: {a: {cmd: 'echo half > out.txt; kill -9 $$', outs: [out.txt]}}\n");
    Outcome outcome = run("dvc repro");
    assertEquals(255, outcome.exit());
    assertTrue(
        outcome
            .err()
            .contains(
                "ERROR: failed to reproduce 'a': failed to run: echo half > out.txt; kill -9 $$,"
                    + " killed by signal 9\n"),
        outcome.err());
    checkClean();
  }

  @Test
  void aProcessLeftBehind_isTold_andRefusedWhileItWrites() throws IOException {
    pipeline(
        "stages: {a: {cmd: 'sleep 600 > log 2>&1 & echo $! > pid; echo x > out.txt', outs:"
            + " [out.txt]}}\n");
    Outcome left = run("dvc repro");
    assertEquals(0, left.exit(), left::toString);
    assertTrue(
        left.err()
            .contains("WARNING: stage 'a' left process " + sh("cat pid") + " (sleep 600) behind."),
        left.err());
    sh("kill $(cat pid); rm dvc.lock");
    Outcome strict = run("dvc repro -f --strict; e=$?; kill $(cat pid); exit $e");
    assertEquals(255, strict.exit());
    assertEquals("", sh("cat dvc.lock 2>/dev/null || true"));
    pipeline(
        "stages: {a: {cmd: '(sleep 600; echo x) > out.txt 2>log & echo $! > pid', outs:"
            + " [out.txt]}}\n");
    Outcome writing = run("dvc repro; e=$?; kill $(cat pid); exit $e");
    assertEquals(255, writing.exit());
    assertTrue(writing.err().contains("still writes 'out.txt'"), writing.err());
    assertTrue(writing.err().contains("What to do: let the command wait for it"), writing.err());
    sh("rm -r .dvc/cache");
    checkClean();
  }

  @Test
  void linesOfStagesThatRunAtOnce_areNeverMixed() throws IOException {
    pipeline(
        """
        stages:
          many:
            foreach: [one, two, three]
            do:
              cmd: i=0; while [ $i -lt 100 ]; do i=$((i+1)); printf '${item}'; echo ' ${item} '$i; done; printf end; printf 'e\\rr\\r\\nor' >&2
              always_changed: true
        """);
    Outcome outcome = run("dvc repro -j 3");
    assertEquals(0, outcome.exit(), outcome::toString);
    for (String name : List.of("one", "two", "three")) {
      List<String> lines =
          outcome.out().lines().filter(line -> line.startsWith("many@" + name + " | ")).toList();
      assertEquals("many@" + name + " | Running stage 'many@" + name + "':", lines.get(0));
      assertEquals("many@" + name + " | " + name + " " + name + " 100", lines.get(101));
      assertEquals("many@" + name + " | end", lines.get(102));
      assertEquals(103, lines.size());
      List<String> errors =
          outcome.err().lines().filter(line -> line.startsWith("many@" + name + " | ")).toList();
      assertEquals(
          List.of("many@" + name + " | e", "many@" + name + " | r", "many@" + name + " | or"),
          errors);
    }
  }

  @Test
  void aStageAlone_hasTheTerminal() throws IOException {
    pipeline("stages: {a: {cmd: cat > out.txt, outs: [out.txt]}}\n");
    sh("echo typed | dvc repro");
    assertEquals("typed", sh("cat out.txt"));
    assertEquals(
        "[]", sh("dvc repro --dry --explain --json | grep -o '\"reasons\":\\[\\]' | cut -c11-"));
  }
}
