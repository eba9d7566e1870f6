package io.revfs.tree;

import io.revfs.cache.Cache;
import io.revfs.fuse.Attributes;
import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileSystemStatistics;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.local.NodeMemory;
import io.revfs.image.DirectorySize;
import io.revfs.repository.DataRepository;
import io.revfs.repository.UnknownRevisionException;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.EntrySizes;
import io.revfs.snapshot.FileContents;
import io.revfs.snapshot.NodeIds;
import io.revfs.snapshot.Snapshot;
import io.revfs.snapshot.SnapshotDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All revisions of a repository as one tree: views, {@code branches}, {@code tags}, {@code
 * experiments}, {@code at} are links into {@code commits}, below which everything is immutable.
 * Thread-safe.
 *
 * <p>Files have the mode 0444 or 0555 and one fixed time: a node stands for its content, which is
 * in many revisions.
 *
 * <p>Long, as each question of {@link FileTree} has an answer for each kind of node here; what is
 * above the commits could be a class of its own.
 */
public final class RevisionTree implements FileTree {
  private static final Logger log = LoggerFactory.getLogger(RevisionTree.class);

  /** The time of every node: 2000-01-01T00:00:00Z. */
  public static final long TIME_SECONDS = 946_684_800;

  private static final double FOREVER_SECONDS = 365.0 * 86_400;

  /** How old a listing of {@code commits} may be; each path through it looks at its attributes. */
  private static final double COMMITS_SECONDS = 1;

  static final String COMMITS = "commits";
  static final String AT = "at";

  /** The node of the directory {@code commits}. */
  public static final long COMMITS_NODE = 2;

  static final long AT_NODE = 3;
  static final long REFERENCES_NODE = 4;
  private static final int FULL_ID = 40;
  private static final int SHORTEST_PREFIX = 4;
  private static final int DIRECTORY_PERMISSIONS = 0555;
  private static final int LINK_PERMISSIONS = 0777;

  private final DataRepository repository;
  private final Provenance provenance;
  private final FileContents contents;
  private final EntrySizes sizes;
  private final Views views;
  private final NodeTable nodes;
  private final RevisionNames names;

  private final ListingTimes times = new ListingTimes();
  private volatile Consumer<String> entered = commit -> {};

  /**
   * The time of {@code commits} that the kernel was told last by who watches it; 0: nobody does.
   */
  private volatile long watched;

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
    this.views = views;
    this.names = new RevisionNames(repository, this::views);
  }

  /**
   * Sets what is told of each commit that somebody looks into; called within requests, often for
   * the same one.
   */
  public void onEntered(Consumer<String> listener) {
    entered = listener;
  }

  /** Returns the node of a commit's root directory. */
  public static long commitNode(String commit) {
    return NodeIds.child(COMMITS_NODE, commit);
  }

  /**
   * Returns whether there are other names in {@code commits} than at the call before. Who calls
   * this every second, and makes the kernel forget that directory when it says so, spares the
   * kernel the question each time it passes through; until {@link #leaveCommits}.
   */
  public boolean commitsChanged() throws IOException {
    try {
      long now = times.seconds(COMMITS_NODE, names.commits());
      boolean changed = now != watched;
      watched = now;
      return changed;
    } catch (FuseException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Ends what {@link #commitsChanged} began; returns whether anybody watched. */
  public boolean leaveCommits() {
    boolean before = watched != 0;
    watched = 0;
    return before;
  }

  /** Returns the views by name; {@code current} is there from the start and points to HEAD. */
  public Map<String, String> views() throws IOException {
    Map<String, String> all = new LinkedHashMap<>(views.all());
    if (!all.containsKey(Views.CURRENT)) {
      String head = repository.resolve("HEAD");
      views.set(Views.CURRENT, head);
      all.put(Views.CURRENT, head);
    }
    return all;
  }

  /**
   * Points {@code current} to HEAD if the commit it points to is no more, as when the repository
   * was made anew at its place.
   */
  public void repairViews() throws IOException {
    String commit = String.valueOf(views().get(Views.CURRENT));
    try {
      var unused = repository.resolve(commit);
    } catch (UnknownRevisionException e) {
      log.warn("{} is not in {} any more; current points to HEAD", commit, repository.location());
      views.set(Views.CURRENT, repository.resolve("HEAD"));
    }
  }

  /**
   * Returns the revision that the first names of a path lead to: {@code current}, {@code
   * branches/a/b}, {@code at/HEAD~1}; empty if they lead to none.
   */
  public Optional<String> revision(List<String> names) throws IOException {
    String first = names.getFirst();
    if (names.size() == 1) {
      return Optional.ofNullable(views().get(first));
    }
    String rest = String.join("/", names.subList(1, names.size()));
    if (names.size() == 2 && first.equals(COMMITS)) {
      return Optional.of(rest);
    }
    if (names.size() == 2 && first.equals(AT)) {
      return Optional.of(expression(rest));
    }
    for (Node.References.Kind kind : Node.References.Kind.values()) {
      if (kind.word().equals(first)) {
        return Optional.ofNullable(this.names.references(kind).get(rest));
      }
    }
    return Optional.empty();
  }

  private static String expression(String name) {
    return name.replace("%2F", "/").replace("%2f", "/").replace("%25", "%");
  }

  /** Points a view to a commit; it is made if it is new. Returns where it pointed before. */
  public Optional<String> use(String view, String commit) throws IOException {
    boolean taken =
        view.equals(COMMITS)
            || view.equals(AT)
            || List.of(Node.References.Kind.values()).stream().anyMatch(k -> k.word().equals(view));
    if (taken
        || view.isEmpty()
        || view.startsWith(".")
        || view.contains("/")
        || view.length() > 200) {
      throw new IllegalArgumentException("'" + view + "' cannot be the name of a view");
    }
    Optional<String> before = Optional.ofNullable(views().get(view));
    views.set(view, commit);
    return before;
  }

  /** As {@link FuseException#translating}; a revision that is none is a name that is none. */
  static <T> T errno(FuseException.Work<T> work) throws FuseException {
    return FuseException.translating(
        () -> {
          try {
            return work.run();
          } catch (UnknownRevisionException e) {
            throw new FuseException(Errno.ENOENT, String.valueOf(e.getMessage()));
          }
        });
  }

  /** {@code context}: of the request, since a node may have to be found again. */
  private Node node(RequestContext context, long id) throws FuseException {
    if (id == ROOT) {
      return new Node.Root();
    }
    if (id == COMMITS_NODE) {
      return new Node.Commits();
    }
    if (id == AT_NODE) {
      return new Node.Expressions();
    }
    for (Node.References.Kind kind : Node.References.Kind.values()) {
      if (id == RevisionNames.referencesNode(kind)) {
        return new Node.References(kind, "");
      }
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
    Node directory = node(context, parent);
    return switch (directory) {
      case Node.Root root -> inRoot(name);
      case Node.References references -> inReferences(parent, references, name);
      case Node.Commits commits -> inCommits(name);
      case Node.Expressions expressions -> inExpressions(name);
      case Node.Tree tree -> inTree(context, parent, tree, name);
      case Node.RevisionLink link -> throw new FuseException(Errno.ENOTDIR, name);
      case Node.File file -> throw new FuseException(Errno.ENOTDIR, name);
      case Node.Link link -> throw new FuseException(Errno.ENOTDIR, name);
    };
  }

  private static Attributes directory(long id, long size, int links) {
    return new Attributes(
        id, FileKind.DIRECTORY, DIRECTORY_PERMISSIONS, size, TIME_SECONDS, links, null);
  }

  /**
   * A directory of a commit, which looks the same once it is sealed; before its names are here
   * nobody waits for them.
   */
  private static Attributes directory(long id, SnapshotDirectory directory) throws FuseException {
    DirectorySize size =
        errno(() -> directory.isReady() ? directory.size() : DirectorySize.UNKNOWN);
    return directory(id, size.bytes(), size.links());
  }

  private static Attributes link(long id, long length) {
    return new Attributes(id, FileKind.SYMBOLIC_LINK, LINK_PERMISSIONS, length, TIME_SECONDS);
  }

  private Attributes hold(long parent, String name, Node.RevisionLink link) throws FuseException {
    String target = errno(() -> link.target().now());
    long id = RevisionNames.linkId(parent, name, target);
    nodes.hold(id, link, parent, name);
    return link(id, FileNames.encode(target).length);
  }

  private Attributes inRoot(String name) throws FuseException {
    if (name.equals(COMMITS)) {
      return attributes(RequestContext.INTERNAL, COMMITS_NODE);
    }
    if (name.equals(AT)) {
      return attributes(RequestContext.INTERNAL, AT_NODE);
    }
    for (Node.References.Kind kind : Node.References.Kind.values()) {
      if (kind.word().equals(name)) {
        return attributes(RequestContext.INTERNAL, RevisionNames.referencesNode(kind));
      }
    }
    if (!errno(this::views).containsKey(name)) {
      throw new FuseException(Errno.ENOENT, name);
    }
    return hold(ROOT, name, new Node.RevisionLink(() -> RevisionNames.viewTarget(views(), name)));
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
      return changing(id, names.below(id, below));
    }
    throw new FuseException(Errno.ENOENT, path);
  }

  private Attributes inCommits(String name) throws FuseException {
    if (!name.matches("[0-9a-f]{" + SHORTEST_PREFIX + "," + FULL_ID + "}")) {
      throw new FuseException(Errno.ENOENT, name);
    }
    List<String> commits = errno(() -> repository.commitsWithPrefix(name));
    if (commits.size() != 1) {
      throw new FuseException(Errno.ENOENT, name + (commits.isEmpty() ? "" : " is ambiguous"));
    }
    String commit = commits.getFirst();
    if (name.length() < FULL_ID) {
      return hold(COMMITS_NODE, name, new Node.RevisionLink(() -> commit));
    }
    long id = commitNode(name);
    SnapshotDirectory root = errno(() -> repository.snapshot(commit)).root();
    names.entered(commit);
    nodes.hold(
        id,
        new Node.Tree(commit, root, Entry.directory("", Entry.Tracking.GIT, root)),
        COMMITS_NODE,
        name);
    return directory(id, root);
  }

  private Attributes inExpressions(String name) throws FuseException {
    String revision = expression(name);
    errno(() -> repository.resolve(revision));
    return hold(
        AT_NODE,
        name,
        new Node.RevisionLink(() -> "../" + COMMITS + "/" + repository.resolve(revision)));
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
    if (tree.entry().name().isEmpty()) {
      entered.accept(tree.commit());
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
      case SYMBOLIC_LINK -> link(id, errno(() -> contents.size(entry)));
      case FILE ->
          new Attributes(
              id,
              FileKind.REGULAR,
              entry.executable() ? 0555 : 0444,
              sizes.size(context, entry, () -> seemedEmpty.add(id)),
              TIME_SECONDS);
    };
  }

  @Override
  public Attributes attributes(RequestContext context, long id) throws FuseException {
    return switch (node(context, id)) {
      case Node.RevisionLink link ->
          link(id, errno(() -> FileNames.encode(link.target().now()).length));
      case Node.File file -> attributes(context, id, file.entry());
      case Node.Link link -> attributes(context, id, link.entry());
      case Node.Root n -> changing(id, names.root());
      case Node.References n -> changing(id, names.below(id, n));
      case Node.Commits n -> changing(id, names.commits());
      case Node.Expressions n -> directory(id, 0, 2);
      case Node.Tree n -> {
        noteEntered(n);
        yield directory(id, n.directory());
      }
    };
  }

  private Attributes changing(long id, List<NamesListing.Name> names) {
    return new Attributes(
        id, FileKind.DIRECTORY, DIRECTORY_PERMISSIONS, 0, times.seconds(id, names));
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
      case Node.Root root -> new NamesListing(names.root());
      case Node.Expressions expressions -> new NamesListing(List.of());
      case Node.Commits commits -> new NamesListing(names.commits());
      case Node.References references -> new NamesListing(names.below(id, references));
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
      case Node.Root n -> throw new FuseException(Errno.EISDIR, "a directory");
      case Node.References n -> throw new FuseException(Errno.EISDIR, "a directory");
      case Node.Commits n -> throw new FuseException(Errno.EISDIR, "a directory");
      case Node.Expressions n -> throw new FuseException(Errno.EISDIR, "a directory");
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
    String current = errno(this::views).getOrDefault(Views.CURRENT, "");
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
   * What is in the root changes only by {@link #use}, and who calls that tells the session; a
   * commit that is there stays; branches and tags move when Git likes.
   */
  @Override
  public double nameSeconds(long id) {
    boolean fixed =
        id == ROOT
            || id == COMMITS_NODE
            || nodes.find(id).filter(Node.Tree.class::isInstance).isPresent();
    return fixed ? FOREVER_SECONDS : 0;
  }

  @Override
  public double attributeSeconds(long id) {
    if (id == ROOT) {
      return FOREVER_SECONDS; // see nameSeconds
    }
    if (id == COMMITS_NODE) {
      return watched == 0 ? COMMITS_SECONDS : FOREVER_SECONDS;
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
