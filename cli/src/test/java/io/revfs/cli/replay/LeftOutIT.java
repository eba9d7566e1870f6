package io.revfs.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The trace finds what was left out: each dependency of each pipeline that DVC made is deleted from
 * {@code dvc.yaml}, one at a time, and a change of its file runs the stage all the same. The
 * command is as shipped.
 */
class LeftOutIT extends PlaygroundProject {
  @Override
  void init() {
    // Each takes a pipeline of DVC's.
  }

  /** A dependency as it is written, and its file. */
  private record Declared(String stage, String written, Path file) {}

  /** Reads the plain form that these pipelines have. */
  private List<Declared> dependencies() throws IOException {
    List<Declared> found = new ArrayList<>();
    List<String> open = new ArrayList<>();
    String stage = "";
    String directory = "";
    boolean inside = false;
    for (String line : Files.readAllLines(project().resolve("dvc.yaml"))) {
      if (line.matches("  [\\w-]+:") || !line.startsWith(" ")) {
        resolve(stage, directory, open, found);
        stage = line.strip().replace(":", "");
        directory = "";
      }
      if (line.startsWith("    wdir: ")) {
        directory = line.substring("    wdir: ".length()).replace("${where}", "inner");
      }
      inside = line.equals("    deps:") || (inside && line.startsWith("    - "));
      if (inside && line.startsWith("    - ")) {
        open.add(line.substring("    - ".length()));
      }
    }
    resolve(stage, directory, open, found);
    return found;
  }

  private void resolve(String stage, String directory, List<String> open, List<Declared> to) {
    for (String written : open) {
      Path file = project().resolve(directory).resolve(written).normalize();
      to.add(new Declared(stage, written, file));
    }
    open.clear();
  }

  /** Deletes one dependency, and lets its file change. */
  private void check(Declared one) throws IOException {
    String yaml = Files.readString(project().resolve("dvc.yaml"));
    int stage = yaml.indexOf("  " + one.stage() + ":\n");
    String line = "    - " + one.written() + "\n";
    int at = yaml.indexOf(line, stage);
    String without = yaml.substring(0, at) + yaml.substring(at + line.length());
    check(one, yaml, without.replaceFirst("    deps:\n(?!    - )", ""));
  }

  private void check(Declared one, String yaml, String without) throws IOException {
    pipeline(without);
    String after =
        sh(
            """
            f='%s'; cp -a "$f" ../kept
            g=$f; [ ! -d "$f" ] || g=$f/$(ls "$f" | head -1)
            chmod u+w "$g"; echo '# changed' >> "$g"
            dvc repro --dry -s %s
            rm -rf "$f"; mv ../kept "$f"
            """
                .formatted(one.file(), one.stage()));
    assertTrue(after.contains("Running stage '" + one.stage() + "'"), () -> one + ": " + after);
    pipeline(yaml);
  }

  /** As long as nothing changes, nothing runs, whatever is deleted. */
  private void checkIdle() throws IOException {
    String yaml = Files.readString(project().resolve("dvc.yaml"));
    pipeline(yaml.replaceAll("    deps:\n(    - .*\n)+", ""));
    String idle = sh("dvc repro --dry");
    List<String> running = idle.lines().filter(line -> line.startsWith("Running")).toList();
    assertTrue(
        running.stream().allMatch(line -> line.matches("Running stage '(stamp|callback)':")), idle);
    pipeline(yaml);
  }

  private void reproduced(String pack, String revision) throws IOException {
    reproduced(pack, revision, "repo");
  }

  private void reproduced(String pack, String revision, String repository) throws IOException {
    enter(playground().fresh(playground().unpack(pack), revision).resolve(repository));
    sh("dvc pull -q && revfs repro -q -P -f --record");
  }

  @ParameterizedTest
  @CsvSource({"05-imports, source", "06-experiments, repo", "07-legacy-2x, repo"})
  void pipelinesBesideOtherThings(String pack, String repository) throws IOException {
    reproduced(pack, "HEAD", repository);
    List<Declared> all = dependencies();
    assertFalse(all.isEmpty(), "there is something to leave out");
    checkIdle();
    for (Declared one : all) {
      check(one);
    }
  }

  @Test
  void aPipelineOfStages() throws IOException {
    reproduced("03-pipeline", "HEAD");
    List<Declared> all = dependencies();
    assertEquals(8, all.size(), all::toString);
    checkIdle();
    for (Declared one : all) {
      if (!one.stage().equals("thaw")) { // frozen: what it depends on does not count
        check(one);
      }
    }
    String yaml = Files.readString(project().resolve("dvc.yaml"));
    int params = yaml.indexOf("    params:\n    - train.lr");
    String without = yaml.substring(0, params) + yaml.substring(yaml.indexOf("    outs:", params));
    for (String file : List.of("params.yaml", "other.toml")) {
      check(new Declared("train", file, project().resolve(file)), yaml, without);
    }
    // The order is right without being told: what makes the file comes first.
    pipeline(yaml.replace("    deps:\n    - model.bin\n", ""));
    sh("sed -i 's/lr: 0.25/lr: 0.75/' params.yaml");
    String why = sh("revfs repro --dry --explain evaluate");
    assertTrue(
        why.contains(
            "evaluate: may run\n  model.bin: read undeclared; comes from train, and may become"),
        why);
    String again = sh("dvc repro evaluate");
    assertTrue(
        again.indexOf("Running stage 'train'") < again.indexOf("Running stage 'evaluate'")
            && again.contains("Running stage 'train'"),
        again);
    assertTrue(sh("cat sorted.txt").contains("lr=0.75"));
  }

  @Test
  void aPipelineOfTemplates() throws IOException {
    reproduced("04-templating", "HEAD");
    List<Declared> all = dependencies();
    assertEquals(2, all.size(), all::toString);
    checkIdle();
    for (Declared one : all) {
      check(one);
    }
    enter(project().resolve("sub/pipe"));
    all = dependencies();
    assertEquals(3, all.size(), all::toString);
    for (Declared one : all) {
      check(one);
    }
  }
}
