package io.revfs.command.repro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import io.revfs.testing.RecordedCall;
import io.revfs.testing.ReferenceRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code repro} from nothing, after changes, and with what ran before, here or elsewhere. */
class ReproHistoryTest extends ReproProject {
  @Test
  void sameInputsAgain_comeFromTheHistoryOfRuns() throws IOException {
    assertEquals("first second alone", repro());
    project.write("in.txt", "2\n");
    assertEquals("first second", repro());
    String lock = project.read("dvc.lock");
    project.write("in.txt", "1\n");
    Files.delete(project.path("m.json"));
    String out = repro();
    assertTrue(out.contains("Stage 'first' is cached - skipping run"), out);
    assertTrue(out.contains("Stage 'second' is cached - skipping run"), out);
    assertEquals("ba1\n", project.read("b.txt"));
    assertEquals("{\"n\":1}\n", project.read("m.json"));
    assertEquals("644", project.sh("stat -c %a m.json"));
    project.write("in.txt", "2\n");
    assertTrue(repro().contains("is cached"));
    assertEquals(lock, project.read("dvc.lock"));
    project.write("in.txt", "1\n");
    assertEquals("first", repro("no-run-cache", true, "targets", List.of("first")));
  }

  @Test
  void pull_bringsWhatIsMissing_insteadOfRunning() throws IOException {
    project.sh("mkdir ../remote");
    project.ok(
        "remote add", "name", "r", "url", directory.resolve("remote").toString(), "default", true);
    assertEquals("first second alone", repro());
    String unused = project.ok("push", "run-cache", true);
    project.sh("rm -rf .dvc/cache a.txt b.txt c.txt");
    String out = repro("pull", true);
    assertTrue(out.contains("Pulling data for stage: 'first'"), out);
    assertEquals("ba1\n", project.read("b.txt"));
  }

  /** DVC's own pipelines, run again from nothing, are recorded as DVC recorded them. */
  @Test
  void dvcsPipelines_fromNothing_giveItsLockFiles() throws IOException {
    for (String name : List.of("03-pipeline", "04-templating")) {
      Path repo = ReferenceRepository.unpack(name, directory).repo();
      try (DvcProject other =
          DvcProject.open(repo, Files.createDirectories(directory.resolve(name + "-known")))) {
        other.ok("pull");
        String lock = other.read("dvc.lock");
        Files.delete(other.path("dvc.lock"));
        other.sh("rm -rf .dvc/cache/runs");
        other.ok("repro", "all-pipelines", true);
        assertEquals(entries(lock), entries(other.read("dvc.lock")), name);
        assertEquals("", other.sh("git status --porcelain -- '*.yaml' '*.json'"));
      }
    }
  }

  /**
   * The stages of a lock file, whose order is that of their first run; but for one that adds a line
   * to a file each time it runs, and one that reads files by a pattern it does not depend on.
   */
  private static List<String> entries(String lock) {
    return Pattern.compile("\n(?=  \\S)")
        .splitAsStream(lock.strip())
        .filter(entry -> !entry.contains("history.log") && !entry.contains("all.txt"))
        .sorted()
        .toList();
  }

  /** Inputs, parameters and code change at random; outputs must be those of a run from nothing. */
  @Test
  void randomChanges_giveWhatARunFromNothingGives_andRunNoMoreThanNeeded() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String before = "";
    for (int i = 0; i < 12; i++) {
      String input = random.nextInt(3) + "\n";
      String scale = "scale: " + random.nextInt(2) + "\nother: " + i + "\n";
      project.write("in.txt", input);
      project.write("params.yaml", scale);
      String state = input + scale.substring(0, scale.indexOf('\n'));
      String ran = repro();
      assertEquals("ba" + input, project.read("b.txt"), "seed " + seed);
      boolean nothing = ran.endsWith(UP_TO_DATE);
      assertEquals(state.equals(before), nothing, "seed " + seed + ", step " + i + ": " + ran);
      before = state;
    }
  }

  @Test
  void pull_bringsTheHistoryOfRuns_andWhatARunMade() throws IOException {
    project.sh("git add -A && git commit -qm start");
    String remote = directory.resolve("remote").toString();
    project.ok("remote add", "name", "r", "url", remote, "default", true);
    assertEquals("first second alone", repro());
    String unused = project.ok("push", "run-cache", true);
    project.write("in.txt", "2\n");
    assertEquals("first second", repro());
    project.write("in.txt", "1\n");
    project.sh("rm -rf runs dvc.lock a.txt b.txt m.json c.txt .dvc/cache");
    RecordedCall pulled = project.run("repro", "pull", true, "targets", List.of("second"));
    assertEquals(0, pulled.exit(), pulled::failure);
    assertTrue(pulled.out().contains("Stage 'first' is cached"), pulled.out());
    assertEquals("ba1\n", project.read("b.txt"));
    assertEquals("second\n", project.read("runs"), "m.json is Git's, no remote has it");
    project.sh("rm -rf dvc.lock a.txt b.txt m.json .dvc/cache");
    project.ok("remote remove", "name", "r");
    RecordedCall without = project.run("repro", "pull", true, "targets", List.of("first"));
    assertEquals(0, without.exit(), without::failure);
    assertTrue(without.out().contains("Running stage 'first'"), without.out());
    assertTrue(
        without.warnings().stream().anyMatch(line -> line.contains("history of runs cannot")),
        without.warnings()::toString);
  }
}
