package io.revfs.workspace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.dvc.manifest.ManifestWriter;
import io.revfs.fuse.Shell;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.testing.DvcProject;
import io.revfs.testing.TestData;
import io.revfs.workspace.store.FileHasher;
import io.revfs.workspace.store.Hashers;
import io.revfs.workspace.store.LinkType;
import io.revfs.workspace.store.Parallel;
import io.revfs.workspace.store.Progress;
import io.revfs.workspace.store.RefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees read, stored and checked out, on the real file system. */
class WorkspaceTest {
  @TempDir Path directory;
  private Workspaces workspaces;
  private Path data;

  @BeforeEach
  void open() throws IOException {
    workspaces = Workspaces.open(directory.resolve("states"));
    data = Files.createDirectories(directory.resolve("work/data"));
  }

  @AfterEach
  void close() {
    workspaces.close();
  }

  private Workspace workspace(LinkType... links) throws IOException {
    return workspace(false, links);
  }

  private Workspace workspace(boolean verify, LinkType... links) throws IOException {
    return workspaces.of(
        new Workspaces.CacheSettings(
            directory.resolve("cache"), List.of(links), false, verify, 022),
        directory);
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static Contents read(Workspace workspace, Path place) throws IOException {
    return workspace.reader().read(place).orElseThrow();
  }

  private static Checkout checkout(Workspace workspace) {
    return workspace.checkout(workspace.reader(), Progress.NONE);
  }

  private static Wanted wanted(Path place, ObjectKey key) {
    return new Wanted(place, key, "", false);
  }

  private static Map<String, String> tree(Path root) throws IOException {
    Map<String, String> tree = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        tree.put(root.relativize(file).toString(), Files.readString(file));
      }
    }
    return tree;
  }

  private static ObjectKey manifestOf(Map<String, String> tree) {
    ManifestWriter manifest = new ManifestWriter();
    tree.forEach((path, text) -> manifest.add(path, TestData.md5(text.getBytes(UTF_8))));
    return new ObjectKey(Digest.md5(TestData.md5(manifest.toBytes())), true);
  }

  @Test
  void read_namesOfAllKinds_isDvcsManifest() throws IOException {
    for (String name :
        List.of("a!", "a-b", "a.b", "a/b2", "aa", "\ud83d\ude00", "\uffee", "é \"")) {
      write(data.resolve(name), "of " + name);
    }
    assertEquals(manifestOf(tree(data)), read(workspace(LinkType.COPY), data).key());
  }

  /** {@code core.checksum_jobs}: of all that a command reads, also where there are fewer cores. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void read_withSoManyHashers_readsNoMoreAtOnce(int jobs) throws Exception {
    List<Path> places = List.of(data.resolve("one"), data.resolve("two"));
    for (int i = 0; i < 3000; i++) {
      write(places.get(i % 2).resolve("d" + i % 10 + "/f" + i), "of " + i);
    }
    Workspace workspace =
        workspaces.of(
            new Workspaces.CacheSettings(
                directory.resolve("cache"),
                List.of(LinkType.COPY),
                false,
                false,
                022,
                OptionalInt.of(jobs)),
            directory);
    AtomicInteger most = new AtomicInteger();
    Set<Thread> now = ConcurrentHashMap.newKeySet();
    CountDownLatch together = new CountDownLatch(jobs);
    Progress counting =
        (files, bytes) -> {
          now.add(Thread.currentThread());
          most.accumulateAndGet(now.size(), Math::max);
          together.countDown();
          try {
            assertTrue(together.await(120, TimeUnit.SECONDS), "fewer than " + jobs + " read");
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          now.remove(Thread.currentThread());
        };
    TreeReader reader = workspace.reader().telling(counting);
    try (ExecutorService both = Executors.newFixedThreadPool(2)) {
      List<Future<Contents>> found =
          places.stream().map(p -> both.submit(() -> reader.read(p).orElseThrow())).toList();
      for (int i = 0; i < 2; i++) {
        assertEquals(manifestOf(tree(places.get(i))), found.get(i).get().key());
      }
    }
    assertEquals(jobs, most.get());
  }

  @Test
  void hashers_areNoMoreThanAFewForEachCore() {
    assertEquals(8 * Parallel.THREADS, Hashers.of(OptionalInt.of(9999)).threads());
    assertEquals(1, Hashers.of(OptionalInt.of(1)).threads());
  }

  @Test
  void read_nothingThere_isEmpty() throws IOException {
    assertEquals(Optional.empty(), workspace(LinkType.COPY).reader().read(data.resolve("absent")));
  }

  @Test
  void read_linkToFile_isTheFile_linkToDirectory_isPassedOver() throws IOException {
    write(directory.resolve("outside/file"), "x");
    Files.createSymbolicLink(data.resolve("link"), directory.resolve("outside/file"));
    Files.createSymbolicLink(data.resolve("folder"), directory.resolve("outside"));
    assertEquals(manifestOf(Map.of("link", "x")), read(workspace(LinkType.COPY), data).key());
  }

  @Test
  void read_whatCannotBeTracked_isRefused() throws IOException, InterruptedException {
    TreeReader reader = workspace(LinkType.COPY).reader();
    Path broken = Files.createSymbolicLink(data.resolve("broken"), Path.of("nowhere"));
    assertThrows(RefusedException.class, () -> reader.read(data));
    Files.delete(broken);

    write(data.resolve("sub/.dvcignore"), "x");
    assertThrows(RefusedException.class, () -> reader.read(data));
    Files.delete(data.resolve("sub/.dvcignore"));

    String name = data + "/";
    assertEquals(0, shell("printf x > '" + name + "'$(printf '\\377')"));
    assertThrows(RefusedException.class, () -> reader.read(data));
    assertEquals(0, shell("rm '" + name + "'$(printf '\\377')"));

    assertEquals(0, shell("mkfifo '" + name + "pipe'"));
    assertThrows(RefusedException.class, () -> reader.read(data));
  }

  private static int shell(String command) throws IOException {
    return Shell.run(new ProcessBuilder("sh", "-c", command), command).exit();
  }

  @Test
  void read_fileChangedWithoutItsModificationTime_isSeen() throws IOException {
    Workspace workspace = workspace(LinkType.COPY);
    Path file = data.resolve("file");
    write(file, "first");
    FileTime time = Files.getLastModifiedTime(file);
    Contents first = read(workspace, file);
    write(file, "other"); // as long, and with the time it had
    Files.setLastModifiedTime(file, time);
    Contents second = read(workspace, file);
    assertFalse(first.key().equals(second.key()));
    assertEquals(Digest.md5(TestData.md5("other".getBytes(UTF_8))), second.key().digest());
  }

  @Test
  void read_writtenAgainAtOnce_isNeverStale() throws IOException {
    Workspace workspace = workspace(LinkType.COPY);
    Path file = data.resolve("file");
    for (int i = 0; i < 200; i++) {
      String text = "%04d".formatted(i); // always as long
      write(file, text);
      assertEquals(TestData.md5(text.getBytes(UTF_8)), read(workspace, file).key().name());
    }
  }

  @Test
  void read_legacy_takesLineEndsAsUnixDoes() throws IOException {
    write(data.resolve("dos"), "a\r\nb\r\n");
    Contents contents =
        workspace(LinkType.COPY)
            .reader()
            .by(Digest.Algorithm.MD5_DOS2UNIX)
            .read(data.resolve("dos"))
            .orElseThrow();
    assertEquals(TestData.md5("a\nb\n".getBytes(UTF_8)), contents.key().name());
    assertEquals(6, contents.size());
  }

  @Test
  void read_largeFile_isHashedAndStoredInOnePass() throws IOException {
    byte[] bytes = new byte[5 * FileHasher.BLOCK + 77];
    new Random(1).nextBytes(bytes);
    Path file = data.resolve("large");
    Files.write(file, bytes);
    Workspace workspace = workspace(LinkType.COPY);
    Contents contents = workspace.storing(file, true).read(file).orElseThrow();
    assertEquals(TestData.md5(bytes), contents.key().name());
    assertArrayEquals(bytes, Files.readAllBytes(workspace.store().path(contents.key())));
  }

  @Test
  void read_directoryOfLargeAndSmallFiles_hasAll_andTellsOfEachOnce() throws IOException {
    Path many = Files.createDirectory(data.resolve("many"));
    Random random = new Random(2);
    Map<String, String> expected = new TreeMap<>();
    long total = 0;
    for (int i = 0; i < 12; i++) {
      byte[] bytes = new byte[i % 3 == 0 ? 100 + i : FileHasher.BLOCK + 1 + random.nextInt(5000)];
      random.nextBytes(bytes);
      Files.write(many.resolve("f" + i), bytes);
      expected.put("f" + i, TestData.md5(bytes));
      total += bytes.length;
    }
    AtomicLong files = new AtomicLong();
    AtomicLong bytes = new AtomicLong();
    AtomicLong expectedBytes = new AtomicLong();
    Progress progress =
        new Progress() {
          @Override
          public void expect(long moreFiles, long moreBytes) {
            expectedBytes.addAndGet(moreBytes);
          }

          @Override
          public void done(long moreFiles, long moreBytes) {
            files.addAndGet(moreFiles);
            bytes.addAndGet(moreBytes);
          }
        };
    Workspace workspace = workspace(LinkType.COPY);
    Contents.Directory found =
        (Contents.Directory)
            workspace.storing(many, false).telling(progress).read(many).orElseThrow();
    Map<String, String> got = new TreeMap<>();
    found.entries().forEach(entry -> got.put(entry.path(), entry.digest().hex()));
    assertEquals(expected, got);
    assertEquals(total, found.size());
    assertEquals(
        List.of(12L, total, total), List.of(files.get(), bytes.get(), expectedBytes.get()));
  }

  private static void append(Path file) {
    try {
      Files.writeString(file, "more", java.nio.file.StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void read_fileThatChangesOnceWhileItIsRead_isReadAgain() throws IOException {
    Path file = data.resolve("large");
    Files.write(file, new byte[2 * FileHasher.BLOCK]);
    Workspace workspace = workspace(LinkType.COPY);
    AtomicBoolean changed = new AtomicBoolean();
    Progress once =
        (files, bytes) -> {
          if (!changed.getAndSet(true)) {
            append(file);
          }
        };
    Contents contents = workspace.storing(file, false).telling(once).read(file).orElseThrow();
    assertEquals(TestData.md5(Files.readAllBytes(file)), contents.key().name());
    assertArrayEquals(
        Files.readAllBytes(file), Files.readAllBytes(workspace.store().path(contents.key())));
  }

  @Test
  void read_fileThatChangesAllTheTime_isRefused_andNothingIsStored() throws IOException {
    Path file = data.resolve("large");
    Files.write(file, new byte[2 * FileHasher.BLOCK]);
    Workspace workspace = workspace(LinkType.COPY);
    RefusedException refused =
        assertThrows(
            RefusedException.class,
            () ->
                workspace.storing(file, false).telling((files, bytes) -> append(file)).read(file));
    assertTrue(refused.getMessage().contains("'" + file + "' changes while it is read"));
    assertEquals(List.of(), DvcProject.objects(directory.resolve("cache")));
  }

  @ParameterizedTest
  @EnumSource(
      value = LinkType.class,
      names = {"HARDLINK", "SYMLINK", "COPY"})
  void storedAndCheckedOut_byEachLinkType_isTheSame(LinkType type) throws IOException {
    write(data.resolve("a"), "one");
    write(data.resolve("sub/b"), "two");
    write(data.resolve("sub/c"), "one");
    Map<String, String> before = tree(data);
    Workspace workspace = workspace(type);
    ObjectKey key = workspace.storing(data, true).read(data).orElseThrow().key();
    Path object =
        workspace.store().path(ObjectKey.file(Digest.md5(TestData.md5("two".getBytes(UTF_8)))));
    assertEquals("r--r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(object)));

    Path other = directory.resolve("other");
    CheckoutPlan plan = checkout(workspace).plan(wanted(other, key), false);
    assertEquals(3, plan.added().size());
    checkout(workspace).apply(plan);
    assertEquals(key, read(workspace, other).key());
    Path file = other.resolve("sub/b");
    switch (type) {
      case HARDLINK -> assertTrue(Files.isSameFile(object, file));
      case SYMLINK -> assertEquals(object, Files.readSymbolicLink(file));
      case REFLINK, COPY -> {
        assertFalse(Files.isSameFile(object, file));
        assertTrue(Files.isWritable(file));
        assertEquals(before, tree(other));
      }
    }
    workspace.linker().unprotect(file);
    assertFalse(Files.isSymbolicLink(file));
    assertFalse(Files.isSameFile(object, file));
    assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals("two", Files.readString(file));
  }

  @Test
  void relink_changesTheTypeOnly() throws IOException {
    write(data.resolve("a"), "one");
    Workspace copies = workspace(LinkType.COPY);
    ObjectKey key = copies.storing(data, true).read(data).orElseThrow().key();
    Workspace links = workspace(LinkType.HARDLINK);
    assertTrue(checkout(links).plan(wanted(data, key), false).relinked().isEmpty());
    CheckoutPlan plan = checkout(links).plan(wanted(data, key), true);
    assertEquals(1, plan.relinked().size());
    assertFalse(plan.changes());
    checkout(links).apply(plan);
    assertEquals(2, Files.getAttribute(data.resolve("a"), "unix:nlink"));
    assertTrue(checkout(links).plan(wanted(data, key), true).relinked().isEmpty());
  }

  @Test
  void plan_whatWouldBeLost_isNamed() throws IOException {
    write(data.resolve("kept"), "one");
    Workspace workspace = workspace(LinkType.COPY);
    ObjectKey key = workspace.storing(data, true).read(data).orElseThrow().key();
    write(data.resolve("kept"), "changed");
    write(data.resolve("extra"), "more");
    CheckoutPlan plan = checkout(workspace).plan(wanted(data, key), false);
    assertEquals(List.of(data.resolve("extra"), data.resolve("kept")), plan.unsaved());
    checkout(workspace).apply(plan); // as with --force
    assertEquals(Map.of("kept", "one"), tree(data));
  }

  @Test
  void plan_objectMissing_isNamedAndNothingIsDone() throws IOException {
    write(data.resolve("a"), "one");
    Workspace workspace = workspace(LinkType.COPY);
    ObjectKey key = workspace.storing(data, true).read(data).orElseThrow().key();
    Digest one = Digest.md5(TestData.md5("one".getBytes(UTF_8)));
    assertTrue(workspace.store().remove(ObjectKey.file(one)));
    CheckoutPlan plan = checkout(workspace).plan(wanted(directory.resolve("new"), key), false);
    assertEquals(1, plan.missing().size());
    assertThrows(IllegalArgumentException.class, () -> checkout(workspace).apply(plan));
    assertFalse(Files.exists(directory.resolve("new")));
  }

  @Test
  void check_damagedObject_isRemoved() throws IOException {
    write(data.resolve("a"), "one");
    Workspace workspace = workspace(LinkType.COPY);
    workspace.storing(data, true).read(data);
    ObjectKey one = ObjectKey.file(Digest.md5(TestData.md5("one".getBytes(UTF_8))));
    Path object = workspace.store().path(one);
    Files.setPosixFilePermissions(object, PosixFilePermissions.fromString("rw-r--r--"));
    Files.writeString(object, "damaged");
    assertFalse(workspace.store().check(one));
    assertFalse(Files.exists(object, LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void check_protectedDamagedObject_isSeenWhenAllAreVerified() throws IOException {
    write(data.resolve("a"), "one");
    workspace(LinkType.COPY).storing(data, true).read(data);
    ObjectKey one = ObjectKey.file(Digest.md5(TestData.md5("one".getBytes(UTF_8))));
    Path object = workspace(LinkType.COPY).store().path(one);
    Files.setPosixFilePermissions(object, PosixFilePermissions.fromString("rw-r--r--"));
    Files.writeString(object, "damaged");
    Files.setPosixFilePermissions(object, PosixFilePermissions.fromString("r--r--r--"));
    assertTrue(workspace(LinkType.COPY).store().check(one));
    assertFalse(workspace(true, LinkType.COPY).store().check(one));
  }

  @Test
  void partOfADirectory_isCheckedOutAlone() throws IOException {
    write(data.resolve("a"), "one");
    write(data.resolve("sub/b"), "two");
    Workspace workspace = workspace(LinkType.COPY);
    ObjectKey key = workspace.storing(data, true).read(data).orElseThrow().key();
    Path other = directory.resolve("other");
    Checkout checkout = checkout(workspace);
    checkout.apply(checkout.plan(new Wanted(other, key, "sub", false), false));
    assertEquals(Map.of("sub/b", "two"), tree(other));
  }

  @Test
  void randomTrees_goThereAndBack() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try {
      Workspace workspace = workspace(LinkType.COPY);
      List<ObjectKey> keys = new ArrayList<>();
      List<Map<String, String>> trees = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        for (int change = 0; change < 5; change++) {
          String path = "d%d/f%d".formatted(random.nextInt(4), random.nextInt(6));
          if (random.nextInt(3) == 0) {
            Files.deleteIfExists(data.resolve(path));
          } else {
            write(data.resolve(path), "text " + random.nextInt(8));
          }
        }
        keys.add(workspace.storing(data, true).read(data).orElseThrow().key());
        trees.add(tree(data));
        assertEquals(manifestOf(trees.getLast()), keys.getLast(), "seed " + seed);
        int back = random.nextInt(keys.size());
        CheckoutPlan plan = checkout(workspace).plan(wanted(data, keys.get(back)), false);
        assertEquals(List.of(), plan.unsaved(), "seed " + seed);
        checkout(workspace).apply(plan);
        assertEquals(trees.get(back), tree(data), "seed " + seed);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("seed " + seed, e);
    }
  }
}
