package io.revfs.tree;

import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.repository.DataRepository;
import io.revfs.snapshot.NodeIds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** What the directories above the commits hold, and where their links point. Thread-safe. */
final class RevisionNames {
  private final DataRepository repository;
  private final CurrentViews views;
  private final Set<String> entered = ConcurrentHashMap.newKeySet();

  /** Returns the views by name as they are now. */
  @FunctionalInterface
  interface CurrentViews {
    Map<String, String> all() throws IOException;
  }

  RevisionNames(DataRepository repository, CurrentViews views) {
    this.repository = repository;
    this.views = views;
  }

  /** Takes note of a commit that was asked for: it is listed from now on. */
  void entered(String commit) {
    entered.add(commit);
  }

  static long referencesNode(Node.References.Kind kind) {
    return switch (kind) {
      case BRANCHES -> RevisionTree.REFERENCES_NODE;
      case TAGS -> RevisionTree.REFERENCES_NODE + 1;
      case EXPERIMENTS -> RevisionTree.REFERENCES_NODE + 2;
    };
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
    return RevisionTree.COMMITS + "/" + views.getOrDefault(name, "gone");
  }

  static String referenceTarget(String path, String commit) {
    int depth = (int) path.chars().filter(c -> c == '/').count() + 1;
    return "../".repeat(depth) + RevisionTree.COMMITS + "/" + commit;
  }

  List<NamesListing.Name> root() throws FuseException {
    List<NamesListing.Name> entries = new ArrayList<>();
    Map<String, String> all = RevisionTree.errno(views::all);
    all.keySet()
        .forEach(
            view ->
                entries.add(
                    new NamesListing.Name(
                        view,
                        linkId(FileTree.ROOT, view, viewTarget(all, view)),
                        FileKind.SYMBOLIC_LINK)));
    for (Node.References.Kind kind : Node.References.Kind.values()) {
      entries.add(new NamesListing.Name(kind.word(), referencesNode(kind), FileKind.DIRECTORY));
    }
    entries.add(
        new NamesListing.Name(RevisionTree.COMMITS, RevisionTree.COMMITS_NODE, FileKind.DIRECTORY));
    entries.add(new NamesListing.Name(RevisionTree.AT, RevisionTree.AT_NODE, FileKind.DIRECTORY));
    return entries;
  }

  List<NamesListing.Name> commits() throws FuseException {
    Set<String> all = new TreeSet<>(entered);
    RevisionTree.errno(
        () -> {
          all.addAll(views.all().values());
          for (Node.References.Kind kind : Node.References.Kind.values()) {
            all.addAll(references(kind).values());
          }
          return true;
        });
    return all.stream()
        .map(
            commit ->
                new NamesListing.Name(
                    commit, NodeIds.child(RevisionTree.COMMITS_NODE, commit), FileKind.DIRECTORY))
        .toList();
  }

  List<NamesListing.Name> below(long parent, Node.References directory) throws FuseException {
    Map<String, NamesListing.Name> names = new LinkedHashMap<>();
    RevisionTree.errno(() -> references(directory.kind()))
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
