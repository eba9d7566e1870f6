package io.revfs.command.worktree;

import io.revfs.object.ObjectKey;
import io.revfs.object.Origins;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.FixedDirectory;
import io.revfs.snapshot.SnapshotDirectory;
import java.util.List;
import java.util.Optional;

/** Makes the directory of an output of a list of its files. */
final class ListedDirectory {
  /** A file by its path from the directory. */
  record File(String path, Optional<ObjectKey> key) {}

  private ListedDirectory() {}

  static FixedDirectory of(List<File> files) {
    FixedDirectory top = new FixedDirectory();
    for (File file : files) {
      FixedDirectory at = top;
      String[] names = file.path().split("/");
      for (int i = 0; i < names.length - 1; i++) {
        at = below(at, names[i]);
      }
      String name = names[names.length - 1];
      at.put(entry(name, Entry.Kind.FILE, file.key(), Optional.empty()));
    }
    return top;
  }

  /** Of unknown size, unlike {@link FixedDirectory#child}. */
  private static FixedDirectory below(FixedDirectory at, String name) {
    Optional<SnapshotDirectory> known = at.find(name).flatMap(Entry::directory);
    if (known.orElse(null) instanceof FixedDirectory there) {
      return there;
    }
    FixedDirectory made = new FixedDirectory();
    at.put(entry(name, Entry.Kind.DIRECTORY, Optional.empty(), Optional.of(made)));
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
}
