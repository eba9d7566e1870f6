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
import io.revfs.snapshot.Entry;
import io.revfs.workspace.Unseen;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

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
  private final Path root;

  private WorkingCopy(
      Path root,
      WorkingTree tree,
      LocalTree below,
      Follower follower,
      Outputs outputs,
      Hidden hidden,
      ShownFiles files,
      Closeable end) {
    this.root = root;
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
    return new WorkingCopy(root, tree, below, follower, outputs, deleted, files, end);
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
   * Returns whether a path shows just an object, and nothing in it was written or deleted: nothing
   * of it is below.
   */
  public boolean isUntouched(String path, ObjectKey key) {
    return outputs.output(path).flatMap(Entry::key).filter(key::equals).isPresent()
        && Files.notExists(root.resolve(path), LinkOption.NOFOLLOW_LINKS)
        && !hidden.hasAnyOf(path);
  }

  /** Returns what is shown at a path and is not below; see {@link io.revfs.workspace.ShownOutputs#unseen}. */
  Unseen unseen(String path, boolean sizes) throws IOException {
    return new ShownWalk(root, outputs.places(), hidden, files).at(path, sizes);
  }

  /** Shows nothing at a path any more, unless its output changes. */
  void hide(String path) throws IOException {
    List<String> names = List.of(path.split("/"));
    if (outputs.places().isInside(names)) {
      hidden.hide(names);
    }
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
