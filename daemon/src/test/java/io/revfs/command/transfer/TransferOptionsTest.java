package io.revfs.command.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which objects push, fetch and pull move, by their options. */
class TransferOptionsTest {
  private static final String ONE = "files/md5/b0/26324c6904b2a9cb4b88d6d61c81d1";
  private static final String TWO = "files/md5/26/ab0db90d72e28ad0ba1e22ee510510";
  private static final String THREE = "files/md5/6d/7fce9fee471194aa8b5b6e47267f03";

  @TempDir Path directory;
  private DvcProject project;
  private Path remote;

  @BeforeEach
  void make() throws IOException {
    project = DvcProject.make(directory);
    remote = directory.resolve("r");
    project.ok("remote add", "name", "r", "url", remote.toString(), "default", true);
    project.write("f", "1\n");
    project.add("f");
    project.commit("v1");
    project.sh("git checkout -qb side");
    project.write("f", "2\n");
    project.add("f");
    project.sh("git commit -qam side");
    project.sh("git checkout -q main");
    project.ok("checkout");
    project.write("f", "3\n");
    project.add("f");
    project.commit("v2");
  }

  @AfterEach
  void close() {
    project.close();
  }

  private void checkRemote(String... objects) throws IOException {
    assertEquals(List.of(objects).stream().sorted().toList(), DvcProject.objects(remote));
  }

  private void checkFetched(List<String> objects, Object... options) throws IOException {
    project.sh("rm -rf .dvc/cache");
    project.ok("fetch", options);
    assertEquals(objects.stream().sorted().toList(), project.cache());
  }

  @Test
  void push_ofTheWorkTree_thenOfRevisions() throws IOException {
    project.ok("push");
    checkRemote(THREE);
    project.ok("push", "all-tags", true);
    checkRemote(THREE, ONE);
    project.ok("push", "all-branches", true);
    checkRemote(THREE, ONE, TWO);
    project.sh("rm -r ../r");
    project.ok("push", "all-commits", true);
    checkRemote(THREE, ONE, TWO);
  }

  @Test
  void fetch_ofTheWorkTree_thenOfRevisions() throws IOException {
    project.ok("push", "all-commits", true);
    checkFetched(List.of(THREE));
    checkFetched(List.of(THREE, ONE), "all-tags", true);
    checkFetched(List.of(THREE, TWO), "all-branches", true);
    checkFetched(List.of(THREE, ONE, TWO), "all-commits", true);
  }

  @Test
  void fetch_ofPatterns_types_andSizes() throws IOException {
    project.write("sub/large", "1234567890");
    project.write("sub/m.json", "{}");
    project.add("sub/large");
    project.write(
        "dvc.yaml",
        "stages:\n  s:\n    cmd: echo\n    metrics:\n    - sub/m.json\n    outs:\n    - out\n");
    project.write("out", "1\n");
    project.ok("commit", "force", true);
    project.ok("push");
    String large = "files/md5/e8/07f1fcf82d132f9bb018ca6738a19f";
    String metrics = "files/md5/99/914b932bd37a50b983c5e7c90ae93b";
    checkFetched(List.of(large), "targets", List.of("sub/la*"), "glob", true);
    checkFetched(List.of(large), "targets", List.of("sub/large.dvc"));
    checkFetched(List.of(large), "targets", List.of("sub"), "recursive", true);
    checkFetched(List.of(metrics), "type", List.of("metrics"));
    checkFetched(List.of(ONE, THREE, metrics), "max-size", 5);
    project.fails(1, "no output matches", "fetch", "targets", List.of("no*"), "glob", true);
  }

  @Test
  void pull_withDeps_bringsWhatAStageNeeds() throws IOException {
    project.write("other", "2\n");
    project.add("other");
    project.write("dvc.yaml", "stages:\n  s:\n    cmd: echo\n    deps:\n    - f\n");
    project.ok("push");
    project.sh("rm -rf .dvc/cache f other");
    project.ok("pull", "targets", List.of("s"), "with-deps", true);
    assertTrue(project.has("f"));
    assertFalse(project.has("other"));
  }

  @Test
  void pull_allowMissing_bringsTheRest() throws IOException {
    project.write("other", "2\n");
    project.add("other");
    project.ok("push");
    project.sh("rm -rf .dvc/cache f other ../r/" + TWO);
    assertEquals(1, project.run("pull").exit());
    project.ok("pull", "allow-missing", true);
    assertEquals("3\n", project.read("f"));
    assertFalse(project.has("other"));
  }

  @Test
  void runCache_goesAlongIfAskedFor() throws IOException {
    String entry = "runs/aa/" + "a".repeat(64) + "/" + "b".repeat(64);
    project.write(".dvc/cache/" + entry, "cmd: echo\n");
    project.ok("push");
    checkRemote(THREE);
    project.ok("push", "run-cache", true);
    checkRemote(THREE, entry);
    project.sh("rm -rf .dvc/cache");
    project.ok("fetch");
    assertFalse(project.has(".dvc/cache/" + entry));
    project.ok("fetch", "run-cache", true);
    assertEquals("cmd: echo\n", project.read(".dvc/cache/" + entry));
  }

  @Test
  void anotherRemote_isNamed() throws IOException {
    Path other = directory.resolve("o");
    project.ok("remote add", "name", "o", "url", other.toString());
    project.ok("push", "remote", "o", "jobs", 1);
    assertEquals(List.of(THREE), DvcProject.objects(other));
    assertEquals(List.of(), DvcProject.objects(remote));
    checkFetched(List.of(THREE), "remote", "o");
    project.fails(251, "'nowhere'", "push", "remote", "nowhere");
  }
}
