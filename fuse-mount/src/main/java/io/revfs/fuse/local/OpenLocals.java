package io.revfs.fuse.local;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/** The open files by node: what has no name any more is reached by them. Thread-safe. */
final class OpenLocals {
  private final ConcurrentHashMap<Long, List<LocalFile>> files = new ConcurrentHashMap<>();

  /** Nodes that were given rights by an attribute while this process serves them. */
  private final Set<Long> capable = ConcurrentHashMap.newKeySet();

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

  /** Returns whether a node is known to have no {@code security.capability}, as it is written. */
  boolean isWithoutCapability(long node) {
    return isWritten(node)
        && !capable.contains(node)
        && files.getOrDefault(node, List.of()).stream().allMatch(LocalFile::allowsPassthrough);
  }

  /** A node is about to be given {@code security.capability}. */
  void gotCapability(long node) {
    capable.add(node);
  }

  /** Returns whether somebody has a node open for writing. */
  boolean isWritten(long node) {
    return files.getOrDefault(node, List.of()).stream().anyMatch(LocalFile::isWritable);
  }
}
