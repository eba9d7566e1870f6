package io.revfs.command.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.fuse.Shell;
import io.revfs.testing.ReferenceRepository;
import io.revfs.testing.TestDaemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code commit} of stages; what it writes is compared with what DVC wrote when it ran them. */
class StageCommitTest {
  @TempDir static Path shared;
  private static TestDaemon daemon;
  @TempDir Path directory;
  private Path repo;

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start(shared.resolve("d"), "");
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  @BeforeEach
  void make() throws IOException {
    repo = ReferenceRepository.unpack("03-pipeline", directory).repo();
    assertEquals("", run("pull"));
  }

  private String sh(String command) throws IOException {
    Shell.Result result = Shell.run(repo, command);
    assertEquals(0, result.exit(), result::output);
    return result.output().strip();
  }

  private String run(String command, Object... pairs) throws IOException {
    JsonNode said = daemon.command(repo, command, pairs);
    return said.has("error")
        ? said.at("/error/exit").asText() + " " + said.at("/error/message").asText()
        : "";
  }

  private String read(String path) throws IOException {
    return Files.readString(repo.resolve(path));
  }

  private void write(String path, String text) throws IOException {
    Files.writeString(repo.resolve(path), text);
  }

  @Test
  void commit_ofAllStages_writesTheLockFileAndTheRunsThatDvcWrote() throws IOException {
    String lock = read("dvc.lock");
    Files.delete(repo.resolve("dvc.lock"));
    assertTrue(run("commit").contains("Use `-f|--force` to force"));
    assertEquals("", run("commit", "force", true));
    assertEquals(lock, read("dvc.lock"));
    String ours = "(cd .dvc/cache/runs; find . -type f | sort)";
    String theirs = "(cd ../remote/runs; find . -type f | sort)";
    String both =
        sh("comm -12 <(%s) <(%s)".formatted(ours, theirs).transform(StageCommitTest::bash));
    assertTrue(both.lines().count() >= 3, both);
    for (String run : both.split("\n")) {
      String one = "cmp .dvc/cache/runs/%s ../remote/runs/%s".formatted(run, run);
      assertEquals("", sh(one), "two runs of one name are one run");
    }
  }

  private static String bash(String command) {
    return "bash -c '" + command + "'";
  }

  @Test
  void commit_ofOneStage_changesItsEntryOnly_andKeepsComments() throws IOException {
    write("dvc.lock", "# kept\n" + read("dvc.lock").replace("  train:\n", "  # ours\n  train:\n"));
    String before = read("dvc.lock");
    sh("sed -i 's/lr: 0.25/lr: 0.2/' params.yaml; sh train.sh");
    assertEquals("", run("commit", "targets", List.of("train"), "force", true));
    String after = read("dvc.lock");
    assertTrue(after.startsWith("# kept\n"), after);
    assertTrue(after.contains("  # ours\n  train:\n"), after);
    assertTrue(after.contains("train.lr: 0.2\n"), after);
    String train = "(?s)  # ours\n  train:\n.*?\n  (?=\\w)";
    assertEquals(before.replaceFirst(train, ""), after.replaceFirst(train, ""));
    assertEquals("", run("status", "targets", List.of("train")));
  }

  @Test
  void commit_whatCannotBeRecorded_leavesTheLockFile() throws IOException {
    String before = read("dvc.lock");
    sh("mv train.sh away");
    String said = run("commit", "targets", List.of("train"), "force", true);
    assertTrue(said.startsWith("1 failed to commit 'train': dependency 'train.sh'"), said);
    sh("mv away train.sh; rm metrics.json");
    said = run("commit", "targets", List.of("train"), "force", true);
    assertTrue(said.startsWith("1 failed to commit 'train': output 'metrics.json'"), said);
    sh("git checkout -q metrics.json; sed -i '/lr:/d' params.yaml");
    said = run("commit", "targets", List.of("train"), "force", true);
    assertTrue(said.contains("Parameters 'train.lr' are missing from 'params.yaml'."), said);
    sh("git checkout -q params.yaml; echo x >> model.bin");
    said = run("commit", "targets", List.of("train"));
    assertTrue(said.contains("unable to commit changed stage: 'train'"), said);
    write("dvc.lock", "schema: '3.0'\n");
    said = run("commit", "targets", List.of("train"), "force", true);
    assertTrue(said.contains("schema '3.0'"), said);
    assertEquals("schema: '3.0'\n", read("dvc.lock"));
    write("dvc.lock", "<<<<<<< HEAD\n" + before);
    said = run("commit", "targets", List.of("train"), "force", true);
    assertTrue(said.contains("dvc.lock"), said);
  }

  @Test
  void add_ofAStagesOutput_isRefused() throws IOException {
    String said = run("add", "targets", List.of("model.bin"));
    assertEquals("1 cannot update 'model.bin': overlaps with an output of train", said);
  }

  @Test
  void commit_ofAnImport_renewsItsChecksum() throws IOException {
    repo = ReferenceRepository.unpack("05-imports", directory).repo();
    assertTrue(run("pull", "targets", List.of("a.txt.dvc")).isEmpty());
    write("a.txt", "other\n");
    assertEquals("", run("commit", "targets", List.of("a.txt.dvc"), "force", true));
    JsonNode status = daemon.command(repo, "status", "targets", List.of("a.txt.dvc"));
    assertEquals(
        "{\"a.txt.dvc\":[{\"changed deps\":{\"data/a.txt (../source)\":\"update available\"}}]}",
        status.path("result").toString());
  }
}
