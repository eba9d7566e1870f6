package io.revfs.tree;

import static io.revfs.tree.RevisionNames.errno;

import io.revfs.cache.Cache;
import io.revfs.fuse.Attributes;
import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileSystemStatistics;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.local.NodeMemory;
import io.revfs.image.DirectorySize;
import io.revfs.repository.DataRepository;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.EntrySizes;
import io.revfs.snapshot.FileContents;
import io.revfs.snapshot.FixedAttributes;
import io.revfs.snapshot.NodeIds;
import io.revfs.snapshot.Snapshot;
import io.revfs.snapshot.SnapshotDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All revisions of a repository as one tree: views, {@code branches}, {@code tags}, {@code
 * experiments}, {@code at} are links into {@code commits}, below which everything is immutable.
 * Thread-safe.
 *
 * <p>What is above the commits is answered by {@link AboveCommits}, what is in them here.
 */
public final class RevisionTree implements FileTree {
  private static final double FOREVER_SECONDS = 365.0 * 86_400;

  private final DataRepository repository;
  private final Provenance provenance;
  private final FileContents contents;
  private final EntrySizes sizes;
  private final NodeTable nodes;
  private final RevisionNames names;
  private final AboveCommits above;

  private volatile @Nullable Consumer<String> entered;

  /** Commits that were entered before anybody was to be told. */
  private final Set<String> enteredBefore = ConcurrentHashMap.newKeySet();

  /** Nodes that were nowhere when their size was asked for, so the kernel has a wrong size. */
  private final Set<Long> seemedEmpty = ConcurrentHashMap.newKeySet();

  /** A tree that no other process will know. */
  public RevisionTree(DataRepository repository, Cache cache, Views views) {
    this(repository, cache, views, new NodeTable(null));
  }

  /**
   * A tree whose nodes are known to the next process too.
   *
   * @param journal the file that remembers nodes
   * @param restored whether the process before this one wrote it
   */
  public static RevisionTree surviving(
      DataRepository repository, Cache cache, Views views, Path journal, boolean restored)
      throws IOException {
    NodeJournal opened = restored ? NodeJournal.restored(journal) : NodeJournal.fresh(journal);
    return new RevisionTree(repository, cache, views, new NodeTable(opened));
  }

  private RevisionTree(DataRepository repository, Cache cache, Views views, NodeTable nodes) {
    this.nodes = nodes;
    this.repository = repository;
    this.provenance = new Provenance(cache);
    this.contents = new FileContents(cache);
    this.sizes = new EntrySizes(cache, contents);
    this.names = new RevisionNames(repository, views);
    this.above = new AboveCommits(repository, names, nodes);
  }

  /**
   * Sets what is told of each commit that somebody looks into, and has looked into before: who asks
   * once may never ask again, as the kernel keeps the answer. Called within requests, often for the
   * same one.
   */
  public void onEntered(Consumer<String> listener) {
    entered = listener;
    enteredBefore.forEach(listener);
    enteredBefore.clear();
  }

  /** Returns the commits that the kernel may know from a process before this one, and others. */
  public Set<String> commitsBefore() {
    return nodes.namesBefore(RevisionNames.COMMITS_NODE);
  }

  /** Returns the names that revisions have here, which people may change. */
  public RevisionNames names() {
    return names;
  }

  /**
   * Returns whether there are other names in {@code commits} than at the call before. Who calls
   * this every second, and makes the kernel forget that directory when it says so, spares the
   * kernel the question each time it passes through; until {@link #leaveCommits}.
   */
  public boolean commitsChanged() throws IOException {
    return above.commitsChanged();
  }

  /** Ends what {@link #commitsChanged} began; returns whether anybody watched. */
  public boolean leaveCommits() {
    return above.leaveCommits();
  }

  /** {@code context}: of the request, since a node may have to be found again. */
  private Node node(RequestContext context, long id) throws FuseException {
    Optional<Node> fixed = RevisionNames.fixed(id);
    if (fixed.isPresent()) {
      return fixed.get();
    }
    Optional<Node> held = nodes.find(id);
    if (held.isPresent()) {
      return held.get();
    }
    // The process before this one looked it up: so do we, and have its reference.
    Optional<NodeMemory.Place> place = nodes.place(id);
    if (place.isEmpty()) {
      throw stale(id);
    }
    Attributes found = lookup(context, place.get().parent(), place.get().name());
    if (found.node() != id) { // a link that points elsewhere now
      nodes.forget(found.node(), 1);
      throw stale(id);
    }
    return nodes.find(id).orElseThrow(() -> stale(id));
  }

  private static FuseException stale(long id) {
    return new FuseException(Errno.ESTALE, "node " + id);
  }

  // Lookups.

  @Override
  public Attributes lookup(RequestContext context, long parent, String name) throws FuseException {
    return switch (node(context, parent)) {
      case Node.Commits commits -> inCommits(name);
      case Node.Above directory -> above.lookup(parent, directory, name);
      case Node.Tree tree -> inTree(context, parent, tree, name);
      case Node.RevisionLink link -> throw new FuseException(Errno.ENOTDIR, name);
      case Node.File file -> throw new FuseException(Errno.ENOTDIR, name);
      case Node.Link link -> throw new FuseException(Errno.ENOTDIR, name);
    };
  }

  /**
   * A directory of a commit, which looks the same once it is sealed; before its names are here
   * nobody waits for them.
   */
  private static Attributes directory(long id, SnapshotDirectory directory) throws FuseException {
    DirectorySize size =
        errno(() -> directory.isReady() ? directory.size() : DirectorySize.UNKNOWN);
    return FixedAttributes.directory(id, size.bytes(), size.links());
  }

  private Attributes inCommits(String name) throws FuseException {
    String commit = above.commit(name);
    if (!commit.equals(name)) {
      return above.abbreviation(name, commit);
    }
    SnapshotDirectory root = errno(() -> repository.snapshot(commit)).root();
    long id = RevisionNames.commitNode(commit);
    names.entered(commit);
    Entry entry = Entry.directory("", Entry.Tracking.GIT, root);
    nodes.hold(id, new Node.Tree(commit, root, entry), RevisionNames.COMMITS_NODE, name);
    return directory(id, root);
  }

  private Attributes inTree(RequestContext context, long parent, Node.Tree tree, String name)
      throws FuseException {
    noteEntered(tree);
    if (!errno(() -> tree.directory().isReady())) {
      context.beforeSlowAnswer();
    }
    Optional<Entry> found = errno(() -> tree.directory().find(name));
    if (found.isEmpty()) {
      throw new FuseException(Errno.ENOENT, name);
    }
    Entry entry = found.get();
    long id = id(parent, entry);
    Attributes attributes = attributes(context, id, entry);
    nodes.hold(id, node(tree.commit(), entry), parent, name);
    return attributes;
  }

  private void noteEntered(Node.Tree tree) {
    if (!tree.entry().name().isEmpty()) {
      return;
    }
    if (entered == null) {
      enteredBefore.add(tree.commit());
    }
    Consumer<String> listener = entered; // looked at again: it may have been set meanwhile
    if (listener != null) {
      listener.accept(tree.commit());
    }
  }

  private static Node node(String commit, Entry entry) {
    if (entry.directory().isPresent()) {
      return new Node.Tree(commit, entry.directory().get(), entry);
    }
    return entry.kind() == Entry.Kind.SYMBOLIC_LINK
        ? new Node.Link(commit, entry)
        : new Node.File(commit, entry);
  }

  private static long id(long parent, Entry entry) {
    long content = NodeIds.content(entry);
    return content != 0 ? content : NodeIds.child(parent, entry.name());
  }

  private Attributes attributes(RequestContext context, long id, Entry entry) throws FuseException {
    return switch (entry.kind()) {
      case DIRECTORY, SUBMODULE -> directory(id, entry.directory().orElseThrow());
      case SYMBOLIC_LINK -> FixedAttributes.link(id, errno(() -> contents.size(entry)));
      case FILE ->
          FixedAttributes.file(
              id, entry.executable(), sizes.size(context, entry, () -> seemedEmpty.add(id)));
    };
  }

  @Override
  public Attributes attributes(RequestContext context, long id) throws FuseException {
    return switch (node(context, id)) {
      case Node.RevisionLink link -> above.attributes(id, link);
      case Node.File file -> attributes(context, id, file.entry());
      case Node.Link link -> attributes(context, id, link.entry());
      case Node.Above n -> above.attributes(id, n);
      case Node.Tree n -> {
        noteEntered(n);
        yield directory(id, n.directory());
      }
    };
  }

  @Override
  public String readLink(RequestContext context, long id) throws FuseException {
    return switch (node(context, id)) {
      case Node.RevisionLink link -> errno(() -> link.target().now());
      case Node.Link link ->
          errno(
              () ->
                  FileNames.decode(
                      repository.gitBlob(link.entry().key().orElseThrow().digest().hex())));
      default -> throw new FuseException(Errno.EINVAL, "no link");
    };
  }

  // Listings.

  @Override
  public DirectoryListing openDirectory(RequestContext context, long id) throws FuseException {
    return switch (node(context, id)) {
      case Node.Tree tree -> {
        noteEntered(tree);
        yield new SnapshotListing(id, tree.directory());
      }
      case Node.Above directory -> new NamesListing(names.in(id, directory));
      case Node.RevisionLink n -> throw new FuseException(Errno.ENOTDIR, "a link");
      case Node.File n -> throw new FuseException(Errno.ENOTDIR, "a file");
      case Node.Link n -> throw new FuseException(Errno.ENOTDIR, "a link");
    };
  }

  // Files.

  @Override
  public OpenFile open(RequestContext context, long id) throws FuseException {
    return switch (node(context, id)) {
      case Node.File file -> {
        OpenFile opened = errno(() -> contents.open(file.entry()));
        yield seemedEmpty.contains(id) ? new LateFile(opened) : opened;
      }
      case Node.Link link -> throw new FuseException(Errno.ELOOP, "a link");
      case Node.RevisionLink link -> throw new FuseException(Errno.ELOOP, "a link");
      case Node.Above n -> throw new FuseException(Errno.EISDIR, "a directory");
      case Node.Tree n -> throw new FuseException(Errno.EISDIR, "a directory");
    };
  }

  /** A file that came to a remote after it was looked at. */
  private record LateFile(OpenFile file) implements OpenFile.Served {
    @Override
    public boolean sizeMayDiffer() {
      return true;
    }

    @Override
    public long size() {
      return file.size();
    }

    @Override
    public int read(RequestContext context, ByteBuffer target, long offset) throws FuseException {
      return file.read(context, target, offset);
    }

    @Override
    public void close() {
      file.close();
    }
  }

  @Override
  public List<String> extendedAttributeNames(RequestContext context, long id) throws FuseException {
    return provenance.names(node(context, id));
  }

  @Override
  public byte[] extendedAttribute(RequestContext context, long id, String name)
      throws FuseException {
    return provenance
        .value(node(context, id), name)
        .orElseThrow(() -> new FuseException(Errno.ENODATA, name))
        .getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public FileSystemStatistics statistics(RequestContext context) throws FuseException {
    String current = errno(names::views).getOrDefault(Views.CURRENT, "");
    Snapshot shown = errno(() -> repository.snapshot(current));
    return new FileSystemStatistics(shown.totalBytes(), 0, shown.totalFiles());
  }

  @Override
  public void forget(long id, long references) {
    nodes.forget(id, references);
  }

  @Override
  public void forgetAll() {
    nodes.forgetAll();
  }

  /**
   * What is in the root changes only by {@link RevisionNames#use}, and who calls that tells the
   * session; a commit that is there stays; branches and tags move when Git likes.
   */
  @Override
  public double nameSeconds(long id) {
    boolean fixed =
        id == ROOT
            || id == RevisionNames.COMMITS_NODE
            || nodes.find(id).filter(Node.Tree.class::isInstance).isPresent();
    return fixed ? FOREVER_SECONDS : 0;
  }

  @Override
  public double attributeSeconds(long id) {
    if (id == ROOT) {
      return FOREVER_SECONDS; // see nameSeconds
    }
    if (id == RevisionNames.COMMITS_NODE) {
      return above.commitsSeconds(FOREVER_SECONDS);
    }
    return switch (nodes.find(id).orElse(null)) {
      case Node.Tree tree -> isReady(tree) ? FOREVER_SECONDS : 0;
      case Node.Link link -> FOREVER_SECONDS;
      case Node.RevisionLink link -> FOREVER_SECONDS; // one that points elsewhere is another node
      case Node.File file -> seemedEmpty.contains(id) ? 0 : FOREVER_SECONDS;
      case null, default -> 0;
    };
  }

  private static boolean isReady(Node.Tree tree) {
    try {
      return tree.directory().isReady();
    } catch (IOException e) {
      return false; // its size is asked for again
    }
  }

  /** What a commit does not have, it never will. */
  @Override
  public double absenceSeconds(long id) {
    return nodes.find(id).filter(Node.Tree.class::isInstance).isPresent() ? FOREVER_SECONDS : 0;
  }
}
