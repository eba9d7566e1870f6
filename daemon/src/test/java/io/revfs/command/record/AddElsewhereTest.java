package io.revfs.command.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DaemonProject;
import io.revfs.testing.DvcProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** add --out and --to-remote: data that is not where it is tracked. */
class AddElsewhereTest extends DaemonProject {
  private Path elsewhere;

  @BeforeEach
  void make() throws IOException {
    elsewhere = Files.createDirectories(directory.resolve("elsewhere/data/sub")).getParent();
    Files.writeString(elsewhere.resolve("a"), "1\n");
    Files.writeString(elsewhere.resolve("sub/b"), "22\n");
    dvc.ok("remote add", "name", "r", "url", directory.resolve("r").toString(), "default", true);
  }

  @Test
  void out_bringsTheDataHere_andTracksItThere() throws IOException {
    dvc.ok("add", "targets", List.of(elsewhere.toString()), "out", "data");
    assertEquals(OF_DATA, read("data.dvc"));
    assertEquals("/data\n", read(".gitignore"));
    assertEquals("22\n", read("data/sub/b"));
    assertEquals(3, DvcProject.objects(path(".dvc/cache")).size());
    assertEquals("1\n", Files.readString(elsewhere.resolve("a")));
    Files.createDirectories(path("raw"));
    dvc.ok("add", "targets", List.of("../elsewhere/data/a"), "out", "raw");
    assertEquals("1\n", read("raw/a"));
    assertTrue(read("raw/a.dvc").endsWith("  path: a\n"), read("raw/a.dvc"));
  }

  @Test
  void out_thatIsThere_staysUnlessForced() throws IOException {
    Files.writeString(path("data"), "mine");
    List<String> targets = List.of(elsewhere.toString());
    dvc.fails(
        1, List.of("already exists locally", "--force"), "add", "targets", targets, "out", "data");
    assertEquals("mine", read("data"));
    assertFalse(Files.exists(path("data.dvc")));
    dvc.ok("add", "targets", targets, "out", "data", "force", true);
    assertEquals(OF_DATA, read("data.dvc"));
  }

  @Test
  void toRemote_storesThere_andNothingHere() throws IOException {
    dvc.ok("add", "targets", List.of(elsewhere.toString()), "to-remote", true, "remote-jobs", 2);
    assertEquals(OF_DATA, read("data.dvc"));
    assertFalse(Files.exists(path("data")));
    assertFalse(Files.exists(path(".gitignore")));
    assertEquals(List.of(), DvcProject.objects(path(".dvc/cache")));
    assertEquals(3, DvcProject.objects(directory.resolve("r/files/md5")).size());
    dvc.ok("pull");
    assertEquals("1\n", read("data/a"));
  }

  @Test
  void toRemote_ofDataInTheProject_tracksItWhereItIs() throws IOException {
    sh("mkdir in && cp -r ../elsewhere/data in");
    dvc.ok("remote add", "name", "s", "url", directory.resolve("s").toString());
    dvc.ok("add", "targets", List.of("in/data"), "to-remote", true, "remote", "s");
    assertEquals(OF_DATA, read("in/data.dvc"));
    assertEquals("1\n", read("in/data/a"));
    assertEquals(3, DvcProject.objects(directory.resolve("s/files/md5")).size());
  }

  @Test
  void wrongOptions_areRefused_andNothingIsTracked() throws IOException {
    List<String> one = List.of(elsewhere.toString());
    dvc.fails(1, List.of("multiple targets"), "add", "targets", List.of("a", "b"), "out", "x");
    dvc.fails(1, List.of("--glob"), "add", "targets", one, "to-remote", true, "glob", true);
    dvc.fails(1, List.of("--no-commit"), "add", "targets", one, "out", "x", "no-commit", true);
    dvc.fails(1, List.of("--remote can't"), "add", "targets", one, "remote", "r");
    dvc.fails(1, List.of("--remote-jobs can't"), "add", "targets", one, "remote-jobs", 3);
    dvc.fails(1, List.of("outside of DVC project"), "add", "targets", one, "out", "../x");
    dvc.fails(1, List.of("does not exist"), "add", "targets", List.of("/nowhere/x"), "out", "x");
    assertEquals(
        0, DvcProject.objects(dvc.directory()).stream().filter(f -> f.endsWith("x.dvc")).count());
  }
}
