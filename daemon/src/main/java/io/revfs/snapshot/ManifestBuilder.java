package io.revfs.snapshot;

import io.revfs.fuse.FileNames;
import io.revfs.text.RelativePaths;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns a manifest's flat list into stored directories while it is read. A manifest is sorted by
 * its whole paths, so all files below one directory follow each other, and only the directories on
 * the way to the last file are kept; within a directory the order of names differs from that of
 * paths ({@code a-b} before {@code a/x}), so its entries are sorted when it ends. Lists in any
 * other order are kept whole, which costs memory only.
 */
final class ManifestBuilder {
  private final ManifestPages.Store store;
  private final Deque<Open> open = new ArrayDeque<>();
  private final Set<String> closed = new HashSet<>();
  private final @Nullable Node unordered;
  private long files;

  /** A directory whose files are still coming. */
  private static final class Open {
    final String path;
    final byte[] name;
    final List<byte[]> entries = new ArrayList<>();

    Open(String path, byte[] name) {
      this.path = path;
      this.name = name;
    }
  }

  /** A directory of a list in no order. */
  private static final class Node {
    final Map<String, Node> directories = new HashMap<>();
    final Map<String, byte[]> files = new HashMap<>();
  }

  /** A path came after its directory had ended: the list is not sorted. */
  static final class NotSortedException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  ManifestBuilder(ManifestPages.Store store, boolean anyOrder) {
    this.store = store;
    this.unordered = anyOrder ? new Node() : null;
    open.push(new Open("", new byte[0]));
  }

  long files() {
    return files;
  }

  void add(String path, String hex, long size, boolean executable) throws NotSortedException {
    files++;
    byte[] md5 = HexFormat.of().parseHex(hex);
    String directory = RelativePaths.parent(path);
    byte[] name = FileNames.encode(RelativePaths.name(path));
    byte[] entry = ManifestPages.fileEntry(name, md5, size, executable);
    if (unordered != null) {
      Node node = unordered;
      for (String part : directory.isEmpty() ? new String[0] : directory.split("/")) {
        node = node.directories.computeIfAbsent(part, p -> new Node());
      }
      node.files.put(RelativePaths.name(path), entry);
      return;
    }
    enter(directory);
    open.element().entries.add(entry);
  }

  private void enter(String directory) throws NotSortedException {
    while (!isInside(directory, open.element().path)) {
      closeTop();
    }
    while (!open.element().path.equals(directory)) {
      String at = open.element().path;
      int start = at.isEmpty() ? 0 : at.length() + 1;
      int slash = directory.indexOf('/', start);
      String next = slash < 0 ? directory : directory.substring(0, slash);
      if (closed.contains(next)) {
        throw new NotSortedException();
      }
      open.push(new Open(next, FileNames.encode(next.substring(start))));
    }
  }

  private static boolean isInside(String directory, String of) {
    return of.isEmpty()
        || directory.equals(of)
        || (directory.startsWith(of) && directory.charAt(of.length()) == '/');
  }

  private void closeTop() {
    Open top = open.pop();
    byte[] id = end(top.entries);
    closed.add(top.path);
    open.element().entries.add(ManifestPages.directoryEntry(top.name, id));
  }

  private byte[] end(List<byte[]> entries) {
    entries.sort(ManifestPages::compareNames);
    return ManifestPages.storeDirectory(entries, store);
  }

  /** Ends the list; returns the root directory's id. */
  byte[] finish() {
    if (unordered != null) {
      return finish(unordered);
    }
    while (open.size() > 1) {
      closeTop();
    }
    return end(open.pop().entries);
  }

  private byte[] finish(Node node) {
    List<byte[]> entries = new ArrayList<>(node.files.values());
    node.directories.forEach(
        (name, child) ->
            entries.add(ManifestPages.directoryEntry(FileNames.encode(name), finish(child))));
    return end(entries);
  }
}
