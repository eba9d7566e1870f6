package io.revfs.command.record;

import io.revfs.command.CommandFailure;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFileWriter;
import io.revfs.dvc.Output;
import io.revfs.git.GitCommand;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.project.GitIgnoreFile;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.stage.StageId;
import io.revfs.text.AtomicFile;
import io.revfs.workspace.Checkout;
import io.revfs.workspace.Contents;
import io.revfs.workspace.FileEntry;
import io.revfs.workspace.OutFiles;
import io.revfs.workspace.Wanted;
import io.revfs.workspace.store.ManifestItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Records what the work tree holds: the bytes into the cache, then the {@code .dvc} file, then
 * {@code .gitignore}. Whenever it ends, what a {@code .dvc} file names is in the cache, and what
 * Git ignores has a {@code .dvc} file. For one thread.
 */
public final class Recorder {
  private static final long GIT_SECONDS = 60;

  private final Session session;
  private final OutFiles files;
  private final boolean store;
  private final boolean relink;
  private final Map<StageId, List<Out>> written = new HashMap<>();
  private final Set<Path> forGit = new LinkedHashSet<>();

  /**
   * @param store whether the bytes go to the cache
   * @param relink whether the files become links to the cache, as configured
   */
  public Recorder(Session session, boolean store, boolean relink) {
    this.session = session;
    this.files = session.files();
    this.store = store;
    this.relink = relink && store;
  }

  /** Returns an output with what was recorded by this recorder. */
  Out current(Out out) {
    return written.getOrDefault(out.owner(), List.of()).stream()
        .filter(now -> now.path().equals(out.path()))
        .findFirst()
        .orElse(out);
  }

  /** Takes all of an output; returns what is to be recorded of it. */
  public Output take(Out out) throws IOException {
    return take(out, read(out));
  }

  /** Reads an output, and stores it; nothing else is changed. Thread-safe. */
  Contents read(Out out) throws IOException {
    return read(out, files.place(out), algorithm(out))
        .orElseThrow(() -> absent(session.shown(out)));
  }

  /** Takes an output that holds this; returns what is to be recorded of it. */
  Output take(Out out, Contents contents) throws IOException {
    Path place = files.place(out);
    Output now =
        Versions.kept(out.recorded(), OutFiles.recorded(out.recorded(), contents), contents);
    link(out, new Wanted(place, contents.key(), "", now.executable()), contents);
    return now;
  }

  /** Takes a path inside of a directory; returns what is to be recorded of the directory. */
  Output takePart(Out out, String inside) throws IOException {
    Optional<ObjectKey> before = files.key(out);
    if (before.isPresent() && !before.get().manifest()) {
      throw failed(
          "Cannot modify '%s' which is being tracked as a file".formatted(session.shown(out)),
          "track the directory: dvc add " + session.shown(out));
    }
    Path place = files.place(out);
    Path path = place.resolve(inside);
    Optional<Contents> part = read(out, path, OutFiles.algorithm(out));
    boolean had = had(before, inside);
    if (part.isEmpty() && !had) {
      throw absent(session.shown(path));
    }
    Contents.Directory now = files.replaced(before, inside, part, store && out.cached());
    if (part.isPresent()) {
      link(out, new Wanted(place, now.key(), inside, false), part.get());
    }
    Output old = out.recorded();
    if (!old.files().isEmpty()) {
      return Versions.kept(old, old, now);
    }
    OptionalLong size = OptionalLong.empty();
    if (before.isPresent() && before.get().equals(now.key())) {
      size = old.size();
    } else if (!had && part.isPresent() && old.size().orElse(0) > 0) {
      size = OptionalLong.of(old.size().getAsLong() + part.get().size());
    }
    return new Output(
        old.path(),
        Optional.of(now.key()),
        size,
        OptionalLong.of(now.entries().size()),
        false,
        old.cached(),
        old.remote(),
        old.push(),
        List.of(),
        Map.of(),
        old.line());
  }

  /** DVC 2's hashes stay as long as the data does. */
  private Digest.Algorithm algorithm(Out out) throws IOException {
    Digest.Algorithm recorded = OutFiles.algorithm(out);
    return recorded == Digest.Algorithm.MD5 || files.workStatus(out).isPresent()
        ? Digest.Algorithm.MD5
        : recorded;
  }

  private Optional<Contents> read(Out out, Path path, Digest.Algorithm algorithm)
      throws IOException {
    return store && out.cached()
        ? files.store(path, algorithm, relink)
        : files.contents(path, algorithm);
  }

  private boolean had(Optional<ObjectKey> manifest, String inside) throws IOException {
    if (manifest.isEmpty()) {
      return false;
    }
    List<ManifestItem> items = files.items(manifest.get()).orElse(List.of());
    return items.stream()
        .map(ManifestItem::path)
        .anyMatch(path -> path.equals(inside) || path.startsWith(inside + "/"));
  }

  private void link(Out out, Wanted wanted, Contents contents) throws IOException {
    if (!relink || !out.cached()) {
      return;
    }
    boolean own = session.workspace().linker().typeFor(wanted.place()).isOwn();
    if (!own || !areOwn(contents)) {
      Checkout checkout = files.checkout();
      checkout.apply(checkout.relinking(wanted, contents));
    }
    if (wanted.inside().isEmpty()) {
      session
          .workspace()
          .remembered()
          .put(session.project().root(), Map.of(out.path(), wanted.key()));
    }
  }

  private static boolean areOwn(Contents contents) {
    return switch (contents) {
      case Contents.File file -> isOwn(file.entry());
      case Contents.Directory directory -> directory.entries().stream().allMatch(Recorder::isOwn);
    };
  }

  private static boolean isOwn(FileEntry entry) {
    return entry.place() == FileEntry.Place.OWN || entry.place() == FileEntry.Place.SHOWN;
  }

  /** Writes the {@code .dvc} file of an output that is tracked anew. */
  public void writeNew(Out out, Output now) throws IOException {
    write(out.owner(), DvcFileWriter.fresh(now));
    written.put(out.owner(), List.of(out.with(now)));
    ignore(out);
  }

  /** Writes the {@code .dvc} file of an output whose content is known, an import's for instance. */
  public void write(Out out, byte[] content) throws IOException {
    write(out.owner(), content);
    ignore(out);
  }

  /** Writes the {@code .dvc} file of a stage, of which one output is other now. */
  public void write(Stage stage, Out out, Output now) throws IOException {
    List<Out> outs = new ArrayList<>();
    for (Out each : written.getOrDefault(stage.id(), stage.outs())) {
      outs.add(each.path().equals(out.path()) ? each.with(now) : each);
    }
    String file = stage.id().file();
    byte[] before = Files.readAllBytes(path(stage.id()));
    List<Output> outputs = outs.stream().map(Out::recorded).toList();
    byte[] after = DvcFileWriter.updated(file, before, outputs);
    if (!Arrays.equals(before, after)) {
      write(stage.id(), after);
    }
    forGit.add(path(stage.id()));
    written.put(stage.id(), outs);
    ignore(out);
  }

  /**
   * Writes the {@code .dvc} file of an output that is tracked anew, or is what another output of
   * that place was.
   *
   * @param notHere whether the data is on a remote only: then Git has nothing to ignore
   */
  public void writeElsewhere(Out out, Output now, boolean notHere) throws IOException {
    Path file = path(out.owner());
    byte[] content =
        Files.exists(file)
            ? DvcFileWriter.updated(out.owner().file(), Files.readAllBytes(file), List.of(now))
            : DvcFileWriter.fresh(now);
    write(out.owner(), content);
    if (!notHere) {
      ignore(out);
    }
  }

  private void write(StageId id, byte[] content) throws IOException {
    write(path(id), content);
  }

  /** Writes a file that Git should have. */
  public void write(Path file, byte[] content) throws IOException {
    AtomicFile.replace(file, content, session.call().umask());
    forGit.add(file);
  }

  private Path path(StageId id) {
    return session.project().root().resolve(id.file());
  }

  /** Makes Git ignore an output that is cached. */
  public void ignore(Out out) throws IOException {
    Optional<Path> git = session.project().gitRoot();
    if (git.isPresent() && out.cached()) {
      GitIgnoreFile file = new GitIgnoreFile(git.get(), files.place(out));
      if (file.add(session.call().umask())) {
        forGit.add(file.file());
      }
    }
  }

  /**
   * Refuses an output that Git has: both would write it.
   *
   * @throws CommandFailure if Git tracks it or something inside
   */
  public void checkNotInGit(Out out) throws IOException {
    Optional<Path> git = session.project().gitRoot();
    if (git.isPresent()
        && out.cached()
        && new GitIgnoreFile(git.get(), files.place(out)).isDataTracked()) {
      String shown = session.shown(out);
      throw failed(
          "output '%s' is already tracked by SCM (e.g. Git).".formatted(shown),
          "take it out of Git first: git rm -r --cached '%s' && git commit -m \"stop tracking %s\""
              .formatted(shown, shown));
    }
  }

  /** Tells of a file that Git should get, or that is gone. */
  public void changed(Path file) {
    forGit.add(file);
  }

  /** Says which files Git should get, or gives it them if {@code core.autostage} is on. */
  public void tellGit() throws IOException {
    Optional<Path> git = session.project().gitRoot();
    if (git.isEmpty() || forGit.isEmpty()) {
      return;
    }
    if (session.project().isSet("core", "autostage", false)) {
      List<String> words = new ArrayList<>(List.of("--literal-pathspecs", "add", "--"));
      forGit.forEach(file -> words.add(file.toString()));
      GitCommand.Result result =
          GitCommand.run(git.get(), GIT_SECONDS, words.toArray(String[]::new));
      if (result.exit() != 0) {
        throw new IOException("git add: " + result.output().strip());
      }
      return;
    }
    List<String> shown = forGit.stream().map(file -> quoted(session.shown(file))).toList();
    session
        .call()
        .out(
            "\nTo track the changes with git, run:\n\n\tgit add %s\n\nTo enable auto staging, run:\n\n\tdvc config core.autostage true"
                .formatted(String.join(" ", shown)));
  }

  private static String quoted(String path) {
    return path.matches("[\\w@%+=:,./-]+") ? path : "'" + path.replace("'", "'\"'\"'") + "'";
  }

  static CommandFailure absent(String path) {
    return failed("output '%s' does not exist".formatted(path), "make it, or correct the path");
  }

  public static CommandFailure failed(String message, String whatToDo) {
    return new CommandFailure(message, whatToDo, CommandFailure.FAILED);
  }
}
