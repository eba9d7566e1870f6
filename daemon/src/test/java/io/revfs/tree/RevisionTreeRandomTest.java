package io.revfs.tree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.revfs.cache.CacheSettings;
import io.revfs.cache.local.LocalCache;
import io.revfs.fuse.Attributes;
import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.index.Index;
import io.revfs.remote.RemoteLimits;
import io.revfs.repository.DataRepositories;
import io.revfs.testing.TestData;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random repositories and random operations, against a map of paths to bytes. */
class RevisionTreeRandomTest {
  private static final RequestContext CONTEXT = RequestContext.INTERNAL;
  private static final String[] NAMES = {"a", "a.txt", "a b", "ü", "z-9", "sub", "sub.d", "0"};

  @TempDir Path directory;

  @Test
  void aTreeShowsWhatTheModelHolds() throws Exception {
    long seed = Long.getLong("revfs.seed", System.nanoTime());
    Random random = new Random(seed);
    TestData data = new TestData(directory);
    Map<String, TreeMap<String, byte[]>> model = new HashMap<>();
    List<String> commits = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      TreeMap<String, byte[]> files = new TreeMap<>();
      for (int file = 0; file < 3; file++) {
        byte[] bytes = bytes(random);
        String path = "git" + random.nextInt(3) + "/" + NAMES[random.nextInt(NAMES.length)] + ".g";
        data.write(path, java.util.HexFormat.of().formatHex(bytes));
      }
      for (int output = 0; output < 3; output++) {
        data.file("out" + output, bytes(random));
        TreeMap<String, byte[]> set = new TreeMap<>();
        for (int file = 1 + random.nextInt(400); file > 0; file--) {
          set.put(name(random) + "/" + name(random) + file, bytes(random));
        }
        data.directory("set" + output, set);
        set.forEach((path, bytes) -> files.put("set" + path, bytes));
      }
      String commit = data.commit("v" + i);
      commits.add(commit);
      model.put(commit, new TreeMap<>());
    }
    // The model is what the .dvc files say, taken from the store by other means.
    for (String commit : commits) {
      for (String path : data.git("ls-tree", "-r", "--name-only", "-z", commit).split("\0")) {
        model.get(commit).put(path, git(data, commit, path));
        if (path.endsWith(".dvc")) {
          String text = new String(git(data, commit, path), "UTF-8");
          String md5 = text.replaceAll("(?s).*md5: ([0-9a-f]+(\\.dir)?).*", "$1").strip();
          String output = path.substring(0, path.length() - 4);
          byte[] bytes = java.nio.file.Files.readAllBytes(data.object(md5));
          if (md5.endsWith(".dir")) {
            for (var file : new com.fasterxml.jackson.databind.ObjectMapper().readTree(bytes)) {
              model
                  .get(commit)
                  .put(
                      output + "/" + file.get("relpath").asText(),
                      java.nio.file.Files.readAllBytes(data.object(file.get("md5").asText())));
            }
          } else {
            model.get(commit).put(output, bytes);
          }
        }
      }
    }
    try (LocalCache cache =
            LocalCache.open(
                new CacheSettings(
                    directory.resolve("cache"),
                    1 << 20,
                    64 << 10,
                    CacheSettings.Verify.ON_COMPLETE,
                    4));
        Index index = Index.open(directory.resolve("index"), 1 << 20);
        DataRepositories repositories =
            new DataRepositories(
                directory.resolve("mirrors"), RemoteLimits.DEFAULT, cache, index)) {
      RevisionTree tree =
          new RevisionTree(
              repositories.open(data.repository().toString()),
              cache,
              new Views(new ViewFile(directory.resolve("views")), "m"));
      for (int step = 0; step < 2000; step++) {
        String commit = commits.get(random.nextInt(commits.size()));
        check(tree, commit, model.get(commit), random, "seed " + seed + " step " + step);
      }
    }
  }

  private static byte[] git(TestData data, String commit, String path) throws Exception {
    Process process =
        new ProcessBuilder("git", "cat-file", "blob", commit + ":" + path)
            .directory(data.repository().toFile())
            .start();
    byte[] bytes = process.getInputStream().readAllBytes();
    process.waitFor();
    return bytes;
  }

  private static String name(Random random) {
    return NAMES[random.nextInt(NAMES.length)];
  }

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[random.nextInt(20) == 0 ? random.nextInt(300_000) : random.nextInt(50)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static void check(
      FileTree tree, String commit, TreeMap<String, byte[]> files, Random random, String where)
      throws Exception {
    List<String> paths = List.copyOf(files.keySet());
    String path = paths.get(random.nextInt(paths.size()));
    List<Long> held = new ArrayList<>();
    long commitsNode = tree.lookup(CONTEXT, FileTree.ROOT, "commits").node();
    Attributes at = tree.lookup(CONTEXT, commitsNode, commit);
    held.add(at.node());
    String[] names = path.split("/");
    int depth = random.nextInt(names.length);
    for (int i = 0; i < depth; i++) {
      at = tree.lookup(CONTEXT, at.node(), names[i]);
      held.add(at.node());
      assertEquals(FileKind.DIRECTORY, at.kind(), where);
    }
    String prefix = depth == 0 ? "" : String.join("/", List.of(names).subList(0, depth)) + "/";
    switch (random.nextInt(3)) {
      case 0 -> {
        TreeSet<String> expected = new TreeSet<>();
        for (String other : files.tailMap(prefix).keySet()) {
          if (!other.startsWith(prefix)) {
            break;
          }
          expected.add(other.substring(prefix.length()).split("/")[0]);
        }
        assertEquals(expected, list(tree, at.node(), random), where + " " + prefix);
      }
      case 1 -> {
        long node = at.node();
        FuseException e =
            assertThrows(FuseException.class, () -> tree.lookup(CONTEXT, node, "not-there"), where);
        assertEquals(Errno.ENOENT, e.errno());
      }
      default -> {
        for (int i = depth; i < names.length; i++) {
          at = tree.lookup(CONTEXT, at.node(), names[i]);
          held.add(at.node());
        }
        byte[] expected = files.get(path);
        assertEquals(expected.length, at.size(), where + " " + path);
        int offset = random.nextInt(expected.length + 1);
        try (OpenFile file = tree.open(CONTEXT, at.node())) {
          ByteBuffer buffer = ByteBuffer.allocate(random.nextInt(expected.length + 10));
          int n = file.read(CONTEXT, buffer, offset);
          assertEquals(Math.min(buffer.capacity(), expected.length - offset), n, where);
          assertArrayEquals(
              Arrays.copyOfRange(expected, offset, offset + n),
              Arrays.copyOf(buffer.array(), n),
              where + " " + path);
        }
      }
    }
    held.forEach(node -> tree.forget(node, 1));
  }

  /** Lists in pieces of random length, as kernels do. */
  private static TreeSet<String> list(FileTree tree, long node, Random random) throws Exception {
    TreeSet<String> names = new TreeSet<>();
    long[] position = {0};
    try (DirectoryListing listing = tree.openDirectory(CONTEXT, node)) {
      boolean[] more = {true};
      while (more[0]) {
        int[] room = {1 + random.nextInt(50)};
        more[0] = false;
        listing.list(
            CONTEXT,
            position[0],
            (bytes, child, kind, next) -> {
              String name = FileNames.decode(bytes);
              if (room[0]-- == 0) {
                more[0] = true;
                return false;
              }
              assertEquals(true, names.add(name), name + " is listed twice");
              position[0] = next;
              return true;
            });
      }
    }
    return names;
  }
}
