package io.revfs.trace.run;

import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.RequestContext;
import io.revfs.trace.Deed;
import io.revfs.trace.Trace;
import io.revfs.trace.TracedPath;
import java.util.ArrayList;
import java.util.List;

/**
 * What the kernel keeps of an attached working copy for its own session: that one was not told of
 * what a run did by another one, and of what the kernel knows a run is not heard.
 */
final class OtherKernel {
  private static final RequestContext US = RequestContext.INTERNAL;

  private final FileTree tree;
  private final FuseSession session;

  OtherKernel(FileTree tree, FuseSession session) {
    this.tree = tree;
    this.session = session;
  }

  /** Makes it look again at what a run changed. */
  void forget(Trace trace) {
    for (TracedPath path : trace.paths()) {
      boolean changed =
          path.has(Deed.WRITTEN)
              || path.has(Deed.CREATED)
              || path.has(Deed.DELETED)
              || path.has(Deed.RENAMED)
              || path.has(Deed.ATTRIBUTES);
      if (changed && !path.path().isEmpty()) {
        forget(path.path());
      }
    }
  }

  /**
   * Makes it ask again for whatever it knows: what is below a name goes with it, but for what is in
   * use. Names in the root of which it knows that they are absent stay.
   */
  void forgetNames() {
    List<String> names = new ArrayList<>();
    try (DirectoryListing listing = tree.openDirectory(US, FileTree.ROOT)) {
      listing.list(
          US,
          DirectoryListing.START,
          (name, child, kind, next) -> {
            names.add(FileNames.decode(name));
            return true;
          });
    } catch (FuseException e) {
      return; // then less is heard
    }
    session.invalidateInode(FileTree.ROOT);
    names.forEach(name -> session.invalidateEntry(FileTree.ROOT, name));
  }

  private void forget(String path) {
    List<Long> held = new ArrayList<>();
    long node = FileTree.ROOT;
    try {
      for (String name : path.split("/")) {
        long parent = node;
        // Before it is looked up here: of what is gone the kernel may know the name still.
        session.invalidateInode(parent);
        session.invalidateEntry(parent, name);
        node = tree.lookup(US, parent, name).node();
        held.add(node);
      }
      session.invalidateInode(node);
    } catch (FuseException e) {
      return; // it is gone, and so is what the kernel knew of it
    } finally {
      held.reversed().forEach(each -> tree.forget(each, 1));
    }
  }
}
