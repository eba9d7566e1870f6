package io.revfs.trace.recording;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.RequestContext;
import io.revfs.object.Digest;
import io.revfs.trace.DigestText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The files of a tree that knows the digests of its files and tells them as an extended attribute:
 * nothing is read for them.
 */
public final class TreeFiles implements TracedFiles {
  private static final RequestContext US = RequestContext.INTERNAL;

  private final FileTree tree;
  private final String attribute;

  /**
   * @param attribute the extended attribute that tells a digest as {@link Digest#toString} does
   */
  public TreeFiles(FileTree tree, String attribute) {
    this.tree = tree;
    this.attribute = attribute;
  }

  /** What is done with a node that was looked up. */
  @FunctionalInterface
  private interface Work<T> {
    T with(long node) throws FuseException;
  }

  @Override
  public Optional<Digest> digest(String path) throws IOException {
    return at(path, this::digest).flatMap(found -> found);
  }

  private Optional<Digest> digest(long node) throws FuseException {
    try {
      String told =
          new String(tree.extendedAttribute(US, node, attribute), StandardCharsets.US_ASCII);
      return DigestText.parse(told);
    } catch (FuseException e) {
      if (e.errno() == Errno.ENODATA) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public long stamp(String path) {
    return 0;
  }

  @Override
  public boolean isQuick(String path) {
    return true;
  }

  @Override
  public Optional<List<String>> names(String path) throws IOException {
    return at(path, this::names);
  }

  private List<String> names(long node) throws FuseException {
    List<String> names = new ArrayList<>();
    try (DirectoryListing listing = tree.openDirectory(US, node)) {
      listing.list(
          US,
          DirectoryListing.START,
          (name, child, kind, next) -> {
            names.add(FileNames.decode(name) + (kind == FileKind.DIRECTORY ? "/" : ""));
            return true;
          });
    }
    return names;
  }

  /** Looks a path up, name by name, and gives the references back. */
  private <T> Optional<T> at(String path, Work<T> work) throws IOException {
    List<Long> held = new ArrayList<>();
    try {
      long node = FileTree.ROOT;
      for (String name : path.isEmpty() ? new String[0] : path.split("/")) {
        Attributes found = tree.lookup(US, node, name);
        node = found.node();
        held.add(node);
      }
      return Optional.of(work.with(node));
    } catch (FuseException e) {
      return switch (e.errno()) {
        case ENOENT, ENOTDIR, EISDIR, ELOOP, ESTALE -> Optional.empty();
        default -> throw new IOException(path + ": " + e.getMessage(), e);
      };
    } finally {
      held.reversed().forEach(node -> tree.forget(node, 1));
    }
  }
}
