package io.revfs.fuse.jnr;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.RequestContext;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the node that a path means by walking the tree. Directories that never change are
 * remembered, so that the usual path costs one lookup. Thread-safe.
 */
final class PathResolver {
  private static final int MAX_REMEMBERED = 1 << 16;

  private final FileTree tree;
  private final ConcurrentHashMap<String, Long> directories = new ConcurrentHashMap<>();

  PathResolver(FileTree tree) {
    this.tree = tree;
  }

  /** Returns the attributes at an absolute path; the caller gives the reference back. */
  Attributes resolve(RequestContext context, String path) throws FuseException {
    if (path.equals("/")) {
      return tree.attributes(context, FileTree.ROOT);
    }
    int slash = path.lastIndexOf('/');
    String name = path.substring(slash + 1);
    if (name.length() > FileNames.MAX_BYTES
        || FileNames.encode(name).length > FileNames.MAX_BYTES) {
      throw new FuseException(Errno.ENAMETOOLONG, name);
    }
    return tree.lookup(context, directory(context, path.substring(0, slash)), name);
  }

  private long directory(RequestContext context, String path) throws FuseException {
    if (path.isEmpty()) {
      return FileTree.ROOT;
    }
    Long known = directories.get(path);
    if (known != null) {
      return known;
    }
    int slash = path.lastIndexOf('/');
    long parent = directory(context, path.substring(0, slash));
    Attributes found = tree.lookup(context, parent, path.substring(slash + 1));
    if (found.kind() != FileKind.DIRECTORY) {
      tree.forget(found.node(), 1);
      throw new FuseException(Errno.ENOTDIR, path);
    }
    if (isFixed(parent) && isFixed(found.node())) {
      remember(path, found.node());
    } else {
      tree.forget(found.node(), 1);
    }
    return found.node();
  }

  private boolean isFixed(long node) {
    return node == FileTree.ROOT || tree.lifetimeSeconds(node) > 0;
  }

  private void remember(String path, long node) {
    if (directories.size() >= MAX_REMEMBERED) {
      forgetAll();
    }
    if (directories.putIfAbsent(path, node) != null) {
      tree.forget(node, 1);
    }
  }

  /** Gives all references back. */
  void forgetAll() {
    for (String path : directories.keySet()) {
      Long node = directories.remove(path);
      if (node != null) {
        tree.forget(node, 1);
      }
    }
  }
}
