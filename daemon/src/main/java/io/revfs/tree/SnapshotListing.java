package io.revfs.tree;

import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.RequestContext;
import io.revfs.snapshot.NodeIds;
import io.revfs.snapshot.SnapshotDirectory;

/** A directory of a snapshot, whose node is {@code parent}. */
record SnapshotListing(long parent, SnapshotDirectory directory) implements DirectoryListing {
  @Override
  public void list(RequestContext context, long position, EntrySink sink) throws FuseException {
    if (!RevisionNames.errno(() -> directory.isReady())) {
      context.beforeSlowAnswer();
    }
    long[] at = {position};
    FuseException[] failure = {null};
    RevisionNames.errno(
        () -> {
          directory.listNames(
              position,
              (name, kind, content) -> {
                try {
                  long node = content != 0 ? content : NodeIds.child(parent, name);
                  return sink.accept(name, node, kind.shownAs(), ++at[0]);
                } catch (FuseException e) {
                  failure[0] = e;
                  return false;
                }
              });
          return true;
        });
    if (failure[0] != null) {
      throw failure[0];
    }
  }

  @Override
  public void close() {}
}
