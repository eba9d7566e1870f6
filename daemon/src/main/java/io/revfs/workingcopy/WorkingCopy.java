package io.revfs.workingcopy;

import io.revfs.cache.Cache;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.WritableTree;
import io.revfs.fuse.local.LocalTree;
import io.revfs.fuse.local.NodeMemory;
import io.revfs.object.ObjectKey;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import io.revfs.repository.DataRepository;
import io.revfs.repository.ShownOutput;
import io.revfs.snapshot.Entry;
import io.revfs.workspace.Unseen;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A checkout with its data: the tree that a mount over it serves. Closed after its session ended.
 * Thread-safe.
 */
public final class WorkingCopy implements Closeable {
  private final WorkingTree tree;
  private final LocalTree below;
  private final Follower follower;
  private final Outputs outputs;
  private final Hidden hidden;
  private final ShownFiles files;
  private final Closeable end;
  private final Obtainable obtainable;
  private final Path root;

  private WorkingCopy(
      Path root,
      WorkingTree tree,
      LocalTree below,
      Follower follower,
      Outputs outputs,
      Hidden hidden,
      ShownFiles files,
      Closeable end,
      Obtainable obtainable) {
    this.root = root;
    this.obtainable = obtainable;
    this.tree = tree;
    this.below = below;
    this.follower = follower;
    this.outputs = outputs;
    this.hidden = hidden;
    this.files = files;
    this.end = end;
  }

  /**
   * Opens a checkout; finds all files that name outputs.
   *
   * @param root where it is reached past the mount
   * @param repository the same one, this object's from here on
   * @param hidden the file that remembers what was deleted
   * @param memory knows the nodes of a session that this process goes on with
   */
  public static WorkingCopy open(
      Path root, DataRepository repository, Cache cache, Path hidden, NodeMemory memory)
      throws IOException {
    return open(root, repository::outputs, repository::close, cache, hidden, memory);
  }

  /**
   * As the other one.
   *
   * @param end is closed in the end
   */
  static WorkingCopy open(
      Path root, OutputsOf naming, Closeable end, Cache cache, Path hidden, NodeMemory memory)
      throws IOException {
    int fd =
        Posix.open(
            Posix.AT_FDCWD,
            FileNames.encode(root.toString()),
            NameCalls.O_PATH | Posix.O_DIRECTORY,
            0);
    if (fd < 0) {
      throw new IOException("%s cannot be opened (error %d)".formatted(root, -fd));
    }
    CopyUp.Owner owner =
        new CopyUp.Owner(
            (Integer) Files.getAttribute(root, "unix:uid"),
            (Integer) Files.getAttribute(root, "unix:gid"));
    LocalTree below = new LocalTree(fd, memory, NamingFiles::isOne);
    Outputs outputs = new Outputs();
    Hidden deleted = Hidden.open(hidden);
    ShownNodes shownNodes = new ShownNodes(memory);
    ShownFiles files = new ShownFiles(cache, owner);
    Follower follower =
        new Follower(
            root, naming, below, outputs, deleted, shownNodes, new Superseded(root, cache));
    var unused = follower.readAll();
    WorkingTree tree =
        new WorkingTree(
            below, outputs, deleted, shownNodes, files, new CopyUp(below, owner), memory, follower);
    return new WorkingCopy(
        root, tree, below, follower, outputs, deleted, files, end, new Obtainable(cache));
  }

  /** Returns the tree to serve. */
  public WritableTree tree() {
    return tree;
  }

  /** Says who serves it: that one's kernel is told of changes. */
  public void served(FuseSession session) {
    follower.begin(session);
  }

  /**
   * Returns the object that a path shows, if nothing in it was written or deleted: nothing of it is
   * below.
   */
  public Optional<ObjectKey> shown(String path) {
    Optional<ObjectKey> key = outputs.output(path).flatMap(Entry::key);
    return key.isPresent()
            && Files.notExists(root.resolve(path), LinkOption.NOFOLLOW_LINKS)
            && !hidden.hasAnyOf(path)
        ? key
        : Optional.empty();
  }

  /**
   * Returns the outputs that a file would name if it had these bytes, as far as their bytes can be
   * had, by path.
   */
  public Map<String, ObjectKey> obtainable(String file, byte[] content) throws IOException {
    Map<String, ObjectKey> all = new LinkedHashMap<>();
    for (ShownOutput output : follower.wouldName(file, content)) {
      if (obtainable.isThere(output.entry())) {
        all.put(output.path(), output.entry().key().orElseThrow());
      }
    }
    return all;
  }

  /**
   * Returns a file of a few megabytes at most from where the outputs that a file would name come
   * from.
   */
  public Optional<byte[]> small(String file, byte[] content, ObjectKey key) throws IOException {
    return obtainable.read(
        follower.wouldName(file, content).stream().map(ShownOutput::entry).toList(), key);
  }

  /** Takes away what is below of an output, and shows all of it; waits for the kernel to know. */
  public void showAgain(String path) throws IOException {
    follower.showAgain(path);
  }

  /** Takes away all of an output, what is below and what is shown. */
  public void takeAway(String path) throws IOException {
    follower.takeAway(path);
  }

  /**
   * Returns what is shown at a path and is not below; see {@link
   * io.revfs.workspace.ShownOutputs#unseen}.
   */
  Unseen unseen(String path, boolean sizes) throws IOException {
    return new ShownWalk(root, outputs.places(), hidden, files).at(path, sizes);
  }

  /** Returns how many outputs the checkout's files name. */
  public int outputs() {
    return outputs.places().outputs("").size();
  }

  @Override
  public void close() throws IOException {
    follower.close();
    below.close();
    hidden.close();
    end.close();
  }
}
