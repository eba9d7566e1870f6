package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.fuse.Await;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountOptions;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.PosixCases;
import io.revfs.fuse.Shell;
import io.revfs.fuse.serve.FuseMounts;
import io.revfs.testing.ReferenceRepository;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commits that the kernel serves by itself show what others do. Needs root. */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class SealedConformanceTest {
  /** Git has no empty directories; attributes, size and type are not those of the cases' tree. */
  private static final Set<String> OTHERWISE =
      Set.of(
          "list_empty",
          "list_dots",
          "list_root",
          "list_types",
          "xattr_get",
          "xattr_list",
          "statfs_size",
          "mount_type");

  @TempDir Path directory;

  private Path mount(TestDaemon daemon, Path repository) throws Exception {
    return mount(daemon, repository, "mnt", "on");
  }

  private Path mount(TestDaemon daemon, Path repository, String name, String seal)
      throws Exception {
    Path mount = directory.resolve("daemon").resolve(name);
    TestDaemon.Answer answer =
        daemon.post(
            "/v1/mounts",
            "{\"repository\":\"%s\",\"directory\":\"%s\",\"seal\":\"%s\"}"
                .formatted(repository, mount, seal));
    assertEquals(200, answer.status(), answer.toString());
    return mount;
  }

  /** Waits until a commit is sealed, or is said not to be; returns which. */
  private static boolean isSealed(TestDaemon daemon, Path mount, String commit) throws Exception {
    Shell.run(mount, "ls commits/" + commit);
    JsonNode[] status = new JsonNode[1];
    Await.until(
        commit + " is neither sealed nor refused",
        () -> {
          status[0] = daemon.get("/v1/mounts").json().at("/mounts/0");
          return isRefused(status[0], commit) || isSealed(status[0], commit);
        });
    if (isRefused(status[0], commit)) {
      return false;
    }
    assertTrue(MountTable.read().at(mount.resolve("commits").resolve(commit)).isPresent());
    return true;
  }

  private static boolean isRefused(JsonNode status, String commit) {
    return status.at("/notSealed").has(commit);
  }

  private static boolean isSealed(JsonNode status, String commit) {
    return status.at("/sealed").toString().contains(commit);
  }

  /** It has no digest. */
  private static boolean isUnreadable(Map.Entry<String, String> file) {
    return file.getValue().startsWith(" ");
  }

  @Test
  void posixCases() throws Exception {
    TestData data = new TestData(Files.createDirectories(directory.resolve("data")));
    Path model = Files.createDirectories(directory.resolve("model"));
    MountOptions options =
        new MountOptions(
            "model",
            false,
            1,
            MountOptions.Backend.KERNEL,
            MountOptions.Serve.PAGE_CACHE,
            directory.resolve("open"));
    try (FuseSession session = FuseMounts.mount(PosixCases.tree(), model, options)) {
      String copy = "cp -rP . " + data.repository() + "/tree 2>&1";
      assertEquals("", Shell.run(session.mountPoint(), copy).output());
    }
    String commit = data.commit("v1");
    try (TestDaemon daemon = TestDaemon.start(directory.resolve("daemon"), "")) {
      Path mount = mount(daemon, data.repository());
      assertTrue(isSealed(daemon, mount, commit), () -> "refused: " + commit);
      Path tree = mount.resolve("commits").resolve(commit).resolve("tree");
      assertAll(
          PosixCases.all().stream()
              .filter(Predicate.not(c -> OTHERWISE.contains(c.name())))
              .map(
                  c ->
                      (Executable)
                          () ->
                              assertEquals(
                                  c.expected(), Shell.run(tree, c.script()).output(), c.name())));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01-single-files",
        "02-directories",
        "03-pipeline",
        "04-templating",
        "05-imports",
        "06-experiments",
        "07-legacy-2x",
        "08-remotes-config",
        "09-dvcignore"
      })
  void everyFileOfReferenceCommits_isAsDvcChecksItOut(String name) throws Exception {
    ReferenceRepository reference = ReferenceRepository.unpack(name, directory);
    int sealed = 0;
    try (TestDaemon daemon = TestDaemon.start(directory.resolve("daemon"), "")) {
      Path mount = mount(daemon, reference.repo());
      Path alone = mount(daemon, reference.repo(), "alone", "off");
      for (JsonNode revision : reference.revisions()) {
        String commit = revision.get("rev").asText();
        if (!isSealed(daemon, mount, commit)) {
          continue; // its objects are not all there: FUSE shows it
        }
        sealed++;
        Map<String, String> expected = new TreeMap<>();
        for (JsonNode file : revision.get("checkout")) {
          String path = file.get("path").asText();
          if (!path.equals(".dvc/config.local")) {
            expected.put(
                path,
                file.has("symlink")
                    ? "-> " + file.get("symlink").asText()
                    : file.get("md5").asText() + " " + file.get("size").asLong());
          }
        }
        Path tree = mount.resolve("commits").resolve(commit);
        assertEquals(
            Listings.of(alone.resolve("commits").resolve(commit)), Listings.of(tree), commit);
        Map<String, String> found = new TreeMap<>();
        String lines =
            Shell.run(
                    tree,
                    "find . -type f -printf '%P\\0%s\\0' | while IFS= read -r -d '' p && read -r -d"
                        + " '' s; do printf '%s\\t%s %s\\n"
                        + "' \"$p\" \"$(md5sum <\"$p\" | cut -c1-32)\" $s; done 2>/dev/null; find ."
                        + " -type l -printf '%P\\t-> %l\\n"
                        + "'")
                .output();
        lines
            .lines()
            .forEach(
                line -> {
                  int tab = line.lastIndexOf('\t'); // names have tabs too
                  assertTrue(tab >= 0, line);
                  found.put(line.substring(0, tab), line.substring(tab + 1));
                });
        // Never pushed: shown, unreadable, and not in what DVC could check out.
        found.entrySet().removeIf(e -> isUnreadable(e) && !expected.containsKey(e.getKey()));
        found.remove(".dvc/tmp/repro.dat"); // in Git's tree of an experiment, taken away by DVC
        assertEquals(expected, found, () -> name + " at " + revision.get("names"));
      }
    }
    assertTrue(sealed > 0, "none could be sealed");
  }
}
