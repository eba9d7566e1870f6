package io.revfs.command.worktree;

import io.revfs.browse.Places;
import io.revfs.dvc.pipeline.ParsingOptions;
import io.revfs.project.Project;
import io.revfs.reach.Passages;
import io.revfs.repository.ConfigOverrides;
import io.revfs.repository.DataRepository;
import io.revfs.repository.UnknownRevisionException;
import io.revfs.snapshot.Entry;
import io.revfs.stage.StageLoader;
import io.revfs.stage.view.WorkTreeView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Finds work trees by what callers say. */
public final class WorkTrees {
  private WorkTrees() {}

  /**
   * How a work tree is looked at.
   *
   * @param overrides the caller's configuration over that of the project
   * @param environment the caller's
   * @param namesOnly whether files of which only a list says, that cannot be had, may be left out
   * @param recordedSizes whether files of outputs are as large as is recorded, if it is
   */
  public record Look(
      ConfigOverrides overrides,
      Map<String, String> environment,
      boolean namesOnly,
      boolean recordedSizes) {}

  /**
   * Returns a place in the work tree that a location is in; the caller closes it. Empty if the
   * location is in no work tree of this machine: a URL, a bare repository, a mount of revisions.
   *
   * @param below from the location
   * @throws io.revfs.browse.UnknownPlaceException if nothing is there
   */
  public static Optional<Places.Place> place(
      Places places, String location, String below, Look look) throws IOException {
    if (!location.startsWith("/") || places.isMounted(location)) {
      return Optional.empty();
    }
    Path at = Passages.below(Path.of(location).normalize());
    Optional<Path> found = Files.isDirectory(at) ? top(at) : Optional.empty();
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Path top = found.get();
    String asked =
        Path.of("/" + top.relativize(at)).resolve(below).normalize().toString().substring(1);
    Path root = project(top, asked);
    Optional<Path> git = Project.gitRoot(root, look.environment());
    boolean project = Project.isRoot(root);
    if (git.isEmpty() && !project) {
      return Optional.empty();
    }
    Places.Opened opened =
        git.isPresent()
            ? places.open(root.toString(), look.overrides())
            : places.openPlain(root, look.overrides());
    try {
      return Optional.of(place(places, root, git, opened, top.resolve(asked), look));
    } catch (IOException | RuntimeException e) {
      if (opened.own()) {
        opened.repository().close();
      }
      throw e;
    }
  }

  private static Places.Place place(
      Places places, Path root, Optional<Path> git, Places.Opened opened, Path wanted, Look look)
      throws IOException {
    DataRepository repository = opened.repository();
    RecordedOutputs outputs = null;
    if (Project.isRoot(root)) {
      String project = git.map(top -> top.relativize(root).toString()).orElse("");
      StageLoader loader = new StageLoader(new WorkTreeView(root, git), ParsingOptions.DEFAULT);
      outputs = new RecordedOutputs(repository, loader.load(problem -> {}), project);
    }
    WorkTree tree =
        new WorkTree(
            git.isPresent() ? head(repository) : "",
            new LocalNames(root, places::isMounted),
            outputs,
            look);
    String path = root.relativize(wanted).toString();
    Optional<Entry> entry = tree.find(path);
    if (entry.isEmpty()) {
      throw Places.noPath(path, repository, "list what is there: dvc list " + root);
    }
    return new Places.Place(repository, tree, path, entry.get(), opened.own());
  }

  private static String head(DataRepository repository) throws IOException {
    try {
      return repository.resolve("HEAD");
    } catch (UnknownRevisionException e) {
      return ""; // nothing was committed yet
    }
  }

  /** Returns the root of the project, or else of the Git work tree, that a directory is in. */
  private static Optional<Path> top(Path directory) {
    for (Path at = directory; at != null; at = at.getParent()) {
      if (Project.isRoot(at) || Files.exists(at.resolve(".git"))) {
        return Optional.of(at);
      }
      if (Files.isDirectory(at.resolve("objects")) && Files.exists(at.resolve("HEAD"))) {
        return Optional.empty(); // a bare repository
      }
    }
    return Optional.empty();
  }

  /** Returns the root of the project that a path is in, which may be one inside of another. */
  private static Path project(Path top, String path) {
    Path wanted = top.resolve(path);
    for (Path at = wanted; at != null && !at.equals(top); at = at.getParent()) {
      if (Project.isRoot(at)) {
        return at;
      }
    }
    return top;
  }
}
