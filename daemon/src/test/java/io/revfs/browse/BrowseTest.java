package io.revfs.browse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.dvc.DvcFormatException;
import io.revfs.object.ObjectMissingException;
import io.revfs.repository.ConfigOverrides;
import io.revfs.repository.DataRepositories;
import io.revfs.repository.DataRepository;
import io.revfs.snapshot.FileContents;
import io.revfs.snapshot.OpenFileStream;
import io.revfs.snapshot.Snapshot;
import io.revfs.testing.OpenRepositories;
import io.revfs.testing.TestData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists, trees and sums of a small repository, and other remotes than its own. */
class BrowseTest {
  @TempDir Path directory;
  private TestData data;
  private OpenRepositories opened;
  private DataRepositories repositories;

  @BeforeEach
  void make() throws IOException {
    data = new TestData(directory);
    data.directory(
        "data", Map.of("a.txt", bytes("aaaa"), "a/b/deep.txt", bytes("deep"), "a-1", bytes("one")));
    data.file("model.bin", new byte[3000]);
    data.write("src/code.py", "print()\n");
    data.commit("v1");
    opened = OpenRepositories.open(directory);
    repositories = opened.repositories();
  }

  @AfterEach
  void close() {
    opened.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Places.Place place(DataRepository repository, String path, boolean own)
      throws IOException {
    Snapshot snapshot = repository.snapshot(repository.resolve("HEAD"));
    return new Places.Place(repository, snapshot, path, snapshot.find(path).orElseThrow(), own);
  }

  private Places.Place place(String path) throws IOException {
    return place(repositories.open(data.repository().toString()), path, false);
  }

  private List<String> list(String path, boolean recursive, int depth, boolean dvcOnly)
      throws IOException {
    List<String> lines = new ArrayList<>();
    OptionalInt limit = depth < 0 ? OptionalInt.empty() : OptionalInt.of(depth);
    Listing.list(
        place(path),
        new Listing.Options(recursive, dvcOnly, limit),
        line -> lines.add(line.path() + (line.isdir() ? "/" : "")));
    return lines;
  }

  @Test
  void list_toADepth_hasTheDirectoriesThere() throws IOException {
    assertEquals(
        List.of("data/", "data.dvc", "model.bin", "model.bin.dvc", "src/"),
        list("", false, -1, false));
    assertEquals(
        List.of(
            "data.dvc",
            "data/a/",
            "data/a-1",
            "data/a.txt",
            "model.bin",
            "model.bin.dvc",
            "src/code.py"),
        list("", true, 2, false));
    assertEquals(List.of("data/", "model.bin"), list("", true, 1, true));
    assertEquals(
        List.of("a/b/deep.txt", "a-1", "a.txt").stream().sorted().toList(),
        list("data", true, -1, false));
    assertEquals(List.of("data/"), list("data", true, 0, false));
  }

  @Test
  void tree_isDrawnAsDvcDrawsIt() throws IOException {
    List<String> rows = new ArrayList<>();
    TreeListing.list(place("data"), "data", 9, false, line -> rows.add(line.path()));
    assertEquals(
        """
        data
        ├── a
        │   └── b
        │       └── deep.txt
        ├── a-1
        └── a.txt\
        """,
        String.join("\n", rows));
  }

  @Test
  void diskUsage_countsDataOnly() throws IOException {
    List<String> sums = new ArrayList<>();
    FileContents contents = opened.contents();
    DiskUsage.of(place(""), contents, false, (path, bytes) -> sums.add(path + "=" + bytes));
    assertEquals(List.of("data=11", "model.bin=3000", "src=8", "=3019"), sums);
    sums.clear();
    DiskUsage.of(place("data/a"), contents, true, (path, bytes) -> sums.add(path + "=" + bytes));
    assertEquals(List.of("data/a=4"), sums);
  }

  @Test
  void otherRemote_isReadWithoutChangingTheSharedOne() throws IOException {
    Path elsewhere = directory.resolve("elsewhere");
    Files.move(directory.resolve("store"), elsewhere);
    Files.createDirectories(directory.resolve("store"));
    ConfigOverrides overrides =
        new ConfigOverrides(
            Optional.empty(),
            Optional.of("other"),
            Map.of("url", "elsewhere"),
            directory.toString());
    FileContents contents = opened.contents();
    try (Places.Place other =
            place(repositories.open(data.repository().toString(), overrides), "model.bin", true);
        var file = contents.open(other.entry());
        var in = new OpenFileStream(file)) {
      assertEquals(3000, in.readAllBytes().length);
    }
    assertThrows(
        ObjectMissingException.class,
        () ->
            contents
                .open(place("data").entry().directory().orElseThrow().find("a.txt").orElseThrow())
                .close());
    assertTrue(
        place("").repository().remotes().stream().allMatch(remote -> remote.name().equals("r")));
  }

  @Test
  void otherRemote_withAnUnknownOption_isRefused() throws IOException {
    ConfigOverrides overrides =
        new ConfigOverrides(Optional.empty(), Optional.empty(), Map.of("colour", "red"), "/");
    try (DataRepository repository = repositories.open(data.repository().toString(), overrides)) {
      String problem = place(repository, "model.bin", false).entry().problem().orElseThrow();
      assertTrue(problem.contains("unknown key 'colour'"), problem);
    }
    assertThrows(
        DvcFormatException.class,
        () -> io.revfs.dvc.DvcConfig.load(List.of()).with("core", Map.of("x", "y"), "-", "/"));
  }

  @Test
  void sizes_areDvcs() {
    assertEquals(
        List.of("0", "1023", "1.00k", "9.77k", "12.2k", "123k", "0.98M", "1.00M", "5.00G"),
        java.util.stream.LongStream.of(
                0, 1023, 1024, 10_000, 12_500, 126_000, 1_023_900, 1 << 20, 5L << 30)
            .mapToObj(HumanSize::of)
            .toList());
  }
}
