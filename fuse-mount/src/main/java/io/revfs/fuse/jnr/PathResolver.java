package io.revfs.fuse.jnr;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.WritableTree;

/**
 * Finds the node that a path means by walking the tree. Directories whose names last (by {@link
 * FileTree#lifetimeSeconds}) are remembered, so that the usual path costs one lookup. Thread-safe.
 */
final class PathResolver {
  private final FileTree tree;
  private final DirectoryCache directories;
  private final boolean remembers;

  PathResolver(FileTree tree) {
    this.tree = tree;
    this.remembers = !(tree instanceof WritableTree); // there, any name may lead elsewhere next
    this.directories = new DirectoryCache(tree);
  }

  /** What is done with a node while references to it and to the way there are held. */
  @FunctionalInterface
  interface NodeWork<T> {
    T run(Attributes found) throws FuseException;
  }

  /** Runs something with what stands at an absolute path, and gives the references back. */
  <T> T with(RequestContext context, String path, NodeWork<T> work) throws FuseException {
    return below(context, FileTree.ROOT, path, 1, work);
  }

  /**
   * Takes one component of the path, which begins at {@code start}, and goes on from there: each
   * frame holds one reference until all is done.
   */
  private <T> T below(RequestContext context, long parent, String path, int start, NodeWork<T> work)
      throws FuseException {
    if (start >= path.length()) {
      return work.run(tree.attributes(context, parent));
    }
    int slash = path.indexOf('/', start);
    if (slash >= 0) {
      String name = path.substring(start, slash);
      try (DirectoryCache.Lease directory = directory(context, parent, name)) {
        return below(context, directory.node(), path, slash + 1, work);
      }
    }
    Attributes found = tree.lookup(context, parent, checked(path.substring(start)));
    try {
      return work.run(found);
    } finally {
      tree.forget(found.node(), 1);
    }
  }

  private DirectoryCache.Lease directory(RequestContext context, long parent, String name)
      throws FuseException {
    DirectoryCache.Lease known = directories.find(parent, name);
    if (known != null) {
      return known;
    }
    Attributes found = tree.lookup(context, parent, checked(name));
    if (found.kind() != FileKind.DIRECTORY) {
      tree.forget(found.node(), 1);
      throw new FuseException(Errno.ENOTDIR, name);
    }
    double lifetime = remembers ? tree.nameSeconds(parent) : 0;
    return directories.lease(parent, name, found.node(), lifetime);
  }

  /** Returns a name that is not too long. */
  static String checked(String name) throws FuseException {
    // A character takes three bytes at most, so most names need no counting.
    if (name.length() > FileNames.MAX_BYTES / 3
        && FileNames.encode(name).length > FileNames.MAX_BYTES) {
      throw new FuseException(Errno.ENAMETOOLONG, name);
    }
    return name;
  }

  /** Gives all references back that are not in use; those in use follow when they are not. */
  void close() {
    directories.clear();
  }
}
