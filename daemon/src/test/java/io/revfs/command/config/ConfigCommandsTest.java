package io.revfs.command.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import io.revfs.testing.RecordedCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** config, remote and cache dir: their levels, and what they write. */
class ConfigCommandsTest {
  @TempDir Path directory;
  private DvcProject project;

  @BeforeEach
  void make() throws IOException {
    project = DvcProject.make(directory);
  }

  @AfterEach
  void close() {
    project.close();
  }

  private String config(Path file) throws IOException {
    return Files.readString(project.home().resolve(file));
  }

  @Test
  void levels_eachHasItsFile_andTheNearerWins() throws IOException {
    project.ok("config", "name", "core.remote", "value", "of-all", "system", true);
    project.ok("config", "name", "core.remote", "value", "of-user", "global", true);
    assertEquals("[core]\n    remote = of-all\n", config(Path.of("all/config")));
    assertEquals("[core]\n    remote = of-user\n", config(Path.of(".config/dvc/config")));
    assertEquals("of-user\n", project.ok("config", "name", "core.remote"));
    project.ok("config", "name", "core.remote", "value", "of-project", "project", true);
    project.ok("config", "name", "core.remote", "value", "of-copy", "local", true);
    assertEquals("[core]\n    remote = of-project\n", project.read(".dvc/config"));
    assertEquals("[core]\n    remote = of-copy\n", project.read(".dvc/config.local"));
    assertEquals("of-copy\n", project.ok("config", "name", "core.remote"));
    assertEquals("of-user\n", project.ok("config", "name", "core.remote", "global", true));
    assertEquals(
        ".dvc/config.local\tof-copy\n",
        project.ok("config", "name", "core.remote", "show-origin", true));
    project.ok("config", "name", "core.remote", "unset", true, "local", true);
    assertEquals("of-project\n", project.ok("config", "name", "core.remote"));
    assertEquals(
        "core.remote=of-all\ncore.remote=of-user\ncore.remote=of-project\n",
        project.ok("config", "list", true));
    project.fails(
        254, "only one of", "config", "name", "core.remote", "local", true, "global", true);
  }

  @Test
  void variables_moveTheUsersLevels() throws IOException {
    Map<String, String> elsewhere =
        Map.of(
            "HOME",
            project.home().toString(),
            "DVC_GLOBAL_CONFIG_DIR",
            directory.resolve("g").toString(),
            "DVC_SYSTEM_CONFIG_DIR",
            directory.resolve("s").toString());
    for (String level : new String[] {"global", "system"}) {
      RecordedCall call =
          RecordedCall.run(
              new ConfigCommand(),
              project.root(),
              elsewhere,
              Map.of("name", "core.autostage", "value", "true", level, true));
      assertEquals(0, call.exit(), call.failure());
    }
    assertEquals("[core]\n    autostage = true\n", Files.readString(directory.resolve("g/config")));
    assertEquals("[core]\n    autostage = true\n", Files.readString(directory.resolve("s/config")));
  }

  @Test
  void unset_ofWhatIsNotThere_isAConfigurationError() throws IOException {
    project.fails(
        251, "option 'remote' doesn't exist", "config", "name", "core.remote", "unset", true);
    project.fails(251, "remote 'x' doesn't exist", "config", "name", "remote.x.url", "unset", true);
    assertEquals("", project.read(".dvc/config"));
  }

  @Test
  void unknownOptions_areRefused_andNothingIsWritten() throws IOException {
    RecordedCall unknown = project.run("config", "name", "core.nonsense", "value", "1");
    assertTrue(unknown.failure().contains("nonsense"), unknown.failure());
    assertEquals("", project.read(".dvc/config"));
    project.fails(254, "should look like", "config", "name", "plain", "value", "1");
  }

  @Test
  void comments_andOrder_stay() throws IOException {
    project.write(
        ".dvc/config",
        "# ours\n[core]\n    autostage = true # why\n['remote \"a\"']\n    url = /a\n");
    project.ok("remote add", "name", "b", "url", "../b");
    project.ok("config", "name", "core.remote", "value", "b");
    assertEquals(
        "# ours\n"
            + "[core]\n"
            + "    autostage = true # why\n"
            + "    remote = b\n"
            + "['remote \"a\"']\n"
            + "    url = /a\n"
            + "['remote \"b\"']\n"
            + "    url = ../../b\n",
        project.read(".dvc/config"));
  }

  @Test
  void remoteDefault_namesOneThatIsThere() throws IOException {
    RecordedCall none = project.run("remote default");
    assertEquals(1, none.exit());
    assertEquals("No default remote set\n", none.out());
    project.fails(251, "must be present in remote list", "remote default", "name", "a");
    project.ok("remote add", "name", "a", "url", "/a");
    project.ok("remote default", "name", "a");
    assertEquals("a\n", project.ok("remote default"));
    assertEquals("a /a (default)\n", columns(project.ok("remote list")));
    project.ok("remote default", "unset", true);
    assertEquals("a /a\n", columns(project.ok("remote list")));
  }

  @Test
  void remoteRename_takesTheDefaultAlong_inStrongerLevelsToo() throws IOException {
    project.ok("remote add", "name", "a", "url", "/a", "default", true);
    project.ok("config", "name", "core.remote", "value", "a", "local", true);
    project.ok("remote add", "name", "c", "url", "/c");
    project.fails(251, "already exists", "remote rename", "name", "a", "new", "c");
    project.ok("remote rename", "name", "a", "new", "b");
    assertEquals("b /a (default)\nc /c\n", columns(project.ok("remote list")));
    assertEquals("[core]\n    remote = b\n", project.read(".dvc/config.local"));
    project.fails(251, "doesn't exist", "remote rename", "name", "a", "new", "d");
  }

  private static String columns(String lines) {
    return lines
        .lines()
        .map(line -> line.replaceAll("\\s+", " ") + "\n")
        .sorted()
        .reduce("", String::concat);
  }

  @Test
  void remoteRemove_takesTheDefaultToo() throws IOException {
    project.ok("remote add", "name", "a", "url", "/a", "default", true);
    project.ok("remote remove", "name", "a");
    assertFalse(project.read(".dvc/config").contains("remote"), project.read(".dvc/config"));
    project.fails(251, "doesn't exist", "remote remove", "name", "a");
  }

  @Test
  void remoteModify_setsAndUnsets() throws IOException {
    project.ok("remote add", "name", "a", "url", "s3://b/c");
    project.ok("remote modify", "name", "a", "option", "region", "value", "eu-north-1");
    project.ok(
        "remote modify", "name", "a", "option", "secret_access_key", "value", "x", "local", true);
    assertTrue(project.read(".dvc/config").endsWith("    region = eu-north-1\n"));
    assertEquals(
        "['remote \"a\"']\n    secret_access_key = x\n", project.read(".dvc/config.local"));
    project.ok("remote modify", "name", "a", "option", "region", "unset", true);
    assertFalse(project.read(".dvc/config").contains("region"));
    project.fails(
        251, "doesn't exist", "remote modify", "name", "z", "option", "url", "value", "/z");
  }

  @Test
  void cacheDir_isRelativeToTheFile_andUsed() throws IOException {
    assertEquals(project.path(".dvc/cache") + "\n", project.ok("cache dir"));
    project.write("below/x", "");
    RecordedCall set = project.runIn("below", "cache dir", "value", "../../store");
    assertEquals(0, set.exit(), set.failure());
    assertEquals("[cache]\n    dir = ../../store\n", project.read(".dvc/config"));
    assertEquals(directory.resolve("store") + "\n", project.ok("cache dir"));
    project.write("f", "1\n");
    project.add("f");
    assertEquals(1, DvcProject.objects(directory.resolve("store")).size());
    project.ok("cache dir", "unset", true);
    assertEquals(project.path(".dvc/cache") + "\n", project.ok("cache dir"));
    project.fails(251, "option 'dir' doesn't exist", "cache dir", "unset", true);
  }

  @Test
  void sharedCache_isForTheGroup() throws IOException {
    project.ok("config", "name", "cache.shared", "value", "group");
    project.write("data/a", "1\n");
    project.add("data");
    assertEquals("2775", project.sh("stat -c %a .dvc/cache/files/md5/b0"));
    assertEquals("444", project.sh("stat -c %a .dvc/cache/files/md5/b0/*"));
    project.sh("rm -r data");
    project.ok("checkout");
    assertEquals("664", project.sh("stat -c %a data/a"));
  }

  @Test
  void aRemoteBelowAnother_isReachedThere() throws IOException {
    Path store = directory.resolve("store");
    project.ok("remote add", "name", "top", "url", store.toString());
    project.ok("remote add", "name", "low", "url", "remote://top/deep/er", "default", true);
    project.write("f", "1\n");
    project.add("f");
    project.ok("push");
    assertEquals(1, DvcProject.objects(store.resolve("deep/er/files/md5")).size());
  }
}
