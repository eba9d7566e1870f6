package io.revfs.command.worktree;

import io.revfs.object.ObjectCorruptException;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.ObjectSource;
import io.revfs.object.Origins;
import io.revfs.object.SourceUnreachableException;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.SnapshotDirectory;
import io.revfs.snapshot.TreeWalk;
import io.revfs.snapshot.UnreadableOutputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A directory of a work tree. As for DVC, a name is the file that is there, whatever is recorded of
 * it; where nothing is, it is what is recorded; and where the one is a directory and the other is
 * not, what is there counts alone.
 */
final class WorkTreeDirectory implements SnapshotDirectory {
  private final WorkTree tree;
  private final String path;
  private final @Nullable SnapshotDirectory recorded;

  /**
   * @param path from the project's root
   * @param recorded what an output has here, if this is inside of one
   */
  WorkTreeDirectory(WorkTree tree, String path, @Nullable SnapshotDirectory recorded) {
    this.tree = tree;
    this.path = path;
    this.recorded = recorded;
  }

  private String join(String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }

  @Override
  public Optional<Entry> find(String name) throws IOException {
    Optional<Entry> local = tree.local().find(path, name);
    Optional<Entry> known;
    try {
      known = recorded == null ? tree.recorded(join(name)) : recorded.find(name);
    } catch (ObjectMissingException
        | ObjectCorruptException
        | SourceUnreachableException
        | UnreadableOutputException e) {
      if (local.isEmpty()) {
        throw e;
      }
      known = Optional.empty(); // the bytes are those of the file in any case
    }
    return merged(name, local, known);
  }

  private Optional<Entry> merged(String name, Optional<Entry> local, Optional<Entry> known) {
    if (local.isPresent()) {
      return Optional.of(merged(name, local.get(), known));
    }
    if (known.isPresent()) {
      return known;
    }
    return recorded == null && tree.hasOutputs(join(name))
        ? Optional.of(
            Entry.directory(
                name, Entry.Tracking.GIT, new WorkTreeDirectory(tree, join(name), null)))
        : Optional.empty();
  }

  private Entry merged(String name, Entry local, Optional<Entry> known) {
    boolean directory = local.kind() == Entry.Kind.DIRECTORY;
    Optional<Entry> same =
        known.filter(k -> k.problem().isEmpty() && k.directory().isPresent() == directory);
    boolean output = known.isPresent() || (recorded == null && tree.isOutput(join(name)));
    Entry.Tracking tracking =
        !output
            ? Entry.Tracking.GIT
            : recorded == null ? Entry.Tracking.OUTPUT : Entry.Tracking.INSIDE_OUTPUT;
    List<ObjectSource> sources = new ArrayList<>(local.origins().sources());
    same.ifPresent(k -> sources.addAll(k.origins().sources()));
    return new Entry(
        name,
        local.kind(),
        local.executable(),
        same.flatMap(Entry::key),
        new Origins(sources),
        directory || (output && tree.hasRecordedSizes())
            ? same.map(Entry::size).orElse(-1L)
            : local.size(),
        tracking,
        local.problem(),
        directory
            ? Optional.of(
                new WorkTreeDirectory(
                    tree, join(name), same.flatMap(Entry::directory).orElse(null)))
            : Optional.empty());
  }

  @Override
  public void list(long position, Visitor visitor) throws IOException {
    Map<String, Entry> inOutput = inOutput();
    Set<String> all = new LinkedHashSet<>(tree.local().in(path));
    all.addAll(recorded == null ? tree.recordedNames(path) : inOutput.keySet());
    List<String> names = new ArrayList<>(all);
    names.sort(TreeWalk::compare);
    long passed = 0;
    for (String name : names) {
      Optional<Entry> entry =
          recorded == null
              ? find(name)
              : merged(
                  name, tree.local().find(path, name), Optional.ofNullable(inOutput.get(name)));
      if (entry.isPresent() && passed++ >= position && !visitor.visit(entry.get())) {
        return;
      }
    }
  }

  private Map<String, Entry> inOutput() throws IOException {
    Map<String, Entry> entries = new HashMap<>();
    if (recorded == null) {
      return entries;
    }
    try {
      recorded.list(
          0,
          entry -> {
            entries.put(entry.name(), entry);
            return true;
          });
    } catch (ObjectMissingException | SourceUnreachableException e) {
      if (!tree.showsWhatItCan()) {
        throw e;
      }
    }
    return entries;
  }
}
