package io.revfs.command.trace;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.project.Project;
import io.revfs.reach.Passages;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceStore;
import io.revfs.trace.TraceSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What callers mean: their working copy, paths in it, runs of it. */
final class WorkingCopies {
  private WorkingCopies() {}

  /** Returns the top of the Git working copy or DVC project that the caller is in, if any. */
  static Optional<Path> find(Invocation call) {
    return Project.findGitRoot(call.directory())
        .or(() -> Project.findRoot(call.directory()))
        .map(Passages::shown);
  }

  /**
   * Returns the top of the Git working copy or DVC project that the caller is in.
   *
   * @throws CommandFailure if it is in none
   */
  static Path root(Invocation call) throws CommandFailure {
    return find(call)
        .orElseThrow(
            () ->
                new CommandFailure(
                    call.directory() + " is neither in a Git repository nor in a DVC project",
                    "go to one, or make one: git init",
                    CommandFailure.NOT_IN_PROJECT));
  }

  /**
   * Returns a path of the caller, from the root.
   *
   * @throws CommandFailure if it is outside
   */
  static String inside(Invocation call, Path root, String path) throws CommandFailure {
    Path place = Passages.shown(call.resolve(path));
    if (!place.startsWith(root) || place.equals(root)) {
      throw new CommandFailure(
          "'%s' is not in %s".formatted(path, root),
          "name a file of the working copy",
          CommandFailure.USAGE);
    }
    return root.relativize(place).toString();
  }

  /**
   * Returns the trace that a caller means: by its id or the only one that begins so; the last one
   * of the caller's working copy, or of all outside of one, if no name is given.
   *
   * @throws CommandFailure if there is none
   */
  static Trace trace(Invocation call, TraceStore store, Optional<String> name) throws IOException {
    List<TraceSummary> all =
        name.isPresent()
            ? store.list("").stream().filter(each -> each.id().startsWith(name.get())).toList()
            : store.list(find(call).map(Path::toString).orElse(""));
    if (name.isPresent() && all.size() > 1) {
      throw new CommandFailure(
          "'%s' begins the names of %d runs".formatted(name.get(), all.size()),
          "see: revfs trace list --all",
          CommandFailure.USAGE);
    }
    Optional<Trace> trace = all.isEmpty() ? Optional.empty() : store.get(all.getLast().id());
    return trace.orElseThrow(
        () ->
            new CommandFailure(
                name.isPresent()
                    ? "there is no run '" + name.get() + "'"
                    : "no run is recorded here",
                "see: revfs trace list --all; record one: revfs run -- COMMAND",
                CommandFailure.FAILED));
  }
}
