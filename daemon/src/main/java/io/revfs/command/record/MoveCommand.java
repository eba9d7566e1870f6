package io.revfs.command.record;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.project.GitIgnoreFile;
import io.revfs.reach.Passages;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.stage.StageLoader;
import io.revfs.workspace.Workspaces;
import io.revfs.workspace.store.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * {@code move}: gives tracked data another place, and its {@code .dvc} file too if that is named
 * after it. The new file is written before anything goes: whenever it ends, the data is tracked.
 */
final class MoveCommand implements Command {
  private final Workspaces workspaces;

  MoveCommand(Workspaces workspaces) {
    this.workspaces = workspaces;
  }

  @Override
  public String name() {
    return "move";
  }

  @Override
  public void run(Invocation call) throws IOException {
    String what =
        "failed to move '%s' -> '%s' - ".formatted(call.required("src"), call.required("dst"));
    try (Session session = Session.open(call, workspaces, "Moving");
        var lock = session.lock()) {
      new Move(session).run();
    } catch (CommandFailure e) {
      throw new CommandFailure(what + e.getMessage(), e.whatToDo(), e.exit(), e);
    } catch (RefusedException e) {
      throw new CommandFailure(what + e.getMessage(), e.whatToDo(), CommandFailure.FAILED, e);
    }
  }

  /** One move. */
  private static final class Move {
    private final Session session;
    private final Invocation call;
    private final StageEdits edits;
    private final Path from;
    private final Path to;

    Move(Session session) throws IOException {
      this.session = session;
      this.call = session.call();
      this.edits = new StageEdits(session);
      this.from = call.resolve(call.required("src"));
      Path named = call.resolve(call.required("dst"));
      this.to =
          Passages.isDirectory(named) ? named.resolve(String.valueOf(from.getFileName())) : named;
    }

    void run() throws IOException {
      Out out = tracked();
      Stage stage = session.index().owner(out);
      boolean renamed = stage.outs().size() == 1 && isNamedAfterData(stage);
      Path file = renamed ? withSuffix(to) : edits.file(stage);
      checkDestination(renamed);
      session.checkFree(List.of(out));
      Recorder recorder = new Recorder(session, true, true);
      edits.rewriteMoved(stage, out, file, to);
      Stage moved = edits.named(session.shown(file)).getFirst();
      Out there =
          moved.outs().stream()
              .filter(each -> session.files().place(each).equals(to))
              .findFirst()
              .orElseThrow();
      recorder.ignore(there);
      Passages.bringBelow(from);
      boolean isHere = Files.exists(from, LinkOption.NOFOLLOW_LINKS);
      if (isHere) {
        rename(stage, file);
      } else {
        call.warn("WARNING: '%s' missing".formatted(from));
      }
      forget(out, recorder);
      if (renamed) {
        Files.deleteIfExists(edits.file(stage));
        recorder.changed(edits.file(stage));
      }
      recorder.changed(file);
      if (isHere) {
        recorder.write(moved, there, recorder.take(there));
      }
      recorder.tellGit();
    }

    private Out tracked() throws IOException {
      Optional<Out> out =
          session.project().contains(from)
              ? session.index().outAt(session.project().relative(from))
              : Optional.empty();
      if (out.isEmpty()) {
        throw Recorder.failed(
            "unable to find DVC file with output '%s'".formatted(session.shown(from)),
            "name data that is tracked; other files are moved by mv, or git mv");
      }
      Stage stage = session.index().owner(out.get());
      if (stage.isPipeline() || stage.command().isPresent()) {
        String name = stage.id().addressing(session.from());
        throw Recorder.failed(
            "move is not permitted for stages that are not data sources. You need to either move"
                + " '%s' to a new location or edit it by hand.".formatted(name),
            "edit " + session.shown(edits.file(stage)));
      }
      return out.get();
    }

    private boolean isNamedAfterData(Stage stage) {
      return String.valueOf(edits.file(stage).getFileName())
          .equals(String.valueOf(withSuffix(from).getFileName()));
    }

    private static Path withSuffix(Path data) {
      return data.resolveSibling(data.getFileName() + StageLoader.SUFFIX);
    }

    private void checkDestination(boolean renamed) throws IOException {
      if (!session.project().contains(to) || to.equals(session.project().root())) {
        throw Recorder.failed(
            "'%s' is outside of DVC repo".formatted(to), "move it to a place in the project");
      }
      if (to.startsWith(from)) {
        throw Recorder.failed("that is in the data itself", "move it somewhere else");
      }
      Path parent = to.resolveSibling("").normalize();
      if (!Passages.isDirectory(parent)) {
        throw Recorder.failed(
            "stage working dir '%s' does not exist".formatted(parent),
            "make it first: mkdir -p " + session.shown(parent));
      }
      if (Passages.exists(to)) {
        throw Recorder.failed(
            "'%s' exists already".formatted(session.shown(to)), "remove it, or name another place");
      }
      if (renamed && Files.exists(withSuffix(to), LinkOption.NOFOLLOW_LINKS)) {
        throw Recorder.failed(
            "'%s' already exists".formatted(session.shown(withSuffix(to))),
            "remove it, or name another place");
      }
      session.checkSeen(to);
      String path = session.project().relative(to);
      Optional<Out> around = session.index().outContaining(path);
      if (around.isPresent()) {
        throw Recorder.failed(
            "'%s' is in the tracked '%s'".formatted(session.shown(to), session.shown(around.get())),
            "name another place");
      }
    }

    private void rename(Stage stage, Path file) throws IOException {
      try {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        if (!file.equals(edits.file(stage))) {
          Files.deleteIfExists(file);
        }
        throw Recorder.failed(
            "cannot rename the data: " + e, "both places must be on one file system");
      }
    }

    private void forget(Out out, Recorder recorder) throws IOException {
      session.workspace().remembered().remove(session.project().root(), out.path());
      Optional<Path> git = session.project().gitRoot();
      if (git.isPresent() && out.cached()) {
        GitIgnoreFile ignore = new GitIgnoreFile(git.get(), from);
        if (ignore.remove(call.umask())) {
          recorder.changed(ignore.file());
        }
      }
    }
  }
}
