package io.revfs.cli.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.cli.replay.Playground.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** All of it within an attached working copy. */
class AttachedExperimentViewsIT extends ExperimentViewsIT {
  private final List<Path> attached = new ArrayList<>();

  @Override
  int experiments() {
    return 3;
  }

  @Override
  void begin(Path copy) throws IOException {
    String unused = sh(copy, "revfs attach -q");
    attached.add(copy);
  }

  @AfterEach
  void detach() throws IOException {
    for (Path copy : attached) {
      String unused = sh(copy, "cd /; revfs detach -q --lazy '" + copy.resolve("repo") + "'");
    }
    attached.clear();
  }

  /** The daemon and the task's process die while it runs; all begins again, and nothing is left. */
  @Test
  void killedWithTheDaemon_itRunsAgain_andLeavesNothing() throws IOException {
    Path copy = project("killed");
    Path repository = copy.resolve("repo");
    String unused =
        sh(
            copy,
            "git init -q -b main && dvc init -q && dvc remote add -q -d r ../remote && mkdir data"
                + " && echo a > data/a && dvc add -q data && echo n: 0 > params.yaml");
    Files.writeString(
        repository.resolve("dvc.yaml"),
        """
        stages:
          s:
            cmd:
            - cat data/a params.yaml > out
            - echo $DVC_EXP_NAME >> %1$s/begun
            - until [ -e %1$s/go ]; do sleep 0.1; done
            deps: [data]
            params: [n]
            outs: [out]
        """
            .formatted(copy));
    playground().give(copy);
    unused = sh(copy, "git add -A && git commit -qm base && dvc push -q && rm -rf data .dvc/cache");
    begin(copy);
    unused = sh(copy, "dvc exp run -q --queue -n k -S n=1,2 && dvc queue start -q -j 2");
    unused =
        sh(
            copy,
            "i=0; until [ \"$(cat ../begun 2>&1 | wc -l)\" = 2 ]; do i=$((i + 1));"
                + " [ $i -lt 600 ] || exit 9; sleep 0.1; done");
    List<ProcessHandle> victims = mine("exec-run", "queue-worker", "io.revfs.daemon.DaemonMain");
    assertTrue(victims.size() >= 5, victims.toString());
    victims.forEach(ProcessHandle::destroyForcibly);
    victims.forEach(victim -> victim.onExit().join());
    unused =
        sh(
            copy,
            "touch ../go; i=0; until revfs daemon start -q; do i=$((i + 1)); [ $i -lt 300 ] || exit"
                + " 9; sleep 0.1; done");
    Outcome all = playground().dvc(copy, ".", List.of("exp", "run", "--run-all", "-j", "2"));
    assertEquals(0, all.exit(), all::toString);
    assertEquals("k-1\nk-2", sh(copy, "dvc exp list --name-only | sort"));
    assertEquals(List.of(), names(copy, ".dvc/tmp/exps/views"));
    assertEquals("", sh(copy, "git for-each-ref refs/exps/celery; git status --porcelain"));
    assertEquals(List.of(), mine("REVFS_EXPERIMENT="));
    assertFalse(sh(copy, "cat /proc/self/mountinfo").contains("exps/views"));
  }

  /** Processes of this playground of which a word or a variable begins with one of some texts. */
  private List<ProcessHandle> mine(String... texts) throws IOException {
    String here = "\0XDG_RUNTIME_DIR=" + playground().top().resolve("run") + "\0";
    List<ProcessHandle> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : all) {
        String of = "\0" + text(process.resolve("environ")) + text(process.resolve("cmdline"));
        if (of.contains(here) && Stream.of(texts).anyMatch(text -> of.contains("\0" + text))) {
          ProcessHandle.of(Long.parseLong(process.getFileName().toString())).ifPresent(found::add);
        }
      }
    }
    return found;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // it has gone
    }
  }
}
