package io.revfs.trace.run;

import io.revfs.fuse.AccessListener;
import io.revfs.fuse.HeardTree;
import io.revfs.fuse.local.LocalTree;
import io.revfs.fuse.local.NodeMemory;
import io.revfs.trace.DirectoryFiles;
import io.revfs.trace.TracedFiles;
import io.revfs.workspace.TreeReader;
import io.revfs.workspace.store.Names;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** Working copies as they lie on the disk. */
public final class WorkingCopyTrees implements SessionTrees {
  private final TreeReader reader;
  private final Supplier<List<Revisions>> revisions;

  /**
   * @param reader knows digests of files that did not change
   * @param revisions returns the mounts of revisions that there are
   */
  public WorkingCopyTrees(TreeReader reader, Supplier<List<Revisions>> revisions) {
    this.reader = reader;
    this.revisions = revisions;
  }

  @Override
  public Shown workingCopy(Path root, Function<TracedFiles, AccessListener> listener)
      throws IOException {
    LocalTree tree = new LocalTree(Names.openDirectory(root), NodeMemory.NONE, name -> false);
    return new Shown(new HeardTree(tree, listener.apply(files(root))), tree);
  }

  @Override
  public TracedFiles files(Path root) {
    return new DirectoryFiles(root, reader);
  }

  @Override
  public List<Revisions> revisions() {
    return revisions.get();
  }
}
