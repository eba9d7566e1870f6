package io.revfs.cli.replay;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Work trees and caches as lists of what is in them, in the form that the expectations have. */
final class Trees {
  private Trees() {}

  /** Returns a work tree's files, without Git's own, caches and temporary files. */
  static ArrayNode workTree(Path root) throws IOException {
    SortedMap<String, Path> found =
        new TreeMap<>(Comparator.comparing(String::codePoints, Trees::byCodePoints));
    collect(root, "", found);
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (var file : found.entrySet()) {
      ObjectNode entry = list.addObject().put("path", file.getKey());
      if (Files.isSymbolicLink(file.getValue())) {
        entry.put("symlink", Files.readSymbolicLink(file.getValue()).toString());
      } else {
        describe(file.getValue(), entry);
        entry.put(
            "executable",
            Files.getPosixFilePermissions(file.getValue())
                .contains(PosixFilePermission.OWNER_EXECUTE));
      }
    }
    return list;
  }

  /** Python's order of texts, which is not Java's where characters are no single chars. */
  private static int byCodePoints(IntStream left, IntStream right) {
    return Arrays.compare(left.toArray(), right.toArray());
  }

  private static void collect(Path directory, String prefix, SortedMap<String, Path> into)
      throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        String name = entry.getFileName().toString();
        String path = prefix + name;
        boolean hidden =
            path.equals("shared-cache")
                || name.equals(".git")
                || ((name.equals("tmp") || name.equals("cache"))
                    && directory.getFileName().toString().equals(".dvc"));
        if (!Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          into.put(path, entry);
        } else if (!hidden) {
          collect(entry, path + "/", into);
        }
      }
    }
  }

  /** Returns the objects of a copy's cache. */
  static ArrayNode cache(Path copy, String project) throws IOException {
    Path shared = copy.resolve("repo/shared-cache");
    Path top =
        Files.isDirectory(shared)
            ? shared
            : copy.resolve("repo").resolve(project).resolve(".dvc/cache").normalize();
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    if (Files.isDirectory(top)) {
      try (Stream<Path> files = Files.walk(top)) {
        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
          describe(file, list.addObject().put("path", top.relativize(file).toString()));
        }
      }
    }
    return list;
  }

  private static void describe(Path file, ObjectNode entry) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        in.transferTo(java.io.OutputStream.nullOutputStream());
      }
      entry.put("size", Files.size(file)).put("md5", HexFormat.of().formatHex(digest.digest()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
