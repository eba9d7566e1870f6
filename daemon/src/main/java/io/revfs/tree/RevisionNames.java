package io.revfs.tree;

import io.revfs.fuse.Errno;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.repository.DataRepository;
import io.revfs.repository.UnknownRevisionException;
import io.revfs.snapshot.NodeIds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names that revisions have in a mount: views, which people move, and branches, tags,
 * experiments and commits, which are as Git has them. Says what the directories above the commits
 * hold, and where their links point. Thread-safe.
 */
public final class RevisionNames {
  private static final Logger log = LoggerFactory.getLogger(RevisionNames.class);

  static final String COMMITS = "commits";
  private static final String AT = "at";

  /** The node of the directory {@code commits}. */
  public static final long COMMITS_NODE = 2;

  static final long AT_NODE = 3;
  private static final long REFERENCES_NODE = 4;

  /** The directories of the root. */
  static final List<NamesListing.Name> DIRECTORIES = directories();

  private static final int LONGEST_VIEW = 200;

  private final DataRepository repository;
  private final Views views;
  private final Set<String> entered = ConcurrentHashMap.newKeySet();

  RevisionNames(DataRepository repository, Views views) {
    this.repository = repository;
    this.views = views;
  }

  private static List<NamesListing.Name> directories() {
    List<NamesListing.Name> all = new ArrayList<>();
    for (Node.References.Kind kind : Node.References.Kind.values()) {
      all.add(new NamesListing.Name(kind.word(), referencesNode(kind), FileKind.DIRECTORY));
    }
    all.add(new NamesListing.Name(COMMITS, COMMITS_NODE, FileKind.DIRECTORY));
    all.add(new NamesListing.Name(AT, AT_NODE, FileKind.DIRECTORY));
    return List.copyOf(all);
  }

  private static long referencesNode(Node.References.Kind kind) {
    return switch (kind) { // kernels know these numbers across restarts
      case BRANCHES -> REFERENCES_NODE;
      case TAGS -> REFERENCES_NODE + 1;
      case EXPERIMENTS -> REFERENCES_NODE + 2;
    };
  }

  /** Returns the node of a number that is the same in every mount; empty for any other number. */
  static Optional<Node> fixed(long id) {
    if (id == FileTree.ROOT) {
      return Optional.of(new Node.Root());
    }
    if (id == COMMITS_NODE) {
      return Optional.of(new Node.Commits());
    }
    if (id == AT_NODE) {
      return Optional.of(new Node.Expressions());
    }
    for (Node.References.Kind kind : Node.References.Kind.values()) {
      if (id == referencesNode(kind)) {
        return Optional.of(new Node.References(kind, ""));
      }
    }
    return Optional.empty();
  }

  /** Returns the node of a commit's root directory. */
  public static long commitNode(String commit) {
    return NodeIds.child(COMMITS_NODE, commit);
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

  // Views.

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
   * Points a view to a commit; it is made if it is new. Returns where it pointed before. The kernel
   * may know the old link: the caller tells it.
   *
   * @throws IllegalArgumentException if no view can have that name
   */
  public Optional<String> use(String view, String commit) throws IOException {
    boolean taken = DIRECTORIES.stream().anyMatch(directory -> directory.name().equals(view));
    if (taken
        || view.isEmpty()
        || view.startsWith(".")
        || view.contains("/")
        || view.length() > LONGEST_VIEW) {
      throw new IllegalArgumentException("'" + view + "' cannot be the name of a view");
    }
    Optional<String> before = Optional.ofNullable(views().get(view));
    views.set(view, commit);
    return before;
  }

  // Names.

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
        return Optional.ofNullable(references(kind).get(rest));
      }
    }
    return Optional.empty();
  }

  /** Returns the revision that a name in {@code at} means. */
  static String expression(String name) {
    return name.replace("%2F", "/").replace("%2f", "/").replace("%25", "%");
  }

  /** Takes note of a commit that was asked for: it is listed from now on. */
  void entered(String commit) {
    entered.add(commit);
  }

  Map<String, String> references(Node.References.Kind kind) throws IOException {
    return switch (kind) {
      case BRANCHES -> repository.branches();
      case TAGS -> repository.tags();
      case EXPERIMENTS -> repository.experiments();
    };
  }

  /** A link that points elsewhere is another node, so the kernel may keep what it read of one. */
  static long linkId(long parent, String name, String target) {
    return NodeIds.child(NodeIds.child(parent, name), target);
  }

  static String viewTarget(Map<String, String> views, String name) {
    return COMMITS + "/" + views.getOrDefault(name, "gone");
  }

  static String referenceTarget(String path, String commit) {
    int depth = (int) path.chars().filter(c -> c == '/').count() + 1;
    return "../".repeat(depth) + COMMITS + "/" + commit;
  }

  /** Returns what is listed in a directory; {@code id} is its node. */
  List<NamesListing.Name> in(long id, Node.Above directory) throws FuseException {
    return switch (directory) {
      case Node.Root root -> root();
      case Node.References references -> below(id, references);
      case Node.Commits commits -> commits();
      case Node.Expressions expressions -> List.of(); // all that can be asked for are too many
    };
  }

  private List<NamesListing.Name> root() throws FuseException {
    List<NamesListing.Name> entries = new ArrayList<>();
    Map<String, String> all = errno(this::views);
    all.keySet()
        .forEach(
            view ->
                entries.add(
                    new NamesListing.Name(
                        view,
                        linkId(FileTree.ROOT, view, viewTarget(all, view)),
                        FileKind.SYMBOLIC_LINK)));
    entries.addAll(DIRECTORIES);
    return entries;
  }

  List<NamesListing.Name> commits() throws FuseException {
    Set<String> all = new TreeSet<>(entered);
    errno(
        () -> {
          all.addAll(views().values());
          for (Node.References.Kind kind : Node.References.Kind.values()) {
            all.addAll(references(kind).values());
          }
          return true;
        });
    return all.stream()
        .map(commit -> new NamesListing.Name(commit, commitNode(commit), FileKind.DIRECTORY))
        .toList();
  }

  private List<NamesListing.Name> below(long parent, Node.References directory)
      throws FuseException {
    Map<String, NamesListing.Name> names = new LinkedHashMap<>();
    errno(() -> references(directory.kind()))
        .forEach(
            (reference, commit) -> {
              if (reference.startsWith(directory.prefix())) {
                String rest = reference.substring(directory.prefix().length());
                int slash = rest.indexOf('/');
                String name = slash < 0 ? rest : rest.substring(0, slash);
                names.put(
                    name,
                    slash < 0
                        ? new NamesListing.Name(
                            name,
                            linkId(parent, name, referenceTarget(reference, commit)),
                            FileKind.SYMBOLIC_LINK)
                        : new NamesListing.Name(
                            name, NodeIds.child(parent, name), FileKind.DIRECTORY));
              }
            });
    return List.copyOf(names.values());
  }
}
