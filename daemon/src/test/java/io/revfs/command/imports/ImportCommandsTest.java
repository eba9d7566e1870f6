package io.revfs.command.imports;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.fuse.Shell;
import io.revfs.testing.ReferenceRepository;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.server.S3ProxyServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Imports through a daemon; expected bytes are what DVC wrote for the same sources. */
class ImportCommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path shared;
  private static TestDaemon daemon;
  @TempDir Path directory;
  private ReferenceRepository reference;
  private Path repo;
  private JsonNode last = JSON.createObjectNode();

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start(shared.resolve("d"), "");
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  /** The project as it was before anything was imported, beside its sources. */
  @BeforeEach
  void make() throws IOException {
    reference = ReferenceRepository.unpack("05-imports", directory);
    repo = reference.repo();
  }

  private void atStart() throws IOException {
    sh("git checkout -q i1~1");
  }

  private String sh(String command) throws IOException {
    Shell.Result result = Shell.run(repo, command);
    assertEquals(0, result.exit(), result::output);
    return result.output().strip();
  }

  private String run(String command, Object... pairs) throws IOException {
    last = daemon.command(repo, command, pairs);
    return last.has("error")
        ? last.path("error").path("exit").asText()
            + " "
            + last.path("error").path("message").asText()
        : last.path("exit").asInt(-1) == 0 ? "" : last.toString();
  }

  private void ok(String command, Object... pairs) throws IOException {
    assertEquals("", run(command, pairs));
  }

  private void refused(String message, String command, Object... pairs) throws IOException {
    String said = run(command, pairs);
    assertTrue(said.startsWith("1 "), said);
    assertTrue(said.contains(message), said);
  }

  private String read(String path) throws IOException {
    return Files.readString(repo.resolve(path));
  }

  /** What DVC wrote in a revision. */
  private String written(String revision, String file) throws IOException {
    return sh("git show " + revision + ":" + file) + "\n";
  }

  private void imported(String path, String out, Object... more) throws IOException {
    Object[] pairs =
        Stream.concat(Stream.of("url", "../source", "path", path, "out", out), Stream.of(more))
            .toArray();
    ok("import", pairs);
  }

  @Test
  void import_ofEachKind_writesTheFilesThatDvcWrote() throws IOException {
    atStart();
    Shell.run(repo, "git -C ../source checkout -q v2");
    imported("data", "imported-data");
    imported("data/sub", "imported-sub");
    imported("data/a.txt", "a.txt");
    imported("model.pkl", "pinned.pkl", "rev", "v1");
    imported("plain", "plain");
    imported("plain/git.txt", "one-git.txt");
    imported("mixed", "mixed-copy");
    imported("built.txt", "built.txt", "rev", "v2");
    for (String file : sh("ls -d *.dvc").split("\n")) {
      assertEquals(written("i1", file), read(file), file);
    }
    assertEquals(written("i1", ".gitignore"), read(".gitignore"));
    assertEquals("444", sh("stat -c %a .dvc/cache/files/md5/*/* | sort -u"));
    assertEquals("13", sh("find .dvc/cache/files -type f | wc -l"));
    assertEquals("/big.bin\n", read("mixed-copy/.gitignore"));
    assertFalse(Files.exists(repo.resolve("mixed-copy/big.bin.dvc")));
    ok("status");
    assertEquals("{}", last.path("result").toString());
  }

  @Test
  void importUrl_ofEachKind_writesTheFilesThatDvcWrote() throws IOException {
    atStart();
    ok("import-url", "url", "../external/file.txt", "out", "ext-file.txt");
    ok("import-url", "url", "../external/dir", "out", "ext-dir");
    ok("import-url", "url", "../external/file.txt", "out", "no-exec.txt", "no-exec", true);
    ok("import-url", "url", "../external/file.txt", "out", "no-download.txt", "no-download", true);
    for (String file : sh("ls -d *.dvc").split("\n")) {
      assertEquals(written("i2", file), read(file), file);
    }
    assertEquals("/ext-file.txt\n/ext-dir\n/no-exec.txt\n/no-download.txt\n", read(".gitignore"));
    assertFalse(Files.exists(repo.resolve("no-download.txt")));
    ok("update", "targets", List.of("no-exec.txt.dvc", "no-download.txt.dvc"));
    assertEquals(read("ext-file.txt"), read("no-exec.txt"));
    assertEquals(read("ext-file.txt"), read("no-download.txt"));
    ok("status");
    assertEquals("{}", last.path("result").toString());
  }

  @Test
  void import_noExecAndNoDownload_writeWhatIsKnown() throws IOException {
    atStart();
    imported("data", "later", "no-exec", true, "rev", "v1");
    assertEquals(
        """
        frozen: true
        deps:
        - path: data
          repo:
            url: ../source
            rev: v1
        outs:
        - hash: md5
          path: later
        """,
        read("later.dvc"));
    imported("data", "listed", "no-download", true, "rev", "v1");
    assertTrue(
        read("listed.dvc").contains("    rev_lock: 481c4c7cbee5ff4890aeeaa09a74fc1d833f41a0\n"));
    assertTrue(read("listed.dvc").endsWith("outs:\n- hash: md5\n  path: listed\n"));
    assertEquals("/later\n/listed\n", read(".gitignore"));
    ok("pull", "targets", List.of("listed.dvc"));
    assertEquals("3", sh("find listed -type f | wc -l"));
    ok("update", "targets", List.of("later.dvc"));
    assertEquals(sh("cat listed/a.txt"), sh("cat later/a.txt"));
  }

  @Test
  void import_whatCannotBe_isRefusedWithOne_andNothingIsLeft() throws IOException {
    atStart();
    Files.writeString(repo.resolve("there"), "x");
    Files.createDirectories(repo.resolve("tracked"));
    Files.writeString(repo.resolve("tracked/x"), "x");
    ok("add", "targets", List.of("tracked"));
    refused("already exists locally", "import", "url", "../source", "path", "data", "out", "there");
    refused(
        "is already specified", "import", "url", "../source", "path", "data", "out", "tracked/y");
    refused("does not exist in the target", "import", "url", "../source", "path", "nothing");
    refused("v9", "import", "url", "../source", "path", "data", "rev", "v9");
    refused("", "import", "url", "../nowhere", "path", "data");
    refused(
        "outside of DVC project", "import", "url", "../source", "path", "data", "out", "../data");
    refused("does not exist", "import-url", "url", "../external/nothing");
    refused("--to-remote", "import-url", "url", "../external/dir", "remote", "storage");
    refused(
        "cannot be combined",
        "import-url",
        "url",
        "../external/dir",
        "to-remote",
        true,
        "no-exec",
        true);
    assertFalse(Files.exists(repo.resolve("data.dvc")));
    assertEquals("", sh("find . -name '.*.tmp*' -not -path './.git/*'"));
    ok("import", "url", "../source", "path", "data/a.txt", "out", "there", "force", true);
    assertEquals(sh("git -C ../source show HEAD:plain/two.txt | wc -c"), "4");
    assertTrue(Files.exists(repo.resolve("there.dvc")));
  }

  @Test
  void update_toARevision_isAsDvcWroteIt() throws IOException {
    sh("git checkout -q i2");
    ok("pull", "targets", List.of("imported-data.dvc", "pinned.pkl.dvc"));
    ok("update", "targets", List.of("imported-data.dvc"));
    ok("update", "targets", List.of("pinned.pkl.dvc"), "rev", "v2");
    assertEquals(written("i3", "imported-data.dvc"), read("imported-data.dvc"));
    assertEquals(written("i3", "pinned.pkl.dvc"), read("pinned.pkl.dvc"));
    ok("update", "targets", List.of("imported-data.dvc"));
    assertTrue(last.path("out").asText().contains("didn't change, skipping"), last::toString);
    ok("update", "targets", List.of(tracked()));
    assertTrue(last.path("warn").asText().contains("it was never pushed to a remote"));
    refused("does not exist", "update", "targets", List.of("nothing.dvc"));
  }

  private String tracked() throws IOException {
    Files.writeString(repo.resolve("own"), "x");
    ok("add", "targets", List.of("own"));
    return "own.dvc";
  }

  @Test
  void update_withoutDownload_forgetsTheData() throws IOException {
    sh("git checkout -q i2");
    ok("pull", "targets", List.of("imported-data.dvc"));
    ok("update", "targets", List.of("imported-data.dvc"), "no-download", true);
    assertTrue(read("imported-data.dvc").endsWith("outs:\n- hash: md5\n  path: imported-data\n"));
    assertTrue(
        read("imported-data.dvc").contains("rev_lock: e8d815abfe54f2a8b8b7c3c9f593dd5c0e486107"));
    assertFalse(Files.exists(repo.resolve("imported-data")));
  }

  @Test
  void update_ofAFileWithComments_keepsThem() throws IOException {
    sh("git checkout -q i1");
    Files.writeString(
        repo.resolve("a.txt.dvc"),
        "# where from\n"
            + read("a.txt.dvc")
                .replace("  path: a.txt\n", "  path: a.txt # ours\n  desc: it\n  remote: storage\n")
            + "meta:\n  who: us\n");
    ok("update", "targets", List.of("a.txt.dvc"));
    String now = read("a.txt.dvc");
    assertTrue(now.startsWith("# where from\nmd5: "), now);
    assertTrue(
        now.contains("  path: a.txt # ours\n  desc: it\n  remote: storage\nmeta:\n  who: us\n"),
        now);
    ok("status", "targets", List.of("a.txt.dvc"));
    assertEquals("{}", last.path("result").toString());
  }

  @Test
  void update_recursive_updatesAllBelow() throws IOException {
    atStart();
    Files.createDirectories(repo.resolve("below"));
    imported("data/a.txt", "below/a.txt", "rev", "v1");
    sh("sed -i '/rev: v1/d' below/a.txt.dvc");
    ok("update", "targets", List.of("below"), "recursive", true);
    assertTrue(read("below/a.txt.dvc").contains("e8d815abfe54f2a8b8b7c3c9f593dd5c0e486107"));
  }

  @Test
  void pull_bringsImportsFromTheirSources_alsoWhenAskedFromBelow() throws IOException {
    sh("git checkout -q i1");
    sh("rm -rf ../remote");
    Path top = repo;
    repo = Files.createDirectories(repo.resolve("below"));
    ok("pull", "targets", List.of("../imported-data.dvc", "../one-git.txt.dvc"));
    repo = top;
    assertEquals("3", sh("find imported-data -type f | wc -l"));
    assertTrue(Files.exists(repo.resolve("one-git.txt")));
    ok("fetch");
    ok("fetch");
    assertTrue(last.path("out").asText().contains("Everything is up to date."), last::toString);
    assertEquals("", sh("ls .dvc/tmp | grep import || :"));
  }

  @Test
  void importUrl_toRemote_storesThereAndNotHere() throws IOException {
    atStart();
    sh("rm -rf ../remote");
    ok("import-url", "url", "../external/dir", "out", "far", "to-remote", true);
    assertTrue(
        read("far.dvc")
            .contains(
                "- md5: cf75349a85bf69d3bfcb0d94645a1c3a.dir\n"
                    + "  size: 4\n"
                    + "  nfiles: 2\n"
                    + "  hash: md5\n"
                    + "  path: far\n"));
    assertFalse(Files.exists(repo.resolve("far")));
    assertEquals("3", sh("find ../remote/files -type f | wc -l"));
    assertEquals("", sh("find .dvc -path '*cache*' -type f; find .dvc/tmp -name 'conveyed*'"));
    ok("pull", "targets", List.of("far"));
    assertEquals("2", sh("find far -type f | wc -l"));
    sh("echo more >> ../external/dir/x.txt");
    ok("update", "targets", List.of("far.dvc"), "to-remote", true);
    ok("status", "targets", List.of("far.dvc"));
    assertTrue(last.path("result").toString().contains("not in cache"), last::toString);
  }

  @Test
  void importUrl_fromAStore_recordsItsTags_andRefersByTheRemote() throws IOException {
    try (S3ProxyServer server = S3ProxyServer.start(directory.resolve("s3"))) {
      Path bucket = server.bucket("source");
      put(bucket, "in/one.txt", "one\n");
      put(bucket, "in/dir/a.txt", "a\n");
      put(bucket, "in/dir/b/c.txt", "c\n");
      atStart();
      ok("remote add", "name", "src", "url", "s3://source");
      for (Map.Entry<String, String> option : server.options().entrySet()) {
        ok("remote modify", "name", "src", "option", option.getKey(), "value", option.getValue());
      }
      ok("import-url", "url", "remote://src/in/one.txt");
      ok("import-url", "url", "remote://src/in/dir");
      assertTrue(
          read("one.txt.dvc")
              .contains("deps:\n- etag: 5bbf5a52328e7439ae6e719dfe712200\n  size: 4\n"),
          read("one.txt.dvc"));
      assertTrue(read("one.txt.dvc").contains("  hash: md5\n  path: remote://src/in/one.txt\n"));
      assertTrue(read("dir.dvc").contains("deps:\n- md5: "), read("dir.dvc"));
      put(bucket, "in/one.txt", "changed\n");
      sh("sed -i /frozen/d one.txt.dvc");
      ok("status", "targets", List.of("one.txt.dvc"));
      assertTrue(
          last.path("result").toString().contains("\"remote://src/in/one.txt\":\"modified\""),
          last::toString);
      ok("update", "targets", List.of("one.txt.dvc"));
      assertEquals("changed\n", read("one.txt"));
    }
  }

  /** The source's own remote is gone; where its data is now, the import says. */
  @Test
  void import_withAnotherRemoteOrConfiguration_recordsIt_andUsesIt() throws IOException {
    atStart();
    sh("mv ../source-remote ../moved");
    String moved = repo.resolveSibling("moved").toString();
    Files.writeString(
        repo.resolve("other.ini"),
        "[core]\n    remote = one\n['remote \"one\"']\n    url = %s\n".formatted(moved));
    refused("", "import", "url", "../source", "path", "data");
    imported("data", "by-config", "config", "other.ini");
    imported("data", "by-options", "remote-config", List.of("url=" + moved));
    imported("data", "by-both", "remote", "named", "remote-config", List.of("url=" + moved));
    assertTrue(read("by-config.dvc").contains("    config: other.ini\n"), read("by-config.dvc"));
    assertTrue(
        read("by-options.dvc").contains("    remote:\n      url: " + moved + "\n"),
        read("by-options.dvc"));
    assertTrue(
        read("by-both.dvc")
            .contains(
                "    config:\n      core:\n        remote: named\n      remote:\n        named:\n"
                    + "          url: "
                    + moved
                    + "\n"),
        read("by-both.dvc"));
    sh("rm -rf by-config by-options by-both .dvc/cache");
    ok("pull", "targets", List.of("by-config.dvc", "by-options.dvc", "by-both.dvc"));
    assertEquals("12", sh("find by-* -type f | grep -cv dvc$"));
    ok("status");
    assertEquals("{}", last.path("result").toString());
  }

  @Test
  void importUrl_withOptionsOfTheStore_recordsThem_andUsesThem() throws IOException {
    try (S3ProxyServer server = S3ProxyServer.start(directory.resolve("s3"))) {
      Path bucket = server.bucket("source");
      put(bucket, "one.txt", "one\n");
      atStart();
      List<String> options =
          server.options().entrySet().stream().map(o -> o.getKey() + "=" + o.getValue()).toList();
      ok("import-url", "url", "s3://source/one.txt", "fs-config", options);
      assertTrue(
          read("one.txt.dvc").contains("    endpointurl: " + server.endpoint() + "\n"),
          read("one.txt.dvc"));
      assertTrue(read("one.txt.dvc").contains("  fs_config:\n"), read("one.txt.dvc"));
      put(bucket, "one.txt", "changed\n");
      ok("update", "targets", List.of("one.txt.dvc"));
      assertEquals("changed\n", read("one.txt"));
      String wrong =
          run("import-url", "url", "s3://source/one.txt", "out", "x", "fs-config", List.of("x"));
      assertTrue(wrong.contains("NAME=VALUE"), wrong);
    }
  }

  private static void put(Path bucket, String key, String text) throws IOException {
    Files.createDirectories(bucket.resolve(key).getParent());
    Files.writeString(bucket.resolve(key), text);
  }

  @Test
  void list_withoutARevision_readsTheWorkTree() throws IOException {
    sh("git checkout -q i1");
    ok("pull", "targets", List.of("imported-data.dvc"));
    sh(
        "mkdir fresh && echo 1 > fresh/a && echo 2 > loose.txt && echo '*.no' > .dvcignore && touch"
            + " x.no");
    ok("add", "targets", List.of("fresh"));
    sh("git rm -q plain.dvc");
    assertEquals(
        List.of("fresh.dvc -", "fresh/a b026324c6904b2a9cb4b88d6d61c81d1", "loose.txt -"),
        listed("").stream()
            .filter(line -> line.matches("(fresh|loose|plain|x).*"))
            .sorted()
            .toList());
    assertTrue(listed("").contains("imported-data/sub/b.bin 5e4e9633980dcda235d9cdd24b594809"));
    assertFalse(listed("HEAD").contains("fresh.dvc -"));
    assertTrue(listed("HEAD").contains("plain.dvc -"));
    assertEquals(List.of("a b026324c6904b2a9cb4b88d6d61c81d1"), listedBelow("fresh"));
  }

  private List<String> listed(String revision) throws IOException {
    return items("list", "url", ".", "recursive", true, "rev", revision);
  }

  private List<String> listedBelow(String path) throws IOException {
    return items("list", "url", ".", "path", path);
  }

  private List<String> items(String command, Object... pairs) throws IOException {
    Object[] all = Stream.concat(Stream.of(pairs), Stream.of("json", true)).toArray();
    List<String> lines = new ArrayList<>();
    for (JsonNode item : daemon.items(repo, command, all)) {
      lines.add(
          item.path("path").asText() + " " + item.path("md5").asText("-").replace("null", "-"));
    }
    return lines;
  }

  /** A frozen import is only looked at; one that is not follows its source, as DVC does it. */
  @Test
  void repro_bringsImportsThatAreNotFrozen_andThoseNeverDownloaded() throws IOException {
    atStart();
    ok("import-url", "url", "../external/file.txt", "out", "got.txt");
    ok("import-url", "url", "../external/file.txt", "out", "later.txt", "no-download", true);
    Files.writeString(
        repo.resolve("dvc.yaml"),
        "stages: {use: {cmd: cp got.txt used.txt, deps: [got.txt], outs: [used.txt]}}\n");
    String before = read("got.txt");
    Files.writeString(repo.resolve("../external/file.txt"), "changed\n");
    ok("repro", "targets", List.of("got.txt.dvc"));
    assertEquals(before, read("got.txt"), "it is frozen");
    sh("rm got.txt");
    assertTrue(run("repro", "targets", List.of("got.txt.dvc")).startsWith("255 "));
    assertTrue(last.toString().contains("missing data 'source': got.txt"), last::toString);
    ok("repro", "targets", List.of("got.txt.dvc"), "pull", true);
    assertEquals(before, read("got.txt"));
    ok("unfreeze", "targets", List.of("got.txt.dvc"));
    ok("repro", "targets", List.of("got.txt.dvc"), "dry", true);
    assertEquals(before, read("got.txt"));
    ok("repro", "targets", List.of("got.txt.dvc"));
    assertEquals("changed\n", read("got.txt"));
    ok("status", "targets", List.of("got.txt.dvc"));
    assertEquals("{}", last.path("result").toString());
    ok("repro", "targets", List.of("later.txt.dvc"));
    assertEquals("changed\n", read("later.txt"));
    ok("status", "targets", List.of("later.txt.dvc"));
    assertEquals("{}", last.path("result").toString());
  }
}
