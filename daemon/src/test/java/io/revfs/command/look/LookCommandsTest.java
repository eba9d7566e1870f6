package io.revfs.command.look;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.command.Command;
import io.revfs.command.Commands;
import io.revfs.remote.OpenRemote;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.Upload;
import io.revfs.remote.scheme.Remotes;
import io.revfs.testing.OpenRepositories;
import io.revfs.testing.RecordedCall;
import io.revfs.testing.TestData;
import io.revfs.testing.server.FakeGcsServer;
import io.revfs.testing.server.HttpTestServer;
import io.revfs.url.ExternalUrls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looking at other repositories and stores, and copying from them. */
class LookCommandsTest {
  @TempDir Path directory;
  private TestData data;
  private Path here;
  private OpenRepositories opened;
  private Commands commands;

  @BeforeEach
  void make() throws IOException {
    data = new TestData(directory);
    data.directory("data", Map.of("a.txt", bytes("aaaa"), "sub/b.txt", bytes("b")));
    data.file("model.bin", new byte[5000]);
    data.write("src/run.sh", "echo\n");
    data.git("update-index", "--add", "--chmod=+x", "src/run.sh");
    Files.setPosixFilePermissions(
        data.repository().resolve("src/run.sh"), PosixFilePermissions.fromString("rwxr-xr-x"));
    data.write("dvc.yaml", "artifacts:\n  best:\n    path: model.bin\n    type: model\n");
    data.commit("v1");
    here = Files.createDirectories(directory.resolve("here"));
    opened = OpenRepositories.open(directory);
    commands =
        new Commands(
            LookCommands.all(
                opened.places(), opened.contents(), new ExternalUrls(OpenRepositories.LIMITS)));
  }

  @AfterEach
  void close() {
    opened.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private RecordedCall run(String name, Object... pairs) {
    return runWith(Map.of("HOME", here.toString()), name, pairs);
  }

  private RecordedCall runWith(Map<String, String> environment, String name, Object... pairs) {
    Command command = commands.named(name).orElseThrow();
    Map<String, Object> arguments = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      arguments.put((String) pairs[i], pairs[i + 1]);
    }
    return RecordedCall.run(command, here, environment, arguments);
  }

  @Test
  void list_ofAProjectWithoutGit_isOfItsFiles() throws IOException {
    Path project = Files.createDirectories(directory.resolve("plain/.dvc")).getParent();
    Files.writeString(project.resolve(".dvc/config"), "[core]\n    no_scm = True\n");
    Files.writeString(project.resolve("a.txt"), "a");
    Files.writeString(
        project.resolve("b.dvc"), "outs:\n- md5: %s\n  path: b\n".formatted("1".repeat(32)));
    assertEquals("a.txt\nb\nb.dvc\n", run("list", "url", "../plain").out());
    RecordedCall missing = run("list", "url", "../plain", "path", "c");
    assertEquals(
        "1 The path 'c' does not exist in the target repository '"
            + project
            + "' neither as a DVC output nor as a Git-tracked file.",
        missing.exit() + " " + missing.failure());
  }

  /** What lies above such a path is another repository. */
  @Test
  void aPathThatIsNotThere_isNoRepository() throws IOException {
    Path inside = data.repository().resolve("gone");
    for (String command : List.of("list", "get", "du")) {
      RecordedCall call = run(command, "url", inside.toString(), "path", "model.bin");
      assertEquals("1 " + inside + " is not there", call.exit() + " " + call.failure());
    }
  }

  /** What was wrong is corrected, and tried again: nobody starts anything anew for that. */
  @Test
  void aRemoteThatIsCorrected_isAskedAsItIsNow() throws IOException {
    String right = Files.readString(data.repository().resolve(".dvc/config"));
    Path empty = Files.createDirectories(directory.resolve("empty"));
    data.write(
        ".dvc/config", "[core]\n    remote = r\n['remote \"r\"']\n    url = " + empty + "\n");
    data.commit("v2");
    assertEquals(255, run("get", "url", "../repo", "path", "model.bin").exit());
    data.write(".dvc/config", right);
    RecordedCall got = run("get", "url", "../repo", "path", "model.bin");
    assertEquals(0, got.exit(), got::failure);
  }

  /** This process may have been started from another shell, long before. */
  @Test
  void stores_areReachedByTheVariablesOfWhoCalls() throws IOException {
    byte[] bytes = bytes("in a store");
    Path file = Files.write(directory.resolve("file"), bytes);
    String md5 = data.file("far.bin", bytes);
    Files.delete(data.object(md5));
    data.write(
        ".dvc/config",
        "[core]\n    remote = r\n['remote \"r\"']\n    url = gs://bucket\n"
            + "    allow_anonymous_login = true\n");
    data.commit("v2");
    try (FakeGcsServer server = FakeGcsServer.start()) {
      Map<String, String> options =
          Map.of("endpointurl", server.url(), "allow_anonymous_login", "true");
      RemoteSettings settings =
          new RemoteSettings("r", "gs://bucket", options, OpenRepositories.LIMITS);
      OpenRemote remote = Remotes.open(settings);
      remote.remote().write("dir/a.csv", Upload.of(file));
      remote
          .remote()
          .write("files/md5/" + md5.substring(0, 2) + "/" + md5.substring(2), Upload.of(file));
      remote.close();
      Map<String, String> caller =
          Map.of("HOME", here.toString(), "STORAGE_EMULATOR_HOST", server.url());
      List<String> anonymous = List.of("allow_anonymous_login=true");
      RecordedCall listed =
          runWith(caller, "list-url", "url", "gs://bucket/dir", "fs-config", anonymous);
      assertEquals("a.csv\n", listed.out(), listed::failure);
      RecordedCall got = runWith(caller, "get", "url", "../repo", "path", "far.bin");
      assertEquals("in a store", Files.readString(here.resolve("far.bin")), got::failure);
    }
  }

  private List<String> files(String top) throws IOException {
    try (Stream<Path> all = Files.walk(here.resolve(top))) {
      return all.filter(Files::isRegularFile)
          .map(file -> here.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  private void checkNothingIsLeft() throws IOException {
    try (Stream<Path> all = Files.list(here)) {
      assertEquals(
          List.of(), all.filter(p -> p.getFileName().toString().endsWith(".tmp")).toList());
    }
  }

  @Test
  void list_showsSizesAndHashesInColumns() {
    assertEquals(
        """
        data
        data.dvc
        dvc.yaml
        model.bin
        model.bin.dvc
        src
        """,
        run("list", "url", "../repo").out());
    RecordedCall sized = run("list", "url", "../repo", "size", true, "show-hash", true);
    assertTrue(
        sized.out().contains("4.88k  " + TestData.md5(new byte[5000]) + "      model.bin\n"),
        sized.out());
    assertTrue(sized.out().contains("       -" + " ".repeat(37) + "src\n"), sized.out());
    assertEquals(6, run("list", "url", "../repo", "json", true).json().size());
  }

  @Test
  void list_ofWhatIsNotThere_is1() {
    assertEquals(1, run("list", "url", "../repo", "path", "nope").exit());
    assertEquals(1, run("list", "url", "../repo", "rev", "nope").exit());
    assertEquals(1, run("list", "url", "/").exit());
    assertEquals(1, run("list", "url", "../repo", "tree", true, "json", true).exit());
    assertEquals(
        251, run("list", "url", "../repo", "config", "missing.ini").exit(), "the configuration");
    assertEquals(
        254, run("list", "url", "../repo", "remote-config", List.of("url")).exit(), "no value");
  }

  @Test
  void diskUsage_isOfDataOnly() {
    assertEquals(
        "5     data\n4.88k  model.bin\n5      src\n4.89k\n".replace("5     data", "5      data"),
        run("du", "url", "../repo").out());
    assertEquals(
        "1  data/sub\n", run("du", "url", "../repo", "path", "data/sub", "summarize", true).out());
  }

  @Test
  void list_asATree_upToALevel() {
    assertEquals(
        """
        .
        ├── data
        │   ├── a.txt
        │   └── sub
        │       └── b.txt
        ├── data.dvc
        ├── dvc.yaml
        ├── model.bin
        ├── model.bin.dvc
        └── src
            └── run.sh
        """,
        run("list", "url", "../repo", "rev", "v1", "tree", true).out());
    assertEquals(
        "data\n├── a.txt\n└── sub\n",
        run("list", "url", "../repo", "path", "data", "rev", "v1", "tree", true, "level", 1).out());
    assertEquals(
        "data/a.txt\ndata/sub\nmodel.bin\n",
        run("list", "url", "../repo", "recursive", true, "level", 2, "dvc-only", true).out());
  }

  /** The repository's own remote knows nothing of this one, nor does its configuration. */
  @Test
  void anotherRemote_andAnotherConfiguration_areWhereDataIsLookedFor() throws IOException {
    data.git("checkout", "-q", "-b", "elsewhere");
    Path store = directory.resolve("elsewhere");
    data.directory("moved", Map.of("c.txt", bytes("cc")));
    data.commit("v2");
    Files.move(directory.resolve("store"), store);
    assertTrue(run("list", "url", "../repo", "path", "moved", "rev", "v2").exit() != 0);

    List<String> options = List.of("url=" + store);
    for (Object[] where :
        new Object[][] {
          {"config", "other.ini"},
          {"remote", "named", "remote-config", options},
        }) {
      Files.writeString(
          here.resolve("other.ini"),
          "[core]\n    remote = one\n['remote \"one\"']\n    url = %s\n".formatted(store));
      assertEquals("c.txt\n", look("list", where).out());
      assertEquals("2  moved\n", look("du", where, "summarize", true).out());
      assertEquals(0, look("get", where, "out", "got" + where.length).exit());
      assertEquals(List.of("got" + where.length + "/c.txt"), files("got" + where.length));
    }
  }

  private RecordedCall look(String command, Object[] where, Object... more) {
    List<Object> pairs = new ArrayList<>(List.of("url", "../repo", "path", "moved", "rev", "v2"));
    pairs.addAll(List.of(where));
    pairs.addAll(List.of(more));
    RecordedCall call = run(command, pairs.toArray());
    assertEquals("", call.failure());
    return call;
  }

  @Test
  void diskUsage_ofARevision() throws IOException {
    data.file("model.bin", new byte[10]);
    data.commit("v2");
    assertEquals("10  model.bin\n", run("du", "url", "../repo", "path", "model.bin").out());
    assertEquals(
        "4.88k  model.bin\n", run("du", "url", "../repo", "path", "model.bin", "rev", "v1").out());
  }

  @Test
  void anExperimentsName_isARevision() throws IOException {
    data.file("model.bin", new byte[10]);
    data.commit("v2");
    String baseline = data.git("rev-parse", "v1").strip();
    data.git(
        "update-ref",
        "refs/exps/%s/%s/bold-fox".formatted(baseline.substring(0, 2), baseline.substring(2)),
        data.git("rev-parse", "v2").strip());
    data.git("tag", "-d", "v2");
    assertEquals(
        "10  model.bin\n",
        run("du", "url", "../repo", "path", "model.bin", "rev", "bold-fox").out());
  }

  @Test
  void get_copiesData_withoutWhatDescribesIt() throws IOException {
    assertEquals(0, run("get", "url", "../repo", "path", ".", "out", "all").exit());
    assertEquals(
        List.of("all/data/a.txt", "all/data/sub/b.txt", "all/model.bin", "all/src/run.sh"),
        files("all"));
    assertEquals(
        "rwxr--r--",
        PosixFilePermissions.toString(
            Files.getPosixFilePermissions(here.resolve("all/src/run.sh"))));
    RecordedCall into = run("get", "url", "../repo", "path", "data/a.txt", "out", "all");
    assertEquals(here.resolve("all/a.txt").toString(), into.json().get("out").asText());
    checkNothingIsLeft();
  }

  @Test
  void get_doesNotTouchWhatIsThere_unlessForced() throws IOException {
    Files.createDirectories(here.resolve("data"));
    Files.writeString(here.resolve("data/mine"), "mine");
    RecordedCall refused = run("get", "url", "../repo", "path", "data");
    assertEquals(1, refused.exit());
    assertEquals("The directory 'data' already exists locally.", refused.failure());
    assertEquals(List.of("data/mine"), files("data"));
    assertEquals(0, run("get", "url", "../repo", "path", "data", "force", true).exit());
    assertEquals(List.of("data/a.txt", "data/sub/b.txt"), files("data"));
    checkNothingIsLeft();
  }

  @Test
  void get_ofWhatWasNeverPushed_leavesNothing() throws IOException {
    Files.delete(data.object(TestData.md5(bytes("b"))));
    RecordedCall failed = run("get", "url", "../repo", "path", "data");
    assertEquals(255, failed.exit());
    assertTrue(failed.failure().contains(TestData.md5(bytes("b"))), failed.failure());
    assertFalse(Files.exists(here.resolve("data")));
    checkNothingIsLeft();
    assertEquals(255, run("get", "url", "../repo", "path", "nope").exit());
    assertEquals(1, run("get", "url", "../repo", "path", "data.dvc").exit(), "a DVC file");
  }

  @Test
  void get_showsWhereDataIsStored_onTheRemoteThatIsNamed() {
    String md5 = TestData.md5(new byte[5000]);
    assertEquals(
        data.object(md5) + "\n",
        run("get", "url", "../repo", "path", "model.bin", "show-url", true).out());
    RecordedCall other =
        run(
            "get",
            "url",
            "../repo",
            "path",
            "model.bin",
            "show-url",
            true,
            "remote",
            "x",
            "remote-config",
            List.of("url=s3://bucket/p"));
    assertEquals(
        "s3://bucket/p/files/md5/" + md5.substring(0, 2) + "/" + md5.substring(2) + "\n",
        other.out());
    assertEquals(255, run("get", "url", "../repo", "path", "src/run.sh", "show-url", true).exit());
  }

  @Test
  void get_fromAClone_seesWhatWasCommittedSince() throws IOException {
    String url = "file://" + data.repository();
    assertEquals(0, run("get", "url", url, "path", "src", "out", "one").exit());
    data.write("src/more.sh", "more\n");
    data.commit("v2");
    assertEquals(0, run("get", "url", url, "path", "src", "out", "two").exit());
    assertEquals(List.of("two/more.sh", "two/run.sh"), files("two"));
  }

  @Test
  void artifact_isFoundByVersionAndStage() throws IOException {
    data.git("tag", "-a", "-m", "x", "best@v1.0.0", "v1");
    data.file("model.bin", new byte[10]);
    data.commit("v2");
    data.git("tag", "-a", "-m", "x", "best@v1.10.0", "v2");
    data.git("tag", "-a", "-m", "x", "best#dev#1", "v1");
    assertEquals(
        "Downloaded 1 file(s) to 'model.bin'\n",
        run("artifacts get", "url", "../repo", "name", "best").out());
    assertEquals(10, Files.size(here.resolve("model.bin")));
    assertEquals(
        0,
        run("artifacts get", "url", "../repo", "name", "best", "stage", "dev", "out", "d").exit());
    assertEquals(5000, Files.size(here.resolve("d")));
    assertEquals(
        0,
        run("artifacts get", "url", "../repo", "name", "dvc.yaml:best", "rev", "v1.0.0", "out", "e")
            .exit());
    data.git("tag", "-a", "-m", "x", "best#dev!#2", "v1");
    RecordedCall gone =
        run("artifacts get", "url", "../repo", "name", "best", "stage", "dev", "out", "f");
    assertEquals(1, gone.exit());
    assertEquals("Unable to find artifact 'best @ dev'", gone.failure());
    assertEquals(1, run("artifacts get", "url", "../repo", "name", "other").exit());
    assertEquals(
        1,
        run("artifacts get", "url", "../repo", "name", "best", "rev", "v1.0.0", "stage", "dev")
            .exit());
  }

  @Test
  void urls_areListedAndCopied() throws IOException {
    Path source = Files.createDirectories(directory.resolve("external/in/deep"));
    Files.writeString(source.resolve("x.txt"), "x");
    Files.writeString(source.resolve("../y.txt"), "yy");
    assertEquals("in\n", run("list-url", "url", "../external").out());
    assertEquals(
        "1  in/deep/x.txt\n2  in/y.txt\n",
        run("list-url", "url", "../external", "recursive", true, "size", true).out());
    assertEquals(
        "in/deep\nin/y.txt\n",
        run("list-url", "url", "../external", "recursive", true, "level", 2).out());
    assertEquals(
        "../external\n└── in\n    ├── deep\n    │   └── x.txt\n    └── y.txt\n",
        run("list-url", "url", "../external", "tree", true).out());
    assertEquals(255, run("list-url", "url", "../nope").exit());
    assertEquals(0, run("get-url", "url", "../external/in").exit());
    assertEquals(List.of("in/deep/x.txt", "in/y.txt"), files("in"));
    assertEquals(1, run("get-url", "url", "../external/in").exit(), "it is there");
    assertEquals(1, run("get-url", "url", "../nope").exit());
    checkNothingIsLeft();
  }

  @Test
  void getUrl_overHttp_thatBreaksOff_leavesNothing() throws IOException {
    Path served = Files.createDirectories(directory.resolve("served"));
    Files.write(served.resolve("big"), new byte[3 << 20]);
    try (HttpTestServer server = HttpTestServer.start(served)) {
      String url = server.url() + "/big";
      assertEquals(0, run("get-url", "url", url, "out", "whole").exit());
      assertEquals(3 << 20, Files.size(here.resolve("whole")));
      server.fail(HttpTestServer.Fault.UNAVAILABLE, 100);
      assertEquals(255, run("get-url", "url", url, "out", "part").exit());
      assertFalse(Files.exists(here.resolve("part")));
      server.fail(HttpTestServer.Fault.UNAUTHORIZED, 100);
      RecordedCall denied = run("get-url", "url", url.replace("//", "//me:secret@"), "out", "part");
      assertTrue(denied.failure().contains("denied"), denied.failure());
      assertFalse(denied.failure().contains("secret"), denied.failure());
    }
    checkNothingIsLeft();
  }
}
