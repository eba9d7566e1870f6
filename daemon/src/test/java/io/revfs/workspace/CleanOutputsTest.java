package io.revfs.workspace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.testing.TestData;
import io.revfs.workspace.store.LinkType;
import io.revfs.workspace.store.ManifestItem;
import io.revfs.workspace.store.Progress;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is known of watched directories is what reading them shows. */
class CleanOutputsTest {
  @TempDir Path directory;
  private Workspaces workspaces;
  private Path data;

  @BeforeEach
  void open() throws IOException {
    workspaces = Workspaces.open(directory.resolve("states"));
    data = Files.createDirectories(directory.resolve("work/data"));
    for (String name : List.of("a", "b", "sub/c", "sub/d", "sub/deep/e")) {
      write(name, "of " + name);
    }
  }

  @AfterEach
  void close() {
    workspaces.close();
  }

  private void write(String name, String text) throws IOException {
    Files.createDirectories(data.resolve(name).getParent());
    Files.writeString(data.resolve(name), text);
  }

  private Workspace workspace(LinkType link) throws IOException {
    return workspaces.of(
        new Workspaces.CacheSettings(directory.resolve("cache"), List.of(link), false, false, 022),
        directory);
  }

  private CleanOutputs clean(Workspace workspace) {
    return new CleanOutputs(
        workspace.cleanTrees(), workspace.store(), directory.resolve("work"), workspace.reader());
  }

  /** Puts the data into the cache, and makes it links if they are no copies. */
  private ObjectKey add(Workspace workspace) throws IOException {
    ObjectKey key = workspace.storing(data, true).read(data).orElseThrow().key();
    Checkout checkout = workspace.checkout(workspace.reader(), Progress.NONE);
    checkout.apply(checkout.plan(new Wanted(data, key, "", false), true));
    return key;
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "REFLINK") // are as copies are
  void known_nothingHappened_isClean(LinkType type) throws IOException {
    Workspace workspace = workspace(type);
    ObjectKey key = add(workspace);
    CleanOutputs clean = clean(workspace);
    assertEquals(CleanOutputs.Known.NOTHING, clean.known(data, key, true));
    assertEquals(CleanOutputs.Found.CLEAN, clean.find(data, key, true));
    assertEquals(CleanOutputs.Known.CLEAN, clean.known(data, key, true));
  }

  private static void stays(CleanOutputs clean, Path data, ObjectKey key) throws IOException {
    assertEquals(CleanOutputs.Found.CLEAN, clean.find(data, key, true));
    assertEquals(CleanOutputs.Known.CLEAN, clean.known(data, key, true));
  }

  @Test
  void known_fileTouched_looksAtItsDirectoryOnly_andIsCleanAgain() throws IOException {
    Workspace workspace = workspace(LinkType.COPY);
    ObjectKey key = add(workspace);
    CleanOutputs clean = clean(workspace);
    stays(clean, data, key);
    write("sub/c", "other");
    assertEquals(CleanOutputs.Known.MODIFIED, clean.known(data, key, true));
    write("sub/c", "of sub/c");
    assertEquals(CleanOutputs.Known.CLEAN, clean.known(data, key, true));
    write("sub/new", "x");
    assertEquals(CleanOutputs.Known.MODIFIED, clean.known(data, key, true));
    Files.delete(data.resolve("sub/new"));
    Files.delete(data.resolve("a"));
    assertEquals(CleanOutputs.Known.MODIFIED, clean.known(data, key, true));
  }

  @Test
  void known_directoriesComeAndGo_isNotKnown() throws IOException {
    Workspace workspace = workspace(LinkType.COPY);
    ObjectKey key = add(workspace);
    CleanOutputs clean = clean(workspace);
    stays(clean, data, key);
    Files.createDirectory(data.resolve("empty"));
    assertEquals(CleanOutputs.Known.NOTHING, clean.known(data, key, true));
    stays(clean, data, key);
    Files.move(data, directory.resolve("work/moved"));
    assertEquals(CleanOutputs.Known.NOTHING, clean.known(data, key, true));
    Files.move(directory.resolve("work/moved"), data);
    stays(clean, data, key);
    Files.move(directory.resolve("work"), directory.resolve("elsewhere")); // nobody watches that
    Files.createDirectories(data);
    assertEquals(CleanOutputs.Known.NOTHING, clean.known(data, key, true));
  }

  @Test
  void known_mappedFile_isSeenWhenItIsUnmapped() throws IOException {
    Workspace workspace = workspace(LinkType.COPY);
    ObjectKey key = add(workspace);
    CleanOutputs clean = clean(workspace);
    stays(clean, data, key);
    try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
      java.lang.foreign.MemorySegment memory;
      try (FileChannel file =
          FileChannel.open(data.resolve("b"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        memory = file.map(FileChannel.MapMode.READ_WRITE, 0, file.size(), arena);
      }
      assertEquals(CleanOutputs.Known.CLEAN, clean.known(data, key, true));
      memory.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 0, (byte) 'X');
    }
    assertEquals(CleanOutputs.Known.MODIFIED, clean.known(data, key, true));
  }

  @Test
  void known_rulesOfWhatIsIgnoredChange_isNotKnown() throws IOException {
    Workspace workspace = workspace(LinkType.COPY);
    ObjectKey key = add(workspace);
    CleanOutputs clean = clean(workspace);
    stays(clean, data, key);
    Files.writeString(directory.resolve("work/.dvcignore"), "c\n");
    assertEquals(CleanOutputs.Known.NOTHING, clean.known(data, key, true));
  }

  @Test
  void known_objectIsGone_isNotKnown_objectsComing_areNothing() throws IOException {
    Workspace workspace = workspace(LinkType.COPY);
    ObjectKey key = add(workspace);
    CleanOutputs clean = clean(workspace);
    stays(clean, data, key);
    for (int i = 0; i < 600; i++) { // some in directories that were not there
      byte[] bytes = ("further " + i).getBytes(StandardCharsets.UTF_8);
      workspace.store().put(ObjectKey.file(Digest.md5(TestData.md5(bytes))), bytes);
    }
    assertEquals(CleanOutputs.Known.CLEAN, clean.known(data, key, true));
    Path object = objectOf(workspace, "of a");
    Files.setPosixFilePermissions(object, PosixFilePermissions.fromString("rw-r--r--"));
    assertEquals(CleanOutputs.Known.CLEAN, clean.known(data, key, true)); // hashed again
    assertEquals("r--r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(object)));
    Files.delete(object);
    assertEquals(CleanOutputs.Known.NOTHING, clean.known(data, key, true));
    assertEquals(CleanOutputs.Found.NOT_IN_CACHE, clean.find(data, key, true));
    assertEquals(CleanOutputs.Known.NOTHING, clean.known(data, key, true));
  }

  @ParameterizedTest
  @EnumSource(names = {"HARDLINK", "SYMLINK"})
  void known_writtenThroughTheObject_isNotKnown(LinkType type) throws IOException {
    Workspace workspace = workspace(type);
    ObjectKey key = add(workspace);
    CleanOutputs clean = clean(workspace);
    stays(clean, data, key);
    Path object = objectOf(workspace, "of a");
    Files.setPosixFilePermissions(object, PosixFilePermissions.fromString("rw-r--r--"));
    try (RandomAccessFile file = new RandomAccessFile(object.toFile(), "rw")) {
      file.write('O');
    }
    Files.setPosixFilePermissions(object, PosixFilePermissions.fromString("r--r--r--"));
    assertEquals(CleanOutputs.Known.NOTHING, clean.known(data, key, true));
    assertEquals(CleanOutputs.Known.NOTHING, clean.known(data, key, false));
    assertEquals(CleanOutputs.Found.MODIFIED, clean.find(data, key, true));
  }

  private static Path objectOf(Workspace workspace, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return workspace.store().path(ObjectKey.file(Digest.md5(TestData.md5(bytes))));
  }

  @Test
  void find_filesWithFurtherNames_areNotWatched() throws IOException {
    Workspace workspace = workspace(LinkType.HARDLINK);
    ObjectKey key = add(workspace);
    Files.createLink(directory.resolve("other-name"), data.resolve("sub/d"));
    CleanOutputs clean = clean(workspace);
    assertEquals(CleanOutputs.Found.CLEAN, clean.find(data, key, true));
    assertEquals(CleanOutputs.Known.NOTHING, clean.known(data, key, true));
  }

  @Test
  void find_linkToElsewhere_isNotWatched() throws IOException {
    Path outside = Files.writeString(directory.resolve("outside"), "x");
    Files.createSymbolicLink(data.resolve("link"), outside);
    Workspace workspace = workspace(LinkType.COPY);
    ObjectKey key = workspace.storing(data, false).read(data).orElseThrow().key();
    CleanOutputs clean = clean(workspace);
    assertEquals(CleanOutputs.Found.CLEAN, clean.find(data, key, true));
    assertEquals(CleanOutputs.Known.NOTHING, clean.known(data, key, true));
  }

  /** Whatever happens, what is known without reading is what reading shows. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "REFLINK") // are as copies are
  void known_randomOperations_isWhatReadingShows(LinkType type) throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Workspace workspace = workspace(type);
    int cleans = 0;
    ObjectKey key = add(workspace);
    CleanOutputs clean = clean(workspace);
    for (int step = 0; step < 400; step++) {
      String what = change(random, workspace);
      if (random.nextInt(3) == 0) {
        key = add(workspace);
        what += ", added";
      }
      ObjectKey now = workspace.reader().read(data).orElseThrow().key();
      boolean complete = has(workspace, key);
      boolean right = now.equals(key) && complete;
      String message = type + " seed " + seed + " step " + step + ": " + what;
      CleanOutputs.Known known = clean.known(data, key, true);
      if (known == CleanOutputs.Known.CLEAN) {
        cleans++;
        assertEquals(key, now, message);
        assertEquals(true, complete, message);
      } else if (known == CleanOutputs.Known.MODIFIED) {
        assertEquals(false, now.equals(key), message);
      } else {
        assertEquals(right, clean.find(data, key, true) == CleanOutputs.Found.CLEAN, message);
      }
    }
    assertEquals(true, cleans > 0, type + " seed " + seed + ": never was anything known");
  }

  private boolean has(Workspace workspace, ObjectKey key) throws IOException {
    if (!workspace.store().exists(key)) {
      return false;
    }
    for (ManifestItem item : workspace.store().items(key).orElseThrow()) {
      if (!workspace.store().exists(ObjectKey.file(item.digest()))) {
        return false;
      }
    }
    return true;
  }

  private String change(Random random, Workspace workspace) throws IOException {
    List<Path> files = files(data);
    Path file = files.isEmpty() ? data.resolve("a") : files.get(random.nextInt(files.size()));
    Path other = data.resolve(List.of("", "sub", "sub/deep", "new").get(random.nextInt(4)));
    switch (random.nextInt(9)) {
      case 0 -> {
        replace(file, "content " + random.nextInt(5));
        return "wrote " + file;
      }
      case 1 -> {
        Files.deleteIfExists(file);
        return "deleted " + file;
      }
      case 2 -> {
        Files.createDirectories(other);
        Path to = other.resolve("n" + random.nextInt(3));
        if (Files.exists(file) && !Files.isDirectory(to)) {
          Files.move(file, to, StandardCopyOption.REPLACE_EXISTING);
        }
        return "moved " + file + " to " + to;
      }
      case 3 -> {
        if (Files.isDirectory(other) && !other.equals(data)) {
          Path away = data.resolve("new");
          if (!Files.exists(away) && !away.startsWith(other)) {
            Files.move(other, away);
          }
        }
        return "moved directory " + other;
      }
      case 4 -> {
        List<Path> objects = files(workspace.store().root());
        Path object = objects.get(random.nextInt(objects.size()));
        boolean needed = Files.isSymbolicLink(file); // a link that leads nowhere is refused
        if (!needed && random.nextInt(4) == 0) {
          Files.delete(object);
          return "deleted object " + object;
        }
        return "nothing";
      }
      case 5 -> {
        if (Files.exists(file)) {
          Files.setLastModifiedTime(
              file, java.nio.file.attribute.FileTime.fromMillis(random.nextInt(1 << 30)));
        }
        return "touched " + file;
      }
      default -> {
        return "nothing";
      }
    }
  }

  private static void replace(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.deleteIfExists(file); // objects are not to be written to
    Files.write(file, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)).array());
  }

  private static List<Path> files(Path root) throws IOException {
    try (var all = Files.walk(root)) {
      return new ArrayList<>(all.filter(path -> !Files.isDirectory(path)).sorted().toList());
    }
  }
}
