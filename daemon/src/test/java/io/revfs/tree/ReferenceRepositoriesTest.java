package io.revfs.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.fuse.Attributes;
import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.repository.DataRepository;
import io.revfs.testing.OpenRepositories;
import io.revfs.testing.ReferenceRepository;
import io.revfs.testing.VersionedReference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every file of every commit of the reference repositories has the bytes and mode that DVC gives
 * it.
 */
class ReferenceRepositoriesTest {
  private static final RequestContext CONTEXT = RequestContext.INTERNAL;

  @TempDir Path directory;

  @TestFactory
  Stream<DynamicTest> everyFileOfEveryCommit_isAsDvcChecksItOut() {
    return ReferenceRepository.NAMES.stream()
        .filter(name -> !name.startsWith("10")) // needs S3: see the test of cloud versions
        .map(name -> DynamicTest.dynamicTest(name, () -> check(name)));
  }

  private void check(String name) throws Exception {
    check(ReferenceRepository.unpack(name, directory), Map.of(), path -> true);
  }

  /**
   * Puts every version of every object into a real server. Its version ids are its own, so the
   * commits are written anew with them, and what describes the data is not compared.
   */
  @Test
  void cloudVersionedRepository_fromARealServerThatKeepsVersions() throws Exception {
    try (VersionedReference versioned = VersionedReference.start(directory)) {
      check(
          versioned.reference(),
          versioned.commits(),
          path ->
              !path.endsWith(".dvc")
                  && !path.equals("dvc.lock")
                  // An imported directory that was never pushed and whose source has changed since.
                  && !path.startsWith("dir-plain/")
                  // DVC was recorded with the version before the one that its own file names.
                  && !path.equals("one-versioned.txt"));
    }
  }

  private void check(
      ReferenceRepository reference, Map<String, String> commits, Predicate<String> compared)
      throws Exception {
    String name = reference.name();
    try (OpenRepositories open =
        OpenRepositories.open(Files.createDirectories(directory.resolve("of-" + name)))) {
      DataRepository repository = open.repositories().open(reference.repo().toString());
      RevisionTree tree =
          new RevisionTree(
              repository,
              open.cache(),
              new Views(new ViewFile(directory.resolve("views-" + name)), "/mnt"));
      for (JsonNode revision : reference.revisions()) {
        String rev = revision.get("rev").asText();
        Map<String, String> expected = new TreeMap<>();
        for (JsonNode file : revision.get("checkout")) {
          String path = file.get("path").asText();
          if (!path.equals(".dvc/config.local")) {
            expected.put(path, expectedLine(file));
          }
        }
        Map<String, String> found = new TreeMap<>();
        walk(tree, commit(tree, commits.getOrDefault(rev, rev)), "", found);
        expected.keySet().removeIf(compared.negate());
        found.keySet().removeIf(compared.negate());
        found.remove(".dvc/tmp/repro.dat"); // in Git's tree of an experiment, taken away by DVC
        // Never pushed: shown, unreadable, and not in what DVC could check out.
        found
            .entrySet()
            .removeIf(e -> e.getValue().equals("EIO") && !expected.containsKey(e.getKey()));
        if (name.startsWith("10")) {
          // DVC leaves out a directory of which one file was not pushed; here the others are read,
          // and what another revision pushed is found too. All of it is verified by its MD5.
          found.keySet().retainAll(expected.keySet());
        }
        List<String> wanted = lines(expected);
        List<String> seen = lines(found);
        assertEquals(
            without(wanted, seen),
            without(seen, wanted),
            () -> name + " at " + revision.get("names"));
      }
    }
  }

  private static List<String> lines(Map<String, String> files) {
    List<String> lines = new ArrayList<>();
    files.forEach((path, what) -> lines.add(path + " " + what));
    return lines;
  }

  private static String without(List<String> lines, List<String> others) {
    List<String> rest = new ArrayList<>(lines);
    rest.removeAll(others);
    return String.join("\n", rest);
  }

  private static String expectedLine(JsonNode file) {
    if (file.has("symlink")) {
      return "-> " + file.get("symlink").asText();
    }
    return file.get("md5").asText()
        + " "
        + file.get("size").asLong()
        + (file.get("executable").asBoolean() ? " x" : "");
  }

  private static long commit(FileTree tree, String commit) throws FuseException {
    long commits = tree.lookup(CONTEXT, FileTree.ROOT, "commits").node();
    return tree.lookup(CONTEXT, commits, commit).node();
  }

  private static void walk(FileTree tree, long node, String prefix, Map<String, String> into)
      throws Exception {
    List<String> names = new ArrayList<>();
    try (DirectoryListing listing = tree.openDirectory(CONTEXT, node)) {
      listing.list(
          CONTEXT,
          0,
          (name, child, kind, next) -> {
            names.add(FileNames.decode(name));
            return true;
          });
    } catch (FuseException e) {
      into.put(prefix, e.errno().toString()); // its manifest was never pushed
      return;
    }
    for (String name : names) {
      Attributes attributes = tree.lookup(CONTEXT, node, name);
      String path = prefix + name;
      if (attributes.kind() == FileKind.DIRECTORY) {
        walk(tree, attributes.node(), path + "/", into);
      } else if (attributes.kind() == FileKind.SYMBOLIC_LINK) {
        into.put(path, "-> " + tree.readLink(CONTEXT, attributes.node()));
      } else {
        into.put(path, read(tree, attributes));
      }
      tree.forget(attributes.node(), 1);
    }
  }

  private static String read(FileTree tree, Attributes attributes) throws Exception {
    MessageDigest md5 = MessageDigest.getInstance("MD5");
    long size = 0;
    ByteBuffer buffer = ByteBuffer.allocate(1 << 17);
    try (OpenFile file = tree.open(CONTEXT, attributes.node())) {
      while (true) {
        int n = file.read(CONTEXT, buffer.clear(), size);
        if (n == 0) {
          break;
        }
        size += n;
        md5.update(buffer.flip());
      }
    } catch (FuseException e) {
      return e.errno().toString();
    }
    assertEquals(attributes.size(), size);
    return HexFormat.of().formatHex(md5.digest())
        + " "
        + size
        + ((attributes.permissions() & 0100) != 0 ? " x" : "");
  }
}
