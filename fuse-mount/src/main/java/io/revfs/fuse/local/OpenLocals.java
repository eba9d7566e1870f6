package io.revfs.fuse.local;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/** The open files by node: what has no name any more is reached by them. Thread-safe. */
final class OpenLocals {
  private final ConcurrentHashMap<Long, List<LocalFile>> files = new ConcurrentHashMap<>();

  private volatile LongConsumer written = node -> {};

  LocalFile add(LocalFile file) {
    files.merge(
        file.node(),
        List.of(file),
        (before, one) -> Stream.concat(before.stream(), one.stream()).toList());
    return file;
  }

  /** Says who is told of files that were open for writing and are not any more. */
  void onWritten(LongConsumer listener) {
    written = listener;
  }

  void remove(LocalFile file) {
    files.computeIfPresent(
        file.node(),
        (node, all) -> {
          List<LocalFile> left = all.stream().filter(one -> one != file).toList();
          return left.isEmpty() ? null : left;
        });
    if (file.isWritable() && !isWritten(file.node())) {
      written.accept(file.node());
    }
  }

  /** Returns any open file of a node. */
  Optional<LocalFile> any(long node) {
    List<LocalFile> all = files.get(node);
    return all == null ? Optional.empty() : Optional.of(all.getFirst());
  }

  /** Returns whether somebody has a node open for writing. */
  boolean isWritten(long node) {
    return files.getOrDefault(node, List.of()).stream().anyMatch(LocalFile::isWritable);
  }
}
