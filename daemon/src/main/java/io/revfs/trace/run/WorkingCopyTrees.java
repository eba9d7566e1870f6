package io.revfs.trace.run;

import io.revfs.fuse.WritableTree;
import io.revfs.fuse.heard.AccessListener;
import io.revfs.fuse.heard.HeardTree;
import io.revfs.fuse.local.HeldFiles;
import io.revfs.fuse.local.LocalTree;
import io.revfs.fuse.local.NodeMemory;
import io.revfs.mount.AttachedCopies;
import io.revfs.reach.Passages;
import io.revfs.snapshot.FixedAttributes;
import io.revfs.trace.recording.DirectoryFiles;
import io.revfs.trace.recording.TracedFiles;
import io.revfs.trace.recording.TreeFiles;
import io.revfs.workingcopy.Unmounted;
import io.revfs.workspace.TreeReader;
import io.revfs.workspace.store.Names;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Working copies as they lie on the disk, and attached ones with what is shown in them. */
public final class WorkingCopyTrees implements SessionTrees {
  /** Others may change the same files, past the run's own session. */
  private static final double MOST_SECONDS = 1;

  private final TreeReader reader;
  private final Attached attached;
  private final Unmounted unmounted;
  private final Supplier<List<Revisions>> revisions;

  /** Finds working copies that are attached. */
  @FunctionalInterface
  public interface Attached {
    /** Returns the one with this top; empty if it is not attached. */
    Optional<AttachedCopies.Served> at(Path top) throws IOException;
  }

  /**
   * @param reader knows digests of files that did not change
   * @param revisions returns the mounts of revisions that there are
   */
  public WorkingCopyTrees(
      TreeReader reader, Attached attached, Supplier<List<Revisions>> revisions) {
    this(reader, attached, Unmounted.NONE, revisions);
  }

  /** {@code unmounted} knows working copies of which runs see more than what is there. */
  public WorkingCopyTrees(
      TreeReader reader,
      Attached attached,
      Unmounted unmounted,
      Supplier<List<Revisions>> revisions) {
    this.reader = reader;
    this.attached = attached;
    this.unmounted = unmounted;
    this.revisions = revisions;
  }

  @Override
  public Shown workingCopy(
      Path root, NodeMemory memory, HeldFiles held, Function<TracedFiles, AccessListener> listener)
      throws IOException {
    Optional<AttachedCopies.Served> served = attached.at(root);
    AccessListener heard = listener.apply(files(root, served));
    if (served.isPresent()) {
      AttachedCopies.Served copy = served.get();
      HeardTree tree = new HeardTree(copy.tree(), heard, MOST_SECONDS);
      return new Shown(tree, true, () -> {}, new OtherKernel(copy.tree(), copy.session())::forget);
    }
    Optional<WritableTree> own = unmounted.tree(root);
    if (own.isPresent()) {
      HeardTree tree = new HeardTree(own.get(), heard, MOST_SECONDS);
      return new Shown(tree, false, unmounted.use(root), trace -> {});
    }
    LocalTree tree =
        new LocalTree(Names.openDirectory(Passages.below(root)), memory, held, name -> false);
    return new Shown(new HeardTree(tree, heard, MOST_SECONDS), false, tree, trace -> {});
  }

  @Override
  public Optional<Heard> mounted(Path root, Function<TracedFiles, AccessListener> listener)
      throws IOException {
    Optional<AttachedCopies.Served> served = attached.at(root);
    if (served.isEmpty()) {
      return Optional.empty();
    }
    AttachedCopies.Served copy = served.get();
    AccessListener hears = listener.apply(files(root, served));
    copy.listeners().add(hears);
    new OtherKernel(copy.tree(), copy.session()).forgetNames();
    return Optional.of(new Heard(() -> copy.listeners().remove(hears)));
  }

  @Override
  public boolean isAttached(Path root) throws IOException {
    return attached.at(root).isPresent();
  }

  @Override
  public TracedFiles files(Path root) throws IOException {
    return files(root, attached.at(root));
  }

  private TracedFiles files(Path root, Optional<AttachedCopies.Served> served) {
    if (served.isEmpty()) {
      TracedFiles below = new DirectoryFiles(Passages.below(root), reader);
      Optional<WritableTree> own = unmounted.tree(root);
      return own.isEmpty()
          ? below
          : new AttachedFiles(below, new TreeFiles(own.get(), FixedAttributes.DIGEST));
    }
    return new AttachedFiles(
        new DirectoryFiles(served.get().below(), reader),
        new TreeFiles(served.get().tree(), FixedAttributes.DIGEST));
  }

  @Override
  public TracedFiles everywhere() {
    return new DirectoryFiles(Path.of("/"), reader);
  }

  @Override
  public List<Revisions> revisions() {
    return revisions.get();
  }
}
