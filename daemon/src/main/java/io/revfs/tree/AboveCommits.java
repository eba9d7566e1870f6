package io.revfs.tree;

import static io.revfs.tree.RevisionNames.errno;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FuseException;
import io.revfs.repository.DataRepository;
import io.revfs.snapshot.FixedAttributes;
import io.revfs.snapshot.NodeIds;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Answers for the directories above the commits, whose names come and go: the root, {@code
 * branches}, {@code tags}, {@code experiments}, {@code commits} and {@code at}. What is in them is
 * a link to a commit, or a directory of such. Thread-safe.
 */
final class AboveCommits {
  /** An abbreviated or full id. */
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{4,40}");

  /** How old a listing of {@code commits} may be; each path through it looks at its attributes. */
  private static final double COMMITS_SECONDS = 1;

  private final DataRepository repository;
  private final RevisionNames names;
  private final NodeTable nodes;
  private final ListingTimes times = new ListingTimes();

  /**
   * The time of {@code commits} that the kernel was told last by who watches it; 0: nobody does.
   */
  private volatile long watched;

  AboveCommits(DataRepository repository, RevisionNames names, NodeTable nodes) {
    this.repository = repository;
    this.names = names;
    this.nodes = nodes;
  }

  /** As {@link RevisionTree#commitsChanged}. */
  boolean commitsChanged() throws IOException {
    try {
      long now = times.seconds(RevisionNames.COMMITS_NODE, names.commits());
      boolean changed = now != watched;
      watched = now;
      return changed;
    } catch (FuseException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** As {@link RevisionTree#leaveCommits}. */
  boolean leaveCommits() {
    boolean before = watched != 0;
    watched = 0;
    return before;
  }

  /** Returns how long the kernel may keep what {@code commits} looks like. */
  double commitsSeconds(double longest) {
    return watched == 0 ? COMMITS_SECONDS : longest;
  }

  Attributes attributes(long id, Node.Above directory) throws FuseException {
    return directory instanceof Node.Expressions
        ? FixedAttributes.directory(id, 0, 2) // it shows no names, so none come
        : changing(id, names.in(id, directory));
  }

  private Attributes changing(long id, List<NamesListing.Name> now) {
    return FixedAttributes.changingDirectory(id, times.seconds(id, now));
  }

  Attributes attributes(long id, Node.RevisionLink link) throws FuseException {
    return FixedAttributes.link(id, errno(() -> FileNames.encode(link.target().now()).length));
  }

  private Attributes hold(long parent, String name, Node.RevisionLink link) throws FuseException {
    String target = errno(() -> link.target().now());
    long id = RevisionNames.linkId(parent, name, target);
    nodes.hold(id, link, parent, name);
    return FixedAttributes.link(id, FileNames.encode(target).length);
  }

  /** Finds a name, and holds its node. */
  Attributes lookup(long parent, Node.Above directory, String name) throws FuseException {
    return switch (directory) {
      case Node.Root root -> inRoot(name);
      case Node.References references -> inReferences(parent, references, name);
      case Node.Commits commits -> abbreviation(name, commit(name));
      case Node.Expressions expressions -> inExpressions(name);
    };
  }

  private Attributes inRoot(String name) throws FuseException {
    for (NamesListing.Name fixed : RevisionNames.DIRECTORIES) {
      if (fixed.name().equals(name)) {
        Node.Above node = (Node.Above) RevisionNames.fixed(fixed.node()).orElseThrow();
        return attributes(fixed.node(), node);
      }
    }
    if (!errno(names::views).containsKey(name)) {
      throw new FuseException(Errno.ENOENT, name);
    }
    return hold(
        RevisionTree.ROOT,
        name,
        new Node.RevisionLink(() -> RevisionNames.viewTarget(names.views(), name)));
  }

  private Attributes inReferences(long parent, Node.References directory, String name)
      throws FuseException {
    String path = directory.prefix() + name;
    Map<String, String> all = errno(() -> names.references(directory.kind()));
    if (all.containsKey(path)) {
      return hold(
          parent,
          name,
          new Node.RevisionLink(
              () -> {
                String commit = names.references(directory.kind()).get(path);
                if (commit == null) {
                  throw new FuseException(Errno.ENOENT, path);
                }
                return RevisionNames.referenceTarget(path, commit);
              }));
    }
    if (all.keySet().stream().anyMatch(ref -> ref.startsWith(path + "/"))) {
      long id = NodeIds.child(parent, name);
      Node.References below = new Node.References(directory.kind(), path + "/");
      nodes.hold(id, below, parent, name);
      return changing(id, names.in(id, below));
    }
    throw new FuseException(Errno.ENOENT, path);
  }

  /** Returns the one commit that a name in {@code commits} means. */
  String commit(String name) throws FuseException {
    if (!COMMIT.matcher(name).matches()) {
      throw new FuseException(Errno.ENOENT, name);
    }
    List<String> commits = errno(() -> repository.commitsWithPrefix(name));
    if (commits.size() != 1) {
      throw new FuseException(Errno.ENOENT, name + (commits.isEmpty() ? "" : " is ambiguous"));
    }
    return commits.getFirst();
  }

  /** Holds the link of an abbreviated id to its commit. */
  Attributes abbreviation(String name, String commit) throws FuseException {
    return hold(RevisionNames.COMMITS_NODE, name, new Node.RevisionLink(() -> commit));
  }

  private Attributes inExpressions(String name) throws FuseException {
    String revision = RevisionNames.expression(name);
    errno(() -> repository.resolve(revision));
    return hold(
        RevisionNames.AT_NODE,
        name,
        new Node.RevisionLink(
            () -> "../" + RevisionNames.COMMITS + "/" + repository.resolve(revision)));
  }
}
