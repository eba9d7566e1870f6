package io.revfs.stage.view;

import io.revfs.git.GitEntry;
import io.revfs.git.GitFiles;
import io.revfs.git.GitRepository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The files of a commit, as Git has them: what DVC tracks is not among them. Thread-safe. */
public final class CommitView implements FileView {
  private final GitRepository git;
  private final String tree;
  private final String prefix;
  private final Path root;

  private CommitView(GitRepository git, String tree, String prefix, Path root) {
    this.git = git;
    this.tree = tree;
    this.prefix = prefix;
    this.root = root;
  }

  /**
   * Returns the view of a commit.
   *
   * @param commit its full id
   * @param root of the project, on this machine
   * @param gitRoot of the work tree that the project is in
   */
  public static CommitView of(GitRepository git, String commit, Path root, Path gitRoot)
      throws IOException {
    return new CommitView(git, git.treeOf(commit), gitRoot.relativize(root).toString(), root);
  }

  private String inGit(String path) {
    return prefix.isEmpty() ? path : prefix + "/" + path;
  }

  @Override
  public Path root() {
    return root;
  }

  @Override
  public boolean isWorkTree() {
    return false;
  }

  @Override
  public Optional<byte[]> read(String path) throws IOException {
    return GitFiles.read(git, tree, inGit(path));
  }

  @Override
  public Kind kind(String path) throws IOException {
    return GitFiles.find(git, tree, inGit(path)).map(CommitView::kind).orElse(Kind.ABSENT);
  }

  private static Kind kind(GitEntry entry) {
    return switch (entry.kind()) {
      case FILE, EXECUTABLE -> Kind.FILE;
      case TREE -> Kind.DIRECTORY;
      case SYMBOLIC_LINK, SUBMODULE -> Kind.OTHER;
    };
  }

  @Override
  public List<Entry> list(String directory) throws IOException {
    Optional<GitEntry> found = GitFiles.find(git, tree, inGit(directory));
    if (found.isEmpty() || found.get().kind() != GitEntry.Kind.TREE) {
      return List.of();
    }
    List<Entry> entries = new ArrayList<>();
    for (GitEntry entry : git.tree(found.get().id())) {
      entries.add(new Entry(entry.name(), kind(entry)));
    }
    entries.sort(Comparator.comparing(Entry::name));
    return entries;
  }
}
