package io.revfs.command.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import io.revfs.testing.RecordedCall;
import io.revfs.testing.ReferenceRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** remove, move, freeze and unfreeze. */
class EditCommandsTest {
  private static final String OF_DATA =
      """
      outs:
      - md5: deb8aa26b8e1feb9d4130410df092ed3.dir
        size: 5
        nfiles: 2
        hash: md5
        path: data
      """;

  @TempDir Path directory;
  private DvcProject project;

  @BeforeEach
  void make() throws IOException {
    project = DvcProject.make(directory);
    project.write("data/a", "1\n");
    project.write("data/sub/b", "22\n");
    project.add("data");
  }

  @AfterEach
  void close() {
    project.close();
  }

  private void remove(String target) {
    assertEquals("", project.ok("remove", "targets", List.of(target)));
  }

  private String move(String from, String to) {
    return project.ok("move", "src", from, "dst", to);
  }

  @Test
  void remove_keepsTheData_andMakesItIndependent() throws IOException {
    project.ok("config", "name", "cache.type", "value", "hardlink");
    project.ok("checkout", "relink", true);
    project.write(".gitignore", "/data\nother\n");
    remove("data.dvc");
    assertFalse(project.has("data.dvc"));
    assertEquals("other\n", project.read(".gitignore"));
    assertEquals("1 644", project.sh("stat -c '%h %a' data/a"));
    project.ok("checkout");
    assertEquals("1\n", project.read("data/a"));
  }

  @Test
  void remove_outs_takesTheDataToo_notTheCache() throws IOException {
    project.ok("remove", "targets", List.of("data.dvc"), "outs", true);
    assertFalse(project.has("data"));
    assertFalse(project.has(".gitignore"));
    assertEquals(3, project.cache().size());
  }

  @Test
  void remove_ofData_saysWhatIsMeant() {
    project.fails(1, "'data' is not a .dvc file", "remove", "targets", List.of("data"));
    project.fails(1, "'dvc.yaml' does not exist", "remove", "targets", List.of("nothing"));
    assertTrue(project.has("data.dvc"));
  }

  @Test
  void remove_aStage_leavesTheOthersAsTheyAreWritten() throws IOException {
    Path repo = ReferenceRepository.unpack("03-pipeline", directory).repo();
    try (DvcProject pipeline = DvcProject.open(repo, directory.resolve("other"))) {
      String yaml = pipeline.read("dvc.yaml");
      String before = yaml.substring(yaml.indexOf("  train:"));
      pipeline.ok("remove", "targets", List.of("train"));
      String now = pipeline.read("dvc.yaml");
      assertFalse(now.contains("  train:"));
      assertTrue(yaml.startsWith(now.substring(0, yaml.indexOf("  train:") - 1)));
      assertFalse(pipeline.read("dvc.lock").contains("\n  train:"));
      assertTrue(pipeline.read("dvc.lock").contains("\n  prepare:"));
      assertTrue(before.length() > 0);
    }
  }

  @Test
  void remove_theLastStage_removesTheFiles() throws IOException {
    project.write("dvc.yaml", "stages:\n  one:\n    cmd: echo\n    outs:\n    - x\n");
    project.write("dvc.lock", "schema: '2.0'\nstages:\n  one:\n    cmd: echo\n");
    remove("one");
    assertFalse(project.has("dvc.yaml"));
    assertFalse(project.has("dvc.lock"));
  }

  @Test
  void freeze_andUnfreeze_changeOnlyThat() throws IOException {
    project.write("data.dvc", "# mine\n" + OF_DATA);
    assertEquals("", project.ok("freeze", "targets", List.of("data.dvc")));
    assertEquals("# mine\n" + OF_DATA + "frozen: true\n", project.read("data.dvc"));
    project.ok("unfreeze", "targets", List.of("data.dvc"));
    assertEquals("# mine\n" + OF_DATA, project.read("data.dvc"));
    String yaml =
        "stages:\n  one:\n    cmd: echo # why\n    outs:\n    - x\n  two:\n    cmd: echo\n";
    project.write("dvc.yaml", yaml);
    assertEquals(
        "Modifying stage 'one' in 'dvc.yaml'\n", project.ok("freeze", "targets", List.of("one")));
    assertEquals(
        yaml.replace("    - x\n", "    - x\n    frozen: true\n"), project.read("dvc.yaml"));
    project.ok("unfreeze", "targets", List.of("one"));
    assertEquals(yaml, project.read("dvc.yaml"));
  }

  @Test
  void freeze_whatATemplateMade_isRefused() throws IOException {
    String yaml = "stages:\n  each:\n    foreach: [a, b]\n    do:\n      cmd: echo ${item}\n";
    project.write("dvc.yaml", yaml);
    project.fails(1, "cannot dump a parametrized stage", "freeze", "targets", List.of("each@a"));
    project.fails(1, "cannot remove a parametrized", "remove", "targets", List.of("each@a"));
    assertEquals(yaml, project.read("dvc.yaml"));
  }

  @Test
  void move_renamesDataAndFile() throws IOException {
    project.write("data.dvc", OF_DATA + "meta: kept # as this\n");
    project.write("raw/x", "x");
    String told = move("data", "raw");
    assertEquals(OF_DATA + "meta: kept # as this\n", project.read("raw/data.dvc"));
    assertFalse(project.has("data.dvc"));
    assertFalse(project.has(".gitignore"));
    assertEquals("/data\n", project.read("raw/.gitignore"));
    assertEquals("22\n", project.read("raw/data/sub/b"));
    assertTrue(told.contains("git add "), told);
    move("raw/data", "files");
    assertEquals(
        OF_DATA.replace("path: data", "path: files") + "meta: kept # as this\n",
        project.read("files.dvc"));
    assertEquals("{}", project.run("status").json().toString());
  }

  @Test
  void move_recordsWhatChanged_andWhatIsAbsentStaysRecorded() throws IOException {
    project.write("data/a", "changed\n");
    move("data", "new");
    assertTrue(project.read("new.dvc").contains("size: 11\n"));
    assertEquals("{}", project.run("status").json().toString());
    project.sh("rm -r new");
    RecordedCall absent = project.run("move", "src", "new", "dst", "newer");
    assertEquals(0, absent.exit(), absent.failure());
    assertTrue(absent.warnings().getFirst().contains("missing"));
    assertTrue(project.read("newer.dvc").contains("path: newer\n"));
    project.ok("checkout");
    assertEquals("changed\n", project.read("newer/a"));
  }

  @Test
  void move_stagesAutomatically_ifConfigured() throws IOException {
    project.commit("v1");
    project.ok("config", "name", "core.autostage", "value", "true");
    move("data", "new");
    assertEquals(
        "M  .gitignore\nR  data.dvc -> new.dvc",
        project.sh("git status --porcelain .gitignore '*.dvc'"));
  }

  @Test
  void move_anImport_keepsItsSourceInReach() throws IOException {
    project.write(
        "got.dvc",
        """
        md5: 00000000000000000000000000000000
        frozen: true
        deps:
        - path: ../source
          hash: md5
          md5: 401b30e3b8b5d629635a5c613cdb7919
        outs:
        - md5: 401b30e3b8b5d629635a5c613cdb7919
          size: 2
          hash: md5
          path: got
        """);
    project.write("got", "x\n");
    project.write("sub/.keep", "");
    move("got", "sub/it");
    assertEquals(
        """
        md5: %s
        frozen: true
        deps:
        - path: ../../source
          hash: md5
          md5: 401b30e3b8b5d629635a5c613cdb7919
        outs:
        - md5: 401b30e3b8b5d629635a5c613cdb7919
          size: 2
          hash: md5
          path: it
        """
            .formatted(
                md5(
                    "{\"deps\": [{\"hash\": \"md5\", \"md5\": \"401b30e3b8b5d629635a5c613cdb7919\","
                        + " \"path\": \"../../source\"}], \"outs\": [{\"hash\": \"md5\", \"md5\":"
                        + " \"401b30e3b8b5d629635a5c613cdb7919\", \"path\": \"it\"}]}")),
        project.read("sub/it.dvc"));
  }

  private static String md5(String text) {
    return io.revfs.testing.TestData.md5(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void move_whatCannotBe_isRefusedAndNothingChanges() throws IOException {
    project.write("file", "x");
    project.write("taken.dvc", "outs: []\n");
    project.write("dvc.yaml", "stages:\n  one:\n    cmd: echo\n    outs:\n    - made\n");
    String before = project.sh("find . -path ./.git -prune -o -type f -print | sort");
    project.fails(
        1, "unable to find DVC file with output 'file'", "move", "src", "file", "dst", "x");
    project.fails(1, "unable to find DVC file", "move", "src", "data/a", "dst", "x");
    project.fails(1, "that are not data sources", "move", "src", "made", "dst", "x");
    project.fails(1, "outside of DVC repo", "move", "src", "data", "dst", "../x");
    project.fails(1, "in the data itself", "move", "src", "data", "dst", "data/sub");
    project.fails(1, "'file' exists already", "move", "src", "data", "dst", "file");
    project.fails(1, "'taken.dvc' already exists", "move", "src", "data", "dst", "taken");
    project.fails(1, "does not exist", "move", "src", "data", "dst", "no/where");
    assertEquals(before, project.sh("find . -path ./.git -prune -o -type f -print | sort"));
    assertEquals(OF_DATA, project.read("data.dvc"));
  }

  @Test
  void whatARunningStageHas_isBusy() throws IOException {
    Files.writeString(
        project.path(".dvc/tmp/rwlock"),
        "{\"write\": {}, \"read\": {\"%s\": [{\"pid\": %d, \"cmd\": \"dvc repro\"}]}}"
            .formatted(project.path("data/sub"), ProcessHandle.current().pid()));
    project.fails(1, "is busy", "remove", "targets", List.of("data.dvc"));
    project.fails(1, "is busy", "move", "src", "data", "dst", "new");
    project.fails(1, "is busy", "add", "targets", List.of("data"));
    assertTrue(project.has("data.dvc"));
    assertEquals(OF_DATA, project.read("data.dvc"));
  }
}
