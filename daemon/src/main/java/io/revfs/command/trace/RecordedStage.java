package io.revfs.command.trace;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.command.tracking.Session;
import io.revfs.git.GitCommand;
import io.revfs.reach.Passages;
import io.revfs.stage.Out;
import io.revfs.stage.StageIndex;
import io.revfs.text.RelativePaths;
import io.revfs.trace.CommandLines;
import io.revfs.trace.Deed;
import io.revfs.trace.Trace;
import io.revfs.trace.TracedPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What a stage of {@code dvc.yaml} has to declare so that it says what a run did. Paths are from
 * the project's root, and become those of the caller's directory in the end.
 *
 * <p>A file of an output that is tracked already stands for that output; a directory that the run
 * made stands for all in it. What tools keep for themselves is left out.
 */
final class RecordedStage {
  private static final Pattern PARAMS = Pattern.compile("params\\.(ya?ml|json|toml|py)");
  private static final Set<String> OF_TOOLS =
      Set.of("__pycache__", "node_modules", "site-packages", "venv");
  private static final Set<String> OF_DVC =
      Set.of("dvc.yaml", "dvc.lock", "revfs.lock", ".dvcignore", ".gitignore");
  private static final int GIT_SECONDS = 30;

  private final Trace trace;
  private final Session session;
  private final StageIndex index;

  /** What the trace's paths are from, as the session reaches it. */
  private final Path top;

  private final TreeSet<String> deps = new TreeSet<>();
  private final TreeSet<String> params = new TreeSet<>();
  private final TreeSet<String> outs = new TreeSet<>();
  private final TreeSet<String> persisted = new TreeSet<>();

  private RecordedStage(Trace trace, Session session) throws IOException {
    this.trace = trace;
    this.session = session;
    this.index = session.index();
    this.top = Passages.below(Path.of(trace.root()));
  }

  /**
   * Returns the arguments of {@code stage add}.
   *
   * @param name the stage's
   */
  static ObjectNode arguments(Trace trace, Session session, String name) throws IOException {
    RecordedStage stage = new RecordedStage(trace, session);
    stage.sort(name);
    return stage.arguments(name);
  }

  /** Returns a path of the trace from the project's root; empty if it is outside, or nobody's. */
  private Optional<String> inProject(TracedPath path) {
    Path root = session.project().root();
    Path place = top.resolve(path.path());
    if (path.path().isEmpty() || !place.startsWith(root) || place.equals(root)) {
      return Optional.empty();
    }
    Path relative = root.relativize(place);
    for (Path part : relative) {
      String word = part.toString();
      if (OF_TOOLS.contains(word) || (word.startsWith(".") && !relative.endsWith(word))) {
        return Optional.empty();
      }
    }
    String last = String.valueOf(relative.getFileName());
    boolean ours = OF_DVC.contains(last) || last.endsWith(".dvc") || last.equals(".git");
    return ours ? Optional.empty() : Optional.of(relative.toString());
  }

  private void sort(String name) throws IOException {
    Set<String> made = madeDirectories();
    for (TracedPath path : trace.paths()) {
      Optional<String> at = inProject(path);
      if (at.isEmpty()) {
        continue;
      }
      if (path.isOutput()) {
        String whole = own(at.get(), name).or(() -> above(at.get(), made)).orElse(at.get());
        (path.isInput() ? persisted : outs).add(whole);
      } else if (path.isInput()) {
        input(at.get(), name);
      }
    }
    for (String whole : made) { // also one in which all came by renaming
      if (above(whole, made).isEmpty() && holdsFiles(whole)) {
        outs.add(whole);
      }
    }
    outs.removeIf(path -> above(path, outs).isPresent());
    outs.removeAll(persisted);
    deps.removeIf(path -> outs.contains(path) || above(path, outs).isPresent());
  }

  private void input(String path, String name) throws IOException {
    if (PARAMS.matcher(RelativePaths.name(path)).matches()) {
      params.add(path);
      return;
    }
    Optional<Out> tracked = index.outContaining(path);
    deps.add(tracked.isPresent() && own(path, name).isEmpty() ? tracked.get().path() : path);
  }

  /** Returns the output that a path is in, if the stage has it already. */
  private Optional<String> own(String path, String name) {
    return index
        .outContaining(path)
        .filter(out -> index.owner(out).id().name().equals(name))
        .map(Out::path);
  }

  /** The directories that the run made. */
  private Set<String> madeDirectories() {
    Set<String> made = new HashSet<>();
    for (TracedPath path : trace.paths()) {
      if (path.has(Deed.CREATED) && !path.has(Deed.WRITTEN)) {
        inProject(path).ifPresent(made::add);
      }
    }
    return made;
  }

  private boolean holdsFiles(String directory) throws IOException {
    try (var files = Files.walk(session.project().root().resolve(directory))) {
      return files.anyMatch(Files::isRegularFile);
    }
  }

  /** Returns the topmost of some directories that a path is in. */
  private static Optional<String> above(String path, Set<String> directories) {
    for (int at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
      if (directories.contains(path.substring(0, at))) {
        return Optional.of(path.substring(0, at));
      }
    }
    return Optional.empty();
  }

  private ObjectNode arguments(String name) throws IOException {
    ObjectNode arguments = JsonNodeFactory.instance.objectNode().put("name", name);
    arguments.putArray("command").add(CommandLines.join(trace.command()));
    put(arguments.putArray("deps"), deps, "");
    put(arguments.putArray("params"), params, ":");
    Set<String> git = trackedByGit(outs);
    outs.removeAll(git);
    put(arguments.putArray("outs"), outs, "");
    put(arguments.putArray("outs-no-cache"), git, "");
    Set<String> kept = trackedByGit(persisted);
    persisted.removeAll(kept);
    put(arguments.putArray("outs-persist"), persisted, "");
    put(arguments.putArray("outs-persist-no-cache"), kept, "");
    return arguments;
  }

  private void put(ArrayNode array, Set<String> paths, String suffix) {
    Path from = session.call().directory();
    for (String path : paths) {
      Path place = session.project().root().resolve(path);
      array.add(from.relativize(place) + suffix);
    }
  }

  /** DVC keeps these out of its cache. */
  private Set<String> trackedByGit(Set<String> paths) throws IOException {
    TreeSet<String> tracked = new TreeSet<>();
    if (paths.isEmpty() || session.project().gitRoot().isEmpty()) {
      return tracked;
    }
    for (String path : paths) {
      GitCommand.Result result =
          GitCommand.run(
              session.project().root(), GIT_SECONDS, "ls-files", "--error-unmatch", "--", path);
      if (result.exit() == 0) {
        tracked.add(path);
      }
    }
    return tracked;
  }
}
