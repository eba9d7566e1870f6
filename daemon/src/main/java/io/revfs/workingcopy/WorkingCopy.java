package io.revfs.workingcopy;

import io.revfs.cache.Cache;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.WritableTree;
import io.revfs.fuse.local.HeldFiles;
import io.revfs.fuse.local.LocalTree;
import io.revfs.fuse.local.NodeMemory;
import io.revfs.object.ObjectKey;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import io.revfs.reach.Covered;
import io.revfs.repository.DataRepository;
import io.revfs.repository.ShownOutput;
import io.revfs.snapshot.Entry;
import io.revfs.workingcopy.output.NamingFiles;
import io.revfs.workingcopy.output.Outputs;
import io.revfs.workingcopy.output.OutputsOf;
import io.revfs.workspace.TreeReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A checkout with its data: the tree that a mount over it serves. Closed after its session ended.
 * Thread-safe.
 */
public final class WorkingCopy implements Closeable {
  /** Programs that write a file in several goes open it again at once. */
  private static final Duration REST = Duration.ofMillis(500);

  private final WorkingTree tree;
  private final LocalTree below;
  private final Follower follower;
  private final Outputs outputs;
  private final Hidden hidden;
  private final Closeable end;
  private final Covered covered;
  private final ClosedFiles closed;
  private final Obtainable obtainable;

  private WorkingCopy(
      WorkingTree tree,
      LocalTree below,
      Follower follower,
      Outputs outputs,
      Hidden hidden,
      Closeable end,
      Covered covered,
      ClosedFiles closed,
      Obtainable obtainable) {
    this.obtainable = obtainable;
    this.covered = covered;
    this.closed = closed;
    this.tree = tree;
    this.below = below;
    this.follower = follower;
    this.outputs = outputs;
    this.hidden = hidden;
    this.end = end;
  }

  /**
   * Opens a checkout; finds all files that name outputs.
   *
   * @param shown where people have it
   * @param root where it is reached past the mount
   * @param repository the same one, this object's from here on
   * @param reader reads what was written, and remembers it for all
   * @param hidden the file that remembers what was deleted
   * @param memory knows the nodes of a session that this process goes on with
   * @param held holds files without a name for the process after this one
   */
  public static WorkingCopy open(
      Path shown,
      Path root,
      DataRepository repository,
      Cache cache,
      TreeReader reader,
      Path hidden,
      NodeMemory memory,
      HeldFiles held)
      throws IOException {
    return open(shown, root, repository::outputs, repository, cache, reader, hidden, memory, held);
  }

  /**
   * As the other one.
   *
   * @param end is closed in the end
   */
  static WorkingCopy open(
      Path shown,
      Path root,
      OutputsOf naming,
      Closeable end,
      Cache cache,
      TreeReader reader,
      Path hidden,
      NodeMemory memory,
      HeldFiles held)
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
    LocalTree below = new LocalTree(fd, memory, held, NamingFiles::isOne);
    Outputs outputs = new Outputs();
    Hidden deleted = Hidden.open(hidden, outputs::version);
    ShownNodes shownNodes = new ShownNodes(memory);
    ShownFiles files = new ShownFiles(cache, owner);
    Follower follower =
        new Follower(
            root,
            naming,
            below,
            outputs,
            deleted,
            shownNodes,
            new Superseded(root, below, cache, reader));
    var unused = follower.readAll();
    for (String output : outputs.places().outputs("")) {
      deleted.follow(output);
    }
    WorkingTree tree =
        new WorkingTree(
            below, outputs, deleted, shownNodes, files, new CopyUp(below, owner), memory, follower);
    Covered covered =
        new PastMount(shown, root, below, tree, outputs, deleted, shownNodes, files, follower);
    return new WorkingCopy(
        tree,
        below,
        follower,
        outputs,
        deleted,
        end,
        covered,
        new ClosedFiles(below, root, reader, follower::isTracked, REST),
        new Obtainable(cache));
  }

  /** Returns the tree to serve. */
  public WritableTree tree() {
    return tree;
  }

  /** Says who serves it: that one's kernel is told of changes. */
  public void served(FuseSession session) {
    follower.begin(session);
    closed.begin();
  }

  /**
   * Returns the object that a path shows, if nothing in it was written or deleted: nothing of it is
   * below.
   */
  public Optional<ObjectKey> shown(String path) {
    return outputs.output(path).flatMap(Entry::key).filter(key -> covered.isUntouched(path, key));
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
    follower.changedBelow(); // the file that names it was written past the mount, too
    follower.showAgain(path);
  }

  /** Takes away all of an output, what is below and what is shown. */
  public void takeAway(String path) throws IOException {
    follower.takeAway(path);
  }

  /** Returns the way past the mount for commands of this process. */
  public Covered covered() {
    return covered;
  }

  /** Returns how many outputs the checkout's files name. */
  public int outputs() {
    return outputs.places().outputs("").size();
  }

  @Override
  public void close() throws IOException {
    closed.close();
    follower.close();
    below.close();
    hidden.close();
    end.close();
  }
}
