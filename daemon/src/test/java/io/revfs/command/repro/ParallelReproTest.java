package io.revfs.command.repro;

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

/** {@code repro -j}: what runs at once, what waits, what a failure does to the others. */
class ParallelReproTest {
  @TempDir Path directory;
  private DvcProject project;

  @BeforeEach
  void make() throws IOException {
    project = DvcProject.make(directory);
    project.write("in.txt", "1\n");
    project.write(".gitignore", "/log\n/pipe*\n");
  }

  @AfterEach
  void close() {
    project.close();
  }

  /** Each of the two gets on only when the other one is there: it ends if they run at once. */
  @Test
  void stagesThatNeedNotEachOther_runAtOnce_andThoseThatNeedThem_afterwards() throws IOException {
    project.sh("mkfifo pipe");
    project.write(
        "dvc.yaml",
        """
        stages:
          reader:
            cmd: cat pipe > r.txt && cat in.txt >> r.txt
            deps: [in.txt]
            outs: [r.txt]
          writer:
            cmd: cat in.txt > pipe && cp in.txt w.txt
            deps: [in.txt]
            outs: [w.txt]
          both:
            cmd: cat r.txt w.txt > b.txt
            deps: [r.txt, w.txt]
            outs: [b.txt]
        """);
    String out = project.ok("repro", "jobs", 2);
    assertEquals("1\n1\n1\n", project.read("b.txt"));
    assertTrue(out.contains("reader | Running stage 'reader':\n"), out);
    assertTrue(out.contains("writer | > cat in.txt > pipe"), out);
    String lock = project.read("dvc.lock");
    assertTrue(lock.contains("  reader:\n") && lock.contains("  writer:\n"), lock);
    assertTrue(project.ok("repro", "jobs", 2).endsWith("Data and pipelines are up to date.\n"));
    assertEquals(lock, project.read("dvc.lock"));
    assertFalse(project.read(".dvc/tmp/rwlock").contains("txt"));
  }

  @Test
  void noMoreThanJobs_runAtOnce() throws IOException {
    StringBuilder yaml = new StringBuilder("stages:\n");
    for (int i = 0; i < 6; i++) {
      yaml.append(
          """
            s%d:
              cmd: mkdir lock.d && echo s%d > o%d && rmdir lock.d
              outs: [o%d]
          """
              .formatted(i, i, i, i));
    }
    project.write("dvc.yaml", yaml.toString());
    String unused = project.ok("repro", "jobs", 1);
    assertEquals("s5\n", project.read("o5"));
    project.fails(254, "--jobs", "repro", "jobs", 0);
  }

  @Test
  void aFailure_letsTheOthersEnd_andIsTold_keepGoingGoesOn() throws IOException {
    project.sh("mkfifo pipe");
    project.write(
        "dvc.yaml",
        """
        stages:
          bad:
            cmd: cat pipe; exit 3
            deps: [in.txt]
            outs: [bad.txt]
          good:
            cmd: echo > pipe; echo good > good.txt
            deps: [in.txt]
            outs: [good.txt]
          after:
            cmd: cp bad.txt after.txt
            deps: [bad.txt]
            outs: [after.txt]
          late:
            cmd: cp good.txt late.txt
            deps: [good.txt]
            outs: [late.txt]
        """);
    RecordedCall call = project.run("repro", "jobs", 2);
    assertEquals(255, call.exit());
    assertTrue(
        call.failure().startsWith("failed to reproduce 'bad': failed to run: cat pipe; exit 3"),
        call.failure());
    String lock = project.read("dvc.lock");
    assertTrue(lock.contains("  good:\n"), "what ran is recorded");
    assertFalse(lock.contains("bad"), lock);
    project.sh("rm good.txt dvc.lock; rm -rf .dvc/cache");
    RecordedCall kept = project.run("repro", "jobs", 2, "keep-going", true);
    assertEquals("255 failed to reproduce 'bad'", kept.exit() + " " + kept.failure());
    assertEquals("good\n", project.read("late.txt"));
    assertTrue(kept.warnings().toString().contains("Stage 'after' will be skipped"));
    project.sh("sed -i 's/exit 3/echo bad > bad.txt; exit 3/' dvc.yaml; rm good.txt late.txt");
    project.sh("rm -rf dvc.lock .dvc/cache");
    assertEquals(0, project.run("repro", "jobs", 2, "ignore-errors", true).exit());
    assertEquals("bad\n", project.read("after.txt"));
  }

  /** A frozen stage does not wait for what it needs, but must not be looked at while that runs. */
  @Test
  void overlappingStages_runOneAfterAnother() throws IOException {
    project.write(
        "dvc.yaml",
        """
        stages:
          make:
            cmd: mkdir d && cp in.txt d/a
            deps: [in.txt]
            outs: [d]
          ice:
            cmd: never
            frozen: true
            deps: [d]
            outs: [ice.txt]
        """);
    project.write("ice.txt", "ice\n");
    String unused = project.ok("repro", "jobs", 4);
    assertTrue(project.read("dvc.lock").contains("  ice:\n"));
    assertEquals("1\n", project.read("d/a"));
  }

  @Test
  void manyStages_inAnyOrder_makeWhatOneByOneMakes() throws IOException {
    StringBuilder yaml = new StringBuilder("stages:\n");
    for (int i = 0; i < 24; i++) {
      String needs = i < 3 ? "in.txt" : "o" + (i / 2) + ", o" + (i - 3);
      yaml.append(
          "  s%d: {cmd: \"cat %s | md5sum > o%d\", deps: [%s], outs: [o%d]}\n"
              .formatted(i, needs.replace(",", ""), i, needs, i));
    }
    project.write("dvc.yaml", yaml.toString());
    String unused = project.ok("repro", "jobs", 8);
    String lock = project.sh("sort dvc.lock");
    project.sh("rm -rf dvc.lock .dvc/cache o*");
    unused = project.ok("repro");
    assertEquals(lock, project.sh("sort dvc.lock"));
    assertEquals(List.of(), project.run("repro", "jobs", 8).warnings());
  }
}
