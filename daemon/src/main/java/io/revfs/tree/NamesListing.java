package io.revfs.tree;

import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.RequestContext;
import java.util.List;

/** Names that are all known when the directory is opened. */
record NamesListing(List<Name> names) implements DirectoryListing {
  /** One of them. */
  record Name(String name, long node, FileKind kind) {}

  @Override
  public void list(RequestContext context, long position, EntrySink sink) throws FuseException {
    for (long at = position; at < names.size(); at++) {
      Name name = names.get((int) at);
      if (!sink.accept(FileNames.encode(name.name()), name.node(), name.kind(), at + 1)) {
        return;
      }
    }
  }

  @Override
  public void close() {}
}
