package io.revfs.command.worktree;

import io.revfs.object.ObjectKey;
import io.revfs.object.Origins;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.SnapshotDirectory;
import io.revfs.snapshot.TreeWalk;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** A directory of an output, made of a list of its files. For one thread. */
final class ListedDirectory implements SnapshotDirectory {
  private final TreeMap<String, Entry> entries = new TreeMap<>(TreeWalk::compare);

  /** A file by its path from the directory. */
  record File(String path, Optional<ObjectKey> key) {}

  private ListedDirectory() {}

  static ListedDirectory of(List<File> files) {
    ListedDirectory top = new ListedDirectory();
    for (File file : files) {
      ListedDirectory at = top;
      String[] names = file.path().split("/");
      for (int i = 0; i < names.length - 1; i++) {
        at = at.below(names[i]);
      }
      String name = names[names.length - 1];
      at.entries.put(name, entry(name, Entry.Kind.FILE, file.key(), Optional.empty()));
    }
    return top;
  }

  private ListedDirectory below(String name) {
    Entry known = entries.get(name);
    if (known != null && known.directory().orElse(null) instanceof ListedDirectory there) {
      return there;
    }
    ListedDirectory made = new ListedDirectory();
    entries.put(name, entry(name, Entry.Kind.DIRECTORY, Optional.empty(), Optional.of(made)));
    return made;
  }

  private static Entry entry(
      String name,
      Entry.Kind kind,
      Optional<ObjectKey> key,
      Optional<SnapshotDirectory> directory) {
    return new Entry(
        name,
        kind,
        false,
        key,
        new Origins(List.of()),
        -1,
        Entry.Tracking.INSIDE_OUTPUT,
        Optional.empty(),
        directory);
  }

  @Override
  public Optional<Entry> find(String name) {
    return Optional.ofNullable(entries.get(name));
  }

  @Override
  public void list(long position, Visitor visitor) throws IOException {
    long passed = 0;
    for (Entry entry : entries.values()) {
      if (passed++ >= position && !visitor.visit(entry)) {
        return;
      }
    }
  }
}
