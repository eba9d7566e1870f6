package io.revfs.command.record;

import io.revfs.command.CommandFailure;
import io.revfs.command.tracking.Session;
import io.revfs.reach.Passages;
import io.revfs.stage.Out;
import io.revfs.stage.Place;
import io.revfs.stage.Stage;
import io.revfs.stage.StageLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds out what {@code add} and imports are to track, and refuses what cannot be, before anything
 * changes.
 */
public final class AddTargets {
  private final Session session;
  private final Path root;
  private final boolean force;
  private final List<Addition> additions = new ArrayList<>();

  /** {@code force}: whether a {@code .dvc} file that tracks something else may be replaced. */
  public AddTargets(Session session, boolean force) {
    this.session = session;
    this.root = session.project().root();
    this.force = force;
  }

  /**
   * Something to track.
   *
   * @param stage whose output it is already; empty if it is new
   * @param inside the path from the output that is meant; empty: all of it
   */
  record Addition(Out out, Optional<Stage> stage, String inside) {}

  /**
   * Returns what targets mean, in their order.
   *
   * @throws CommandFailure if one cannot be tracked
   */
  List<Addition> of(List<String> targets) throws IOException {
    session.index().checkOutputs();
    for (String target : targets) {
      additions.add(addition(target));
    }
    return additions;
  }

  private Addition addition(String target) throws IOException {
    Path path = place(target);
    String inProject = session.project().relative(path);
    Optional<Out> known = session.index().outContaining(inProject);
    if (known.isPresent()) {
      return existing(known.get(), inProject);
    }
    return fresh(path, inProject);
  }

  /** Returns where a target is, which must be a place where an output can be. */
  private Path place(String target) throws IOException {
    if (!Place.of(target, "", root).isLocal()) {
      throw outside(target);
    }
    Path path = session.call().resolve(target);
    if (!path.startsWith(root)) {
      throw outside(target);
    }
    if (path.equals(root)) {
      throw Recorder.failed("the root of the project cannot be an output", "add what is in it");
    }
    checkNoLinks(path);
    if (StageLoader.isStageFile(path.toString())) {
      throw Recorder.failed(
          "DVC file '%s' cannot be an output.".formatted(target),
          "add the data that it tracks, or: dvc commit " + target);
    }
    session.checkSeen(path);
    return path;
  }

  /**
   * Returns the output that an import makes; it may be there already if it is the one of the {@code
   * .dvc} file beside it.
   *
   * @throws CommandFailure if there cannot be an output, or another stage has it
   */
  public Out imported(String target) throws IOException {
    Path path = place(target);
    String inProject = session.project().relative(path);
    Optional<Out> known = session.index().outContaining(inProject);
    if (known.isPresent() && !known.get().owner().equals(Out.untracked(inProject).owner())) {
      String owner = known.get().owner().addressing(session.from());
      throw Recorder.failed(
          "output '%s' is already specified in stage: '%s'.".formatted(target, owner),
          "stop tracking it first: dvc remove " + owner);
    }
    checkNothingBelow(path, inProject);
    return Out.untracked(inProject);
  }

  private static CommandFailure outside(String target) {
    return Recorder.failed(
        "Cached output(s) outside of DVC project: %s.".formatted(target),
        "copy it into the project first");
  }

  private void checkNoLinks(Path path) throws CommandFailure {
    for (Path at = path.getParent(); at != null && !at.equals(root); at = at.getParent()) {
      if (Files.isSymbolicLink(at)) {
        throw linked(at);
      }
    }
    if (Files.isSymbolicLink(path) && Files.isDirectory(path)) {
      throw linked(path);
    }
  }

  private CommandFailure linked(Path directory) {
    return Recorder.failed(
        "Cannot add files inside symlinked directories to DVC: '%s' is a symbolic link"
            .formatted(session.shown(directory)),
        "add what it leads to, if that is in the project");
  }

  private Addition existing(Out out, String path) throws IOException {
    Stage stage = session.index().owner(out);
    if (stage.isPipeline() || stage.command().isPresent()) {
      throw Recorder.failed(
          "cannot update '%s': overlaps with an output of %s"
              .formatted(session.shown(out), stage.id().addressing(session.from())),
          "run the pipeline, which makes it");
    }
    String inside =
        path.length() > out.path().length() ? path.substring(out.path().length() + 1) : "";
    return new Addition(out, Optional.of(stage), inside);
  }

  private Addition fresh(Path path, String inProject) throws IOException {
    if (!Passages.exists(path)) {
      throw Recorder.absent(session.shown(path));
    }
    checkNothingBelow(path, inProject);
    for (Addition other : additions) {
      String there = other.out().path();
      if (there.startsWith(inProject + "/") || inProject.startsWith(there + "/")) {
        throw Recorder.failed(
            "Cannot add '%s', because it is overlapping with '%s'."
                .formatted(session.shown(path), session.shown(other.out())),
            "name one of them only");
      }
    }
    String file = inProject + ".dvc";
    if (!force && Files.exists(root.resolve(file), LinkOption.NOFOLLOW_LINKS)) {
      throw Recorder.failed(
          "'%s' is there already and does not track '%s'"
              .formatted(session.shown(root.resolve(file)), session.shown(path)),
          "add -f to replace it");
    }
    return new Addition(Out.untracked(inProject), Optional.empty(), "");
  }

  private void checkNothingBelow(Path path, String inProject) throws IOException {
    Optional<Out> first =
        session.index().outsBelow(inProject).stream()
            .filter(out -> !out.path().equals(inProject))
            .findFirst();
    if (first.isPresent()) {
      throw Recorder.failed(
          "Cannot add '%s', because it is overlapping with other DVC tracked output: '%s'."
              .formatted(session.shown(path), session.shown(first.get())),
          "remove it first: dvc remove "
              + session.index().owner(first.get()).id().addressing(session.from()));
    }
  }
}
