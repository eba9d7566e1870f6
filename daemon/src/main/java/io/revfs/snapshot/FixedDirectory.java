package io.revfs.snapshot;

import io.revfs.fuse.FileNames;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.TreeMap;

/** A directory whose entries are all in memory: few, and made by hand. */
public final class FixedDirectory implements SnapshotDirectory {
  /** The order of names in a directory: by their bytes, without sign. */
  public static final Comparator<String> BY_BYTES =
      (a, b) -> Arrays.compareUnsigned(FileNames.encode(a), FileNames.encode(b));

  private final TreeMap<String, Entry> entries = new TreeMap<>(BY_BYTES);

  /** Adds an entry while the directory is being built. */
  public void put(Entry entry) {
    entries.put(entry.name(), entry);
  }

  /** Returns the directory of this name, made if absent, while the directory is being built. */
  public FixedDirectory child(String name, Entry.Tracking tracking) {
    Entry there = entries.get(name);
    if (there != null && there.directory().orElse(null) instanceof FixedDirectory fixed) {
      return fixed;
    }
    FixedDirectory fresh = new FixedDirectory();
    put(Entry.directory(name, tracking, fresh));
    return fresh;
  }

  @Override
  public Optional<Entry> find(String name) {
    return Optional.ofNullable(entries.get(name));
  }

  @Override
  public void list(long position, Visitor visitor) throws IOException {
    long at = 0;
    for (Entry entry : entries.values()) {
      if (at++ >= position && !visitor.visit(entry)) {
        return;
      }
    }
  }
}
