package io.revfs.repository;

import io.revfs.git.GitEntry;
import io.revfs.git.GitRepository;
import io.revfs.image.DirectorySize;
import io.revfs.object.Origins;
import io.revfs.origin.GitBlobSource;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.FixedDirectory;
import io.revfs.snapshot.SnapshotDirectory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A directory of Git's, with the outputs that lie in it. */
final class MergedDirectory implements SnapshotDirectory {
  private static final SnapshotDirectory EMPTY = new FixedDirectory();

  private final GitRepository git;
  private final Origins gitOrigins;
  private final @Nullable String tree; // none where only outputs make the directory
  private final OutputTree outputs;
  private volatile @Nullable List<Entry> entries;
  private volatile @Nullable DirectorySize size;

  /** Outputs by their path's parts. */
  static final class OutputTree {
    final Map<String, OutputTree> children = new TreeMap<>();
    @Nullable Entry output;

    static final OutputTree NONE = new OutputTree();
  }

  MergedDirectory(
      GitRepository git, Origins gitOrigins, @Nullable String tree, OutputTree outputs) {
    this.git = git;
    this.gitOrigins = gitOrigins;
    this.tree = tree;
    this.outputs = outputs;
  }

  private List<Entry> entries() throws IOException {
    List<Entry> known = entries;
    if (known != null) {
      return known;
    }
    TreeMap<String, Entry> byName = new TreeMap<>(FixedDirectory.BY_BYTES);
    for (GitEntry entry : tree == null ? List.<GitEntry>of() : git.tree(tree)) {
      byName.put(entry.name(), entry(entry));
    }
    for (Map.Entry<String, OutputTree> child : outputs.children.entrySet()) {
      byName.compute(child.getKey(), (name, there) -> merge(name, there, child.getValue()));
    }
    List<Entry> result = List.copyOf(byName.values());
    entries = result;
    return result;
  }

  /**
   * Git's file wins over an output of the same path ({@code cache: false}), an output over a tree.
   */
  private Entry merge(String name, @Nullable Entry there, OutputTree child) {
    if (there != null && there.kind() != Entry.Kind.DIRECTORY) {
      return there;
    }
    if (child.output != null) {
      return child.output;
    }
    String below =
        there != null && there.directory().orElse(null) instanceof MergedDirectory m
            ? m.tree
            : null;
    return Entry.directory(
        name, Entry.Tracking.GIT, new MergedDirectory(git, gitOrigins, below, child));
  }

  private Entry entry(GitEntry entry) {
    return switch (entry.kind()) {
      case TREE ->
          Entry.directory(
              entry.name(),
              Entry.Tracking.GIT,
              new MergedDirectory(git, gitOrigins, entry.id(), OutputTree.NONE));
      case SUBMODULE ->
          new Entry(
              entry.name(),
              Entry.Kind.SUBMODULE,
              false,
              Optional.empty(),
              Entry.NOWHERE,
              0,
              Entry.Tracking.GIT,
              Optional.empty(),
              Optional.of(EMPTY));
      case FILE, EXECUTABLE, SYMBOLIC_LINK ->
          new Entry(
              entry.name(),
              entry.kind() == GitEntry.Kind.SYMBOLIC_LINK
                  ? Entry.Kind.SYMBOLIC_LINK
                  : Entry.Kind.FILE,
              entry.kind() == GitEntry.Kind.EXECUTABLE,
              Optional.of(GitBlobSource.key(entry.id())),
              gitOrigins,
              -1,
              Entry.Tracking.GIT,
              Optional.empty(),
              Optional.empty());
    };
  }

  @Override
  public Optional<Entry> find(String name) throws IOException {
    List<Entry> all = entries();
    int low = 0;
    int high = all.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = FixedDirectory.BY_BYTES.compare(all.get(middle).name(), name);
      if (order == 0) {
        return Optional.of(all.get(middle));
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return Optional.empty();
  }

  @Override
  public DirectorySize size() throws IOException {
    DirectorySize known = size;
    if (known == null) {
      known = SnapshotDirectory.super.size();
      size = known;
    }
    return known;
  }

  @Override
  public void list(long position, Visitor visitor) throws IOException {
    List<Entry> all = new ArrayList<>(entries());
    for (long i = position; i < all.size(); i++) {
      if (!visitor.visit(all.get((int) i))) {
        return;
      }
    }
  }
}
