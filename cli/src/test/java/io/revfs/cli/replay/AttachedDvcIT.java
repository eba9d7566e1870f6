package io.revfs.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.revfs.cli.replay.Playground.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * DVC's commands as shipped, by the name {@code dvc} and by {@code revfs}, in an attached working
 * copy and in a plain one that was pulled: what they say and what they leave is the same. Needs
 * root.
 */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class AttachedDvcIT {
  /** All that Git has or would get, all data, and the state of Git, a line each. */
  private static final String STATE =
      "(git ls-files -co --exclude-standard; find . -path ./.git -prune -o -path ./.dvc -prune -o"
          + " -type f -print | sed 's,^./,,') | sort -u | grep -v revfs.lock | while read f; do"
          + " [ -e \"$f\" ] && md5sum \"$f\"; done; git status --short | grep -v revfs.lock;"
          + " git log --format=%s";

  /** Each line is a step; what is compared is said and left by all of it. */
  private static final String[] STEPS = {
    "dvc status",
    "revfs status --json",
    "dvc data status --json",
    "dvc diff --json",
    "cat set/one model; echo mine >set/one; echo new >set/new; rm set/sub/two",
    "dvc status --json; revfs data status --json --granular; dvc diff --json",
    "dvc checkout 2>&1 | grep -c unsaved",
    "dvc add set && git add -A && git commit -qm 'set is changed'",
    "dvc diff --json HEAD~1 HEAD",
    "dvc push | tail -n 1",
    "echo edited >model; dvc commit -f model.dvc; dvc status --json; git commit -qam model",
    "dvc move model moved; dvc status --json; cat .gitignore; git add -A; git commit -qm moved",
    "dvc remove moved.dvc; cat moved .gitignore; rm moved; git add -A; git commit -qm removed",
    "git checkout -q HEAD~2; dvc checkout -f >/dev/null; cat model set/one; dvc status --json",
    "git checkout -q main; dvc checkout -f >/dev/null; dvc status --json",
    "dvc stage add -q -n count -d set -p n -o counted -M size.json"
        + " 'cat set/* 2>/dev/null | wc -l >counted; echo \"{\\\"size\\\": 1}\" >size.json'",
    "dvc repro -q; cat counted dvc.lock .gitignore; dvc status --json",
    "git add -A; git commit -qm stage; dvc repro; dvc metrics show --json; dvc push -q",
    "echo 'n: 2' >params.yaml; dvc repro -q; cat dvc.lock; dvc params diff --json",
    "git commit -qam params; dvc gc -w -f >/dev/null; dvc status --json",
    "dvc exp run -q -n second -S n=3; dvc exp show --json | grep -c second; cat params.yaml",
    "git checkout -q -f .; dvc checkout -f >/dev/null; dvc exp apply second >/dev/null; cat"
        + " dvc.lock",
    "git checkout -q -f .; dvc checkout -f >/dev/null; dvc status --json; dvc pull >/dev/null",
  };

  @TempDir static Path shared;
  private static Playground playground;

  @BeforeAll
  static void begin() throws IOException {
    playground = new Playground(shared);
  }

  @AfterAll
  static void end() throws IOException {
    playground.run(shared, "revfs detach --lazy attached/work");
    playground.close();
  }

  private static String sh(Path directory, String script) throws IOException {
    Outcome outcome = playground.run(directory, script);
    String said = outcome.exit() + "\n" + outcome.out() + outcome.err();
    return said.replaceAll("(?m)^\\{\"progress.*\n", ""); // less is read in an attached copy
  }

  private static void ok(Path directory, String script) throws IOException {
    Outcome outcome = playground.run(directory, script);
    assertEquals(0, outcome.exit(), outcome::toString);
  }

  @Test
  void commandsInAnAttachedCopy_sayAndLeaveWhatTheyDoInAPlainOne() throws IOException {
    Path[] copies = new Path[2];
    String[] kinds = {"plain", "attached"};
    for (int i = 0; i < copies.length; i++) {
      Path top = Files.createDirectory(shared.resolve(kinds[i]));
      ok(
          top,
          "mkdir work remote && cd work && git init -q -b main && dvc init -q"
              + " && dvc remote add -q -d r ../remote && mkdir -p set/sub && echo 1 >set/one"
              + " && echo 2 >set/sub/two && echo model >model && echo 'n: 1' >params.yaml"
              + " && dvc add -q set model && git add -A && git commit -qm first && dvc push -q"
              + " && cd .. && mv work made && git clone -q made work && cd work"
              + " && git remote remove origin");
      copies[i] = top.resolve("work");
    }
    ok(copies[0], "dvc pull -q");
    ok(copies[1], "rm -rf ../made && revfs attach -q .");
    ok(copies[0], "rm -rf ../made");
    for (String step : STEPS) {
      String plain = sh(copies[0], step);
      String attached = sh(copies[1], step).replace("attached/work", "plain/work");
      assertFalse(attached.contains("state/attached"), attached);
      assertEquals(plain, attached, step);
      assertEquals(sh(copies[0], STATE), sh(copies[1], STATE), "after " + step);
    }
  }
}
