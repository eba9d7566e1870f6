package io.revfs.stage;

import io.revfs.git.IgnoreRules;
import io.revfs.project.DvcIgnore;
import io.revfs.stage.view.FileView;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the files of stages of a project, top-down: not in other projects below, not in what {@code
 * .dvcignore} or Git ignores, not in outputs of stages found before. Used once.
 */
final class ProjectWalk {
  private static final String GIT_IGNORE = ".gitignore";

  private final FileView view;
  private final DvcIgnore dvcIgnored;
  private final Set<String> ignoreFiles = new HashSet<>();
  private final IgnoreRules gitIgnored = new IgnoreRules();
  private final Set<String> outputs = new HashSet<>();
  private String gitPrefix = "";

  /** Reads a file of stages, and returns the outputs it names. */
  @FunctionalInterface
  interface Visitor {
    List<Out> visit(String file) throws IOException;
  }

  ProjectWalk(FileView view) {
    this.view = view;
    this.dvcIgnored = new DvcIgnore(new Listed());
  }

  /** Asks only for what was seen in a list: that is cheap, and asking Git for each name is not. */
  private final class Listed implements DvcIgnore.Source {
    @Override
    public Optional<byte[]> read(String path) throws IOException {
      return ignoreFiles.contains(path) ? view.read(path) : Optional.empty();
    }

    @Override
    public boolean isProject(String directory) {
      return false; // seen when the directory is listed
    }
  }

  void run(Visitor visitor) throws IOException {
    rulesAbove();
    directory("", visitor);
  }

  /** Git's rules of the directories between its root and the project's, and of its own files. */
  private void rulesAbove() throws IOException {
    Optional<Path> top = view.gitRoot();
    if (top.isEmpty()) {
      return;
    }
    Path relative = top.get().relativize(view.root());
    gitPrefix = relative.toString();
    Path at = top.get();
    byte[] exclude = bytes(at.resolve(".git/info/exclude"));
    gitIgnored.add(
        "", join(exclude, gitPrefix.isEmpty() ? new byte[0] : bytes(at.resolve(GIT_IGNORE))));
    String path = "";
    for (int i = 0; i + 1 < relative.getNameCount(); i++) {
      path = path.isEmpty() ? relative.getName(i).toString() : path + "/" + relative.getName(i);
      gitIgnored.add(path, bytes(top.get().resolve(path).resolve(GIT_IGNORE)));
    }
  }

  private static byte[] bytes(Path file) throws IOException {
    return Files.isRegularFile(file) ? Files.readAllBytes(file) : new byte[0];
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = new byte[first.length + 1 + second.length];
    System.arraycopy(first, 0, both, 0, first.length);
    both[first.length] = '\n';
    System.arraycopy(second, 0, both, first.length + 1, second.length);
    return both;
  }

  private void directory(String directory, Visitor visitor) throws IOException {
    List<FileView.Entry> entries = view.list(directory);
    if (!directory.isEmpty() && isProject(entries)) {
      return;
    }
    addRules(directory, entries);
    List<String> below = new ArrayList<>();
    for (FileView.Entry entry : entries) {
      String path = directory.isEmpty() ? entry.name() : directory + "/" + entry.name();
      if (entry.kind() == FileView.Kind.DIRECTORY) {
        below.add(path);
      } else if (entry.kind() == FileView.Kind.FILE
          && StageLoader.isStageFile(path)
          && !isIgnored(path, false)) {
        visitor.visit(path).forEach(out -> outputs.add(out.path()));
      }
    }
    for (String path : below) {
      if (!outputs.contains(path) && !isIgnored(path, true)) {
        directory(path, visitor);
      }
    }
  }

  private static boolean isProject(List<FileView.Entry> entries) {
    return entries.stream()
        .anyMatch(e -> e.name().equals(".dvc") && e.kind() == FileView.Kind.DIRECTORY);
  }

  private void addRules(String directory, List<FileView.Entry> entries) throws IOException {
    for (FileView.Entry entry : entries) {
      String path = directory.isEmpty() ? entry.name() : directory + "/" + entry.name();
      if (entry.kind() != FileView.Kind.FILE) {
        continue;
      }
      if (entry.name().equals(DvcIgnore.FILE)) {
        ignoreFiles.add(path);
      } else if (entry.name().equals(GIT_IGNORE) && view.gitRoot().isPresent()) {
        byte[] own = view.read(path).orElse(new byte[0]);
        boolean top = directory.isEmpty() && gitPrefix.isEmpty();
        byte[] exclude = top ? bytes(view.root().resolve(".git/info/exclude")) : new byte[0];
        gitIgnored.add(inGit(directory), join(exclude, own));
      }
    }
  }

  private String inGit(String path) {
    if (gitPrefix.isEmpty() || path.isEmpty()) {
      return gitPrefix.isEmpty() ? path : gitPrefix;
    }
    return gitPrefix + "/" + path;
  }

  private boolean isIgnored(String path, boolean directory) throws IOException {
    DvcIgnore.InDirectory rules = dvcIgnored.in(RelativePaths.parent(path));
    return rules.ignores(RelativePaths.name(path), directory)
        || gitIgnored.isIgnoredItself(inGit(path), directory);
  }
}
