package io.revfs.image;

import io.revfs.image.entry.ImageDirectory;
import io.revfs.image.entry.ImageEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A directory in memory: what an image is made from, and what its mount is compared with. */
final class ModelDirectory implements ImageDirectory {
  private final TreeMap<byte[], ImageEntry> entries = new TreeMap<>(Arrays::compareUnsigned);
  private @Nullable List<ImageEntry> sorted;

  /** Adds an entry in place of one of the same name. */
  void add(ImageEntry entry) {
    entries.put(entry.name(), entry);
    sorted = null;
  }

  boolean contains(byte[] name) {
    return entries.containsKey(name);
  }

  int size() {
    return entries.size();
  }

  List<ImageEntry> all() {
    if (sorted == null) {
      sorted = new ArrayList<>(entries.values());
    }
    return sorted;
  }

  @Override
  public List<ImageEntry> entries(long position, int count) {
    int from = (int) Math.min(position, entries.size());
    return all().subList(from, Math.min(from + count, entries.size()));
  }

  /** Returns this directory as the root of an image. */
  ImageEntry.Directory asRoot() {
    return new ImageEntry.Directory(new byte[0], 0555, List.of(), this);
  }
}
