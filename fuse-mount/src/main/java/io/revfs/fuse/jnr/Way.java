package io.revfs.fuse.jnr;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.RequestContext;
import java.util.ArrayList;
import java.util.List;

/**
 * The nodes that a path led over, held as the kernel would hold them: each with the reference of
 * its lookup, until closed. So they are followed through renames while a file is open. Nothing is
 * remembered from one path to the next, as names change.
 */
final class Way implements AutoCloseable {
  private final FileTree tree;
  private final List<Long> held;
  private final Attributes found;

  private Way(FileTree tree, List<Long> held, Attributes found) {
    this.tree = tree;
    this.held = held;
    this.found = found;
  }

  /** Walks an absolute path. */
  static Way to(FileTree tree, RequestContext context, String path) throws FuseException {
    List<Long> held = new ArrayList<>();
    try {
      Attributes at = tree.attributes(context, FileTree.ROOT);
      for (int start = 1; start < path.length(); ) {
        int slash = path.indexOf('/', start);
        int end = slash < 0 ? path.length() : slash;
        if (at.kind() != FileKind.DIRECTORY) {
          throw new FuseException(Errno.ENOTDIR, path);
        }
        at = tree.lookup(context, at.node(), PathResolver.checked(path.substring(start, end)));
        held.add(at.node());
        start = end + 1;
      }
      return new Way(tree, held, at);
    } catch (FuseException | RuntimeException e) {
      forget(tree, held);
      throw e;
    }
  }

  /** Returns the way to a file in the directory that this one leads to, which was looked up. */
  Way on(Attributes last) {
    List<Long> longer = new ArrayList<>(held);
    longer.add(last.node());
    held.clear(); // they are the other's now
    return new Way(tree, longer, last);
  }

  /** Returns what is at the end. */
  Attributes found() {
    return found;
  }

  long node() {
    return found.node();
  }

  @Override
  public void close() {
    forget(tree, held);
  }

  private static void forget(FileTree tree, List<Long> held) {
    for (long node : held.reversed()) {
      tree.forget(node, 1);
    }
    held.clear();
  }
}
