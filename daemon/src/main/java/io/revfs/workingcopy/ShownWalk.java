package io.revfs.workingcopy;

import io.revfs.object.ObjectKey;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.SnapshotDirectory;
import io.revfs.workspace.FileEntry;
import io.revfs.workspace.Unseen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What outputs show at a place where nothing is below: files by their digests, without reading any.
 *
 * @param root where the working copy is reached past its mount
 */
record ShownWalk(Path root, OutputPlaces places, Hidden hidden, ShownFiles files) {
  private static final int FILE = 0100000; // S_IFREG

  /** Returns what is shown at a path. */
  Unseen at(String path, boolean sizes) throws IOException {
    List<String> names = path.isEmpty() ? List.of() : Arrays.asList(path.split("/"));
    if (places.isEmpty() || hidden.has(names)) {
      return Unseen.NOTHING;
    }
    Optional<Shown> found = places.find(names);
    if (found.isEmpty()) {
      return Unseen.NOTHING;
    }
    Found all = new Found();
    boolean untouched = isAbsentBelow(path) && !hidden.hasAnyOf(path);
    walk(path, "", found.get(), untouched, all);
    Optional<Entry> entry = found.get().entry();
    Optional<ObjectKey> whole = untouched ? entry.flatMap(Entry::key) : Optional.empty();
    boolean empty = all.entries.isEmpty() && whole.filter(ObjectKey::manifest).isEmpty();
    if (empty) {
      return Unseen.NOTHING;
    }
    long size = 0;
    if (sizes && whole.isPresent() && entry.orElseThrow().size() >= 0) {
      size = entry.orElseThrow().size();
    } else if (sizes) {
      size = all.size(files);
    }
    return new Unseen(whole, all.files, size);
  }

  private boolean isAbsentBelow(String path) {
    return Files.notExists(root.resolve(path), LinkOption.NOFOLLOW_LINKS);
  }

  /** The files that were found. */
  private static final class Found {
    private final List<FileEntry> files = new ArrayList<>();
    private final List<Entry> entries = new ArrayList<>();

    long size(ShownFiles by) throws IOException {
      long size = 0;
      for (Entry entry : entries) {
        size += by.bytes(entry);
      }
      return size;
    }
  }

  /**
   * Adds the files of what is shown.
   *
   * @param inside its path from where the walk began
   * @param untouched whether nothing is below or hidden there, so that nobody needs to look
   */
  private void walk(String path, String inside, Shown shown, boolean untouched, Found all)
      throws IOException {
    if (!untouched && hidden.has(Arrays.asList(path.split("/")))) {
      return;
    }
    if (shown.below().isPresent()) {
      if (isNoDirectoryBelow(path)) {
        return;
      }
      for (String name : shown.below().get().names()) {
        Shown child = shown.below().get().find(List.of(name)).orElseThrow();
        walk(with(path, name), with(inside, name), child, false, all);
      }
      return;
    }
    walk(path, inside, shown.entry().orElseThrow(), untouched, all);
  }

  private void walk(String path, String inside, Entry entry, boolean untouched, Found all)
      throws IOException {
    if (!untouched && hidden.has(Arrays.asList(path.split("/")))) {
      return;
    }
    Optional<SnapshotDirectory> directory = entry.directory();
    if (directory.isPresent()) {
      if (!untouched && isNoDirectoryBelow(path)) {
        return;
      }
      boolean clean = untouched || (isAbsentBelow(path) && !hidden.hasAnyOf(path));
      directory
          .get()
          .list(
              0,
              child -> {
                walk(with(path, child.name()), with(inside, child.name()), child, clean, all);
                return true;
              });
      return;
    }
    if (entry.key().isPresent()
        && entry.problem().isEmpty()
        && (untouched || isAbsentBelow(path))) {
      all.files.add(
          new FileEntry(
              inside,
              entry.key().get().digest(),
              0,
              FILE | ShownFiles.permissions(entry),
              FileEntry.Place.OWN));
      all.entries.add(entry);
    }
  }

  private boolean isNoDirectoryBelow(String path) {
    Path place = root.resolve(path);
    return Files.exists(place, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS);
  }

  private static String with(String path, String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }
}
