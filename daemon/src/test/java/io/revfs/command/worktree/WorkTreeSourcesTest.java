package io.revfs.command.worktree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.fuse.Shell;
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

/**
 * What is taken from another project of this machine: without a revision what its work tree has, as
 * DVC does it.
 */
class WorkTreeSourcesTest {
  @TempDir static Path shared;
  private static TestDaemon daemon;
  @TempDir Path directory;
  private Path source;
  private Path here;

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start(shared.resolve("d"), "");
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  /** A project with a directory, a file and a file of Git's, committed; and one to bring it to. */
  @BeforeEach
  void make() throws IOException {
    source = Files.createDirectories(directory.resolve("source"));
    here = Files.createDirectories(directory.resolve("here"));
    for (Path project : new Path[] {source, here}) {
      sh(project, "git init -q -b main");
      ok(project, "init");
    }
    sh(source, "mkdir -p data/sub && echo a > data/a && echo b > data/sub/b && echo m > model");
    sh(source, "echo code > code.py");
    ok(source, "add", "targets", List.of("data", "model"));
    commit(source, "first");
    commit(here, "first");
  }

  private static void commit(Path repository, String message) throws IOException {
    sh(
        repository,
        "git add -A && git -c user.name=t -c user.email=t@example.com commit -q -m " + message);
  }

  private static String sh(Path at, String command) throws IOException {
    Shell.Result result = Shell.run(at, command);
    assertEquals(0, result.exit(), result::output);
    return result.output().strip();
  }

  private static JsonNode ok(Path at, String command, Object... pairs) throws IOException {
    JsonNode said = daemon.command(at, command, pairs);
    assertEquals(0, said.path("exit").asInt(-1), said::toString);
    return said;
  }

  private String refused(String command, Object... pairs) throws IOException {
    JsonNode error = daemon.command(here, command, pairs).path("error");
    return error.path("exit").asText() + " " + error.path("message").asText();
  }

  private void get(String path, String out) throws IOException {
    ok(here, "get", "url", "../source", "path", path, "out", out);
  }

  private String read(String path) throws IOException {
    return Files.readString(here.resolve(path));
  }

  /** Returns all files below a path of ours, with their first lines. */
  private String files(String path) throws IOException {
    return sh(here.resolve(path), "grep -r . | sort | tr '\\n' ' '");
  }

  private long size(String path) throws IOException {
    return ok(here, "du", "url", "../source", "path", path, "summarize", true)
        .path("result")
        .get(0)
        .path("size")
        .asLong();
  }

  @Test
  void what_wasChangedAddedAndDeleted_countsAsItIs() throws IOException {
    sh(
        source,
        "echo changed > data/a && rm data/sub/b && echo new > data/new && echo mmm > model && echo"
            + " more >> code.py && echo x > data/x.tmp && echo '*.tmp' > .dvcignore && mkdir out &&"
            + " echo o > out/o");
    ok(source, "add", "targets", List.of("out"));
    sh(source, "rm -r out");
    get("data", "d");
    assertEquals("a:changed new:new sub/b:b", files("d"), "what was deleted is what is recorded");
    get("model", "m");
    assertEquals("mmm\n", read("m"));
    get("code.py", "c");
    assertEquals("code\nmore\n", read("c"));
    get("out", "o");
    assertEquals("o:o", files("o"), "its .dvc file was never committed");
    assertTrue(refused("get", "url", "../source", "path", "data/x.tmp").startsWith("255 "));
    assertEquals("changed\nnew\nb\n".length(), size("data"));
    assertEquals("mmm\n".length(), size("model"));
    assertEquals("o\n".length(), size("out"));
    ok(here, "get", "url", "../source", "path", "data", "out", "old", "rev", "HEAD");
    assertEquals("a:a sub/b:b", files("old"));
    ok(here, "get", "url", "../source", "path", ".", "out", "all");
    assertEquals(
        "code.py:code code.py:more data/a:changed data/new:new data/sub/b:b model:mmm out/o:o",
        files("all").replaceAll(".gitignore:\\S+ ", ""));
  }

  @Test
  void what_isNotInTheCache_isTakenFromTheWorkTree() throws IOException {
    sh(source, "find .dvc/cache -type f ! -name '*.dir' -delete");
    get("data", "d");
    assertEquals("a:a sub/b:b", files("d"));
    get("model", "m");
    assertEquals("m\n", read("m"));
    // Without the list, what is not there could not be told from what never was.
    sh(source, "cp -r data/sub other");
    ok(source, "add", "targets", List.of("other"));
    sh(source, "rm -r .dvc/cache");
    String said = refused("get", "url", "../source", "path", "other");
    assertTrue(said.startsWith("255 ") && said.contains(".dir is not on"), said);
    assertFalse(Files.exists(here.resolve("other")));
    get("other/b", "b");
    assertEquals("b\n", read("b"));
    assertEquals(1, daemon.items(source, "list", "url", ".", "path", "other", "json", true).size());
  }

  @Test
  void links_areTheFilesThatTheyLeadTo() throws IOException {
    ok(source, "config", "name", "cache.type", "value", "symlink");
    sh(source, "rm -r data model");
    ok(source, "checkout");
    assertTrue(Files.isSymbolicLink(source.resolve("data/a")));
    get("data", "d");
    assertEquals("a:a sub/b:b", files("d"));
    assertFalse(Files.isSymbolicLink(here.resolve("d/a")));
    Path mount = daemon.mount(source.toString(), "m-links");
    sh(
        source,
        ("ln -s %1$s/branches/main/code.py through && ln -s through hop && ln -s %1$s ../dir &&"
                + " ln -s ../dir/branches/main/code.py around && ln -s round round")
            .formatted(mount));
    for (String link : List.of("through", "hop", "around")) {
      String said = refused("get", "url", "../source", "path", link);
      assertTrue(said.contains("leads into a mount"), link + said);
    }
    sh(source, "mkdir real && echo r > real/r && ln -s real linked && ln -s linked/r here");
    get("here", "h");
    assertEquals("r\n", read("h"));
  }

  @Test
  void du_countsLinksThatLeadNowhere_asNothing() throws IOException {
    long before = size(".");
    sh(source, "ln -s nowhere dangling && ln -s dangling again");
    assertEquals(before, size("."));
  }

  @Test
  void names_thatAreNotUtf8_areRefused_notLeftOut() throws IOException {
    sh(source, "mkdir odd && echo 1 > odd/fine && touch \"$(printf 'odd/\\377')\"");
    String said = refused("get", "url", "../source", "path", "odd");
    assertTrue(said.startsWith("255 ") && said.contains("is not UTF-8"), said);
    assertFalse(Files.exists(here.resolve("odd")));
    assertEquals(2, daemon.items(source, "list", "url", ".", "path", "odd", "json", true).size());
    assertEquals(2, size("odd"));
  }

  @Test
  void copy_intoWhatIsCopied_hasNotItself() throws IOException {
    ok(source, "get", "url", ".", "path", "data", "out", "data/z/copy");
    assertEquals(
        "a:a sub/b:b", sh(source.resolve("data/z/copy"), "grep -r . | sort | tr '\\n' ' '"));
    ok(source, "get", "url", ".", "path", ".", "out", "q/z/copy");
    assertFalse(Files.exists(source.resolve("q/z/copy/q")));
    assertEquals("m\n", Files.readString(source.resolve("q/z/copy/model")));
  }

  @Test
  void import_isOfTheWorkTree_lockedToHead() throws IOException {
    sh(source, "echo changed > data/a");
    String head = sh(source, "git rev-parse HEAD");
    ok(here, "import", "url", "../source", "path", "data", "out", "d");
    assertEquals("a:changed sub/b:b", files("d"));
    assertTrue(read("d.dvc").contains("rev_lock: " + head), read("d.dvc"));
    sh(here, "grep -rqx changed .dvc/cache/files/md5");
    ok(here, "status");
    // It is what HEAD has that other machines get: what was never committed is in our cache only.
    sh(here, "rm -r d .dvc/cache");
    String said = refused("pull");
    assertTrue(said.startsWith("1 "), said);
    sh(source, "git checkout -q --orphan empty && git rm -q -r --cached .");
    said = refused("import", "url", "../source", "path", "model", "out", "m");
    assertTrue(said.startsWith("1 ") && said.contains("has no commit of Git's"), said);
    assertFalse(Files.exists(here.resolve("m.dvc")));
    assertFalse(Files.exists(here.resolve("m")));
  }

  @Test
  void projects_withoutGit_areSourcesOfCopies_notOfImports() throws IOException {
    Path plain = Files.createDirectories(directory.resolve("plain"));
    Path store = directory.resolve("store");
    ok(plain, "init", "no-scm", true);
    ok(plain, "remote add", "name", "r", "url", store.toString(), "default", true);
    sh(plain, "mkdir data && echo 1 > data/a && echo 2 > loose");
    ok(plain, "add", "targets", List.of("data"));
    ok(plain, "push");
    sh(plain, "rm -r data .dvc/cache");
    ok(here, "get", "url", "../plain", "path", "data", "out", "d");
    assertEquals("a:1", files("d"));
    ok(here, "get", "url", "../plain", "path", "loose");
    assertEquals("2\n", read("loose"));
    assertEquals(
        2,
        ok(here, "du", "url", "../plain", "path", "data")
            .path("result")
            .get(0)
            .path("size")
            .asInt());
    String url =
        ok(here, "get", "url", "../plain", "path", "data/a", "show-url", true).path("out").asText();
    assertTrue(url.startsWith(store + "/files/md5/"), url);
    for (String option : new String[] {"force", "no-download"}) {
      String said = refused("import", "url", "../plain", "path", "data", "out", "i", option, true);
      assertTrue(said.startsWith("1 ") && said.contains("has no commit of Git's"), said);
    }
    assertEquals("", sh(here, "ls -A | grep '^\\.\\?i' | grep -v git || true"));
    ok(here, "import", "url", "../plain", "path", "data", "out", "i", "no-exec", true);
    assertFalse(read("i.dvc").contains("rev_lock"), read("i.dvc"));
    assertTrue(refused("get", "url", "../plain", "path", "data", "rev", "v1").startsWith("1 "));
  }

  /** A Git repository need not be a project; and a project may lie in another. */
  @Test
  void repositories_withoutDvc_andProjectsInOthers_haveWorkTreesToo() throws IOException {
    Path git = Files.createDirectories(directory.resolve("git"));
    sh(git, "git init -q && echo 1 > one");
    ok(here, "get", "url", "../git", "path", "one");
    assertEquals("1\n", read("one"));
    sh(source, "mkdir inner");
    ok(source.resolve("inner"), "init", "subdir", true);
    sh(source, "echo i > inner/file");
    ok(source.resolve("inner"), "add", "targets", List.of("file"));
    sh(source, "rm inner/file");
    get("inner/file", "f");
    assertEquals("i\n", read("f"));
  }
}
