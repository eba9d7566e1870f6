package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.fuse.Await;
import io.revfs.fuse.Shell;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random repositories whose commits the kernel serves by itself, against a map of paths to bytes.
 * Needs root.
 */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class SealedRandomTreesTest {
  private static final String[] NAMES = {
    "a", "a.txt", "a b", "ü", "z-9", "sub", "sub.d", "0", "名", "x".repeat(250), "'", "-", "~"
  };

  @TempDir Path directory;

  @Test
  void sealedCommits_showWhatTheModelHolds() throws Exception {
    long seed = Long.getLong("revfs.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    TestData data = new TestData(directory.resolve("data"));
    Map<String, byte[]> git = new TreeMap<>();
    Map<String, Map<String, byte[]>> outputs = new TreeMap<>();
    Map<String, Map<String, String>> models = new TreeMap<>();
    for (int i = 0; i < 3; i++) {
      for (int file = 0; file < 6; file++) {
        String path = "git" + random.nextInt(3) + "/" + name(random) + "/" + name(random) + ".g";
        String text = "%x".formatted(random.nextLong()).repeat(random.nextInt(8_000));
        data.write(path, text);
        git.put(path, text.getBytes(StandardCharsets.UTF_8));
      }
      for (int output = 0; output < 2; output++) {
        Map<String, byte[]> set = new TreeMap<>();
        for (int file = random.nextInt(300); file > 0; file--) {
          set.put(name(random) + "/" + name(random) + "." + file, bytes(random));
        }
        data.directory("set" + output, set);
        outputs.put("set" + output, set);
        byte[] one = bytes(random);
        data.file("out" + output, one);
        outputs.put("out" + output, Map.of("", one));
      }
      data.directory("many", many(random));
      models.put(data.commit("v" + i), model(git, outputs));
    }
    try (TestDaemon daemon =
        TestDaemon.start(directory.resolve("daemon"), "seal:\n  mode: auto\n")) {
      Path mount = daemon.mount(data.repository().toString(), "mnt");
      List<String> commits = new ArrayList<>(models.keySet());
      for (String commit : commits) {
        awaitSealed(daemon, mount, commit);
      }
      Path alone = fuseAlone(daemon, data.repository());
      for (String commit : commits) {
        assertEquals(
            Listings.of(alone.resolve("commits/" + commit)),
            Listings.of(mount.resolve("commits/" + commit)),
            "seed " + seed);
      }
      for (int round = 0; round < 2; round++) { // fetched, and from the cache
        for (String commit : commits) {
          assertEquals(
              models.get(commit), found(mount.resolve("commits/" + commit)), "seed " + seed);
        }
      }
    }
  }

  /** Names that take one block of a directory or several; their bytes are all the same. */
  private static Map<String, byte[]> many(Random random) {
    Map<String, byte[]> many = new TreeMap<>();
    for (int file = random.nextInt(2_000); file > 0; file--) {
      String directory = file % 9 == 0 ? name(random) + "/" : "";
      many.put(directory + file + "." + name(random), new byte[] {1});
    }
    return many;
  }

  private Path fuseAlone(TestDaemon daemon, Path repository) throws Exception {
    Path alone = directory.resolve("daemon/alone");
    TestDaemon.Answer answer =
        daemon.post(
            "/v1/mounts",
            "{\"repository\":\"%s\",\"directory\":\"%s\",\"seal\":\"off\"}"
                .formatted(repository, alone));
    assertEquals(200, answer.status(), answer.toString());
    return alone;
  }

  private static Map<String, String> model(
      Map<String, byte[]> git, Map<String, Map<String, byte[]>> outputs) {
    Map<String, String> model = new TreeMap<>();
    git.forEach((path, bytes) -> model.put(path, line(bytes)));
    outputs.forEach(
        (output, files) ->
            files.forEach(
                (path, bytes) ->
                    model.put(path.isEmpty() ? output : output + "/" + path, line(bytes))));
    return model;
  }

  private static String line(byte[] bytes) {
    return TestData.md5(bytes) + " " + bytes.length;
  }

  /** What describes the data is left out: it is Git's, and others look at that. */
  private static Map<String, String> found(Path tree) throws Exception {
    Map<String, String> found = new TreeMap<>();
    String script =
        "find . -type f ! -name '*.dvc' ! -path './.dvc/*' ! -path './many/*' -printf '%P\\0%s\\0'"
            + " | while IFS= read -r -d '' p && read -r -d '' s; do"
            + " printf '%s\\t%s %s\\n' \"$p\" \"$(md5sum <\"./$p\" | cut -c1-32)\" $s; done";
    for (String line : Shell.run(tree, script).output().split("\n")) {
      int tab = line.lastIndexOf('\t');
      found.put(line.substring(0, tab), line.substring(tab + 1));
    }
    return found;
  }

  private static void awaitSealed(TestDaemon daemon, Path mount, String commit) throws Exception {
    Shell.run(mount, "ls commits/" + commit);
    Await.until(
        commit + " is not sealed",
        () -> {
          JsonNode status = daemon.get("/v1/mounts").json().at("/mounts/0");
          assertTrue(!status.at("/notSealed").has(commit), status.toString());
          return status.at("/sealed").toString().contains(commit);
        });
  }

  private static String name(Random random) {
    return NAMES[random.nextInt(NAMES.length)];
  }

  private static byte[] bytes(Random random) {
    int most = random.nextInt(20) == 0 ? 1_500_000 : 50;
    byte[] bytes = new byte[random.nextInt(most)];
    random.nextBytes(bytes);
    return bytes;
  }
}
