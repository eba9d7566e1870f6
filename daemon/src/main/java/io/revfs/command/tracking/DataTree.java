package io.revfs.command.tracking;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.stage.Out;
import io.revfs.stage.StageIndex;
import io.revfs.workspace.Contents;
import io.revfs.workspace.FileEntry;
import io.revfs.workspace.OutFiles;
import io.revfs.workspace.store.ManifestItem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The tracked data of a project at one time, as recorded or as it is in the work tree: outputs by
 * their paths, and the files in them.
 */
final class DataTree {
  private final Map<String, Node> outs = new TreeMap<>();

  /** The files of a directory, found when they are needed. */
  interface Files {
    /** Returns digests by path from the directory; empty if the list is not in the cache. */
    Optional<Map<String, Digest>> get() throws IOException;
  }

  /**
   * An output.
   *
   * @param key absent if nothing is recorded
   */
  record Node(Optional<ObjectKey> key, boolean isDirectory, Files files) {}

  private DataTree() {}

  Map<String, Node> outs() {
    return outs;
  }

  /** Knows the lists of directories that the cache lacks. */
  @FunctionalInterface
  interface Lists {
    /** Knows none. */
    Lists NONE = (out, manifest) -> Optional.empty();

    /** Returns what a list names; empty if it is not known. */
    Optional<List<ManifestItem>> items(Out out, ObjectKey manifest) throws IOException;
  }

  /** Returns what is recorded, of those outputs that are asked for. */
  static DataTree recorded(OutFiles files, StageIndex index, Predicate<Out> asked)
      throws IOException {
    return recorded(files, index, asked, Lists.NONE);
  }

  /** Returns what is recorded, of those outputs that are asked for. */
  static DataTree recorded(OutFiles files, StageIndex index, Predicate<Out> asked, Lists elsewhere)
      throws IOException {
    DataTree tree = new DataTree();
    for (Out out : tracked(index, asked)) {
      Optional<ObjectKey> key = files.key(out);
      if (key.isEmpty() && index.owner(out).isPartialImport()) {
        key = index.owner(out).deps().getFirst().key();
      }
      Optional<ObjectKey> recorded = key;
      boolean isDirectory = recorded.filter(ObjectKey::manifest).isPresent();
      tree.outs.put(
          out.path(),
          new Node(recorded, isDirectory, () -> named(files, out, recorded, elsewhere)));
    }
    return tree;
  }

  private static Optional<Map<String, Digest>> named(
      OutFiles files, Out out, Optional<ObjectKey> key, Lists elsewhere) throws IOException {
    if (key.isEmpty() || !key.get().manifest()) {
      return Optional.of(Map.of());
    }
    Optional<List<ManifestItem>> items = files.items(key.get());
    if (items.isEmpty()) {
      items = elsewhere.items(out, key.get());
    }
    if (items.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Digest> named = new HashMap<>();
    items.get().forEach(item -> named.put(item.path(), item.digest()));
    return Optional.of(named);
  }

  /** Returns what the work tree has of the outputs that are asked for. */
  static DataTree present(OutFiles files, StageIndex index, Predicate<Out> asked)
      throws IOException {
    DataTree tree = new DataTree();
    for (Out out : tracked(index, asked)) {
      Optional<ObjectKey> recorded = files.key(out);
      if (recorded.isPresent() && OutFiles.isShown(files.place(out), recorded.get())) {
        tree.outs.put(
            out.path(),
            new Node(
                recorded,
                recorded.get().manifest(),
                () -> named(files, out, recorded, Lists.NONE)));
        continue;
      }
      Optional<Contents> contents = files.contents(out);
      if (contents.isEmpty()) {
        continue;
      }
      Optional<ObjectKey> key = Optional.of(contents.get().key());
      switch (contents.get()) {
        case Contents.File file ->
            tree.outs.put(out.path(), new Node(key, false, () -> Optional.of(Map.of())));
        case Contents.Directory directory ->
            tree.outs.put(
                out.path(), new Node(key, true, () -> Optional.of(digests(directory.entries()))));
      }
    }
    return tree;
  }

  private static Map<String, Digest> digests(List<FileEntry> entries) {
    Map<String, Digest> digests = new HashMap<>();
    entries.forEach(entry -> digests.put(entry.path(), entry.digest()));
    return digests;
  }

  private static List<Out> tracked(StageIndex index, Predicate<Out> asked) {
    List<Out> tracked = new ArrayList<>();
    for (Out out : index.outs()) {
      if (out.cached() && out.place().isInProject() && asked.test(out)) {
        tracked.add(out);
      }
    }
    return tracked;
  }
}
