package io.revfs.workspace;

import io.revfs.object.ObjectKey;
import io.revfs.posix.FileStat;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import io.revfs.project.FileTrees;
import io.revfs.text.RelativePaths;
import io.revfs.workspace.store.Clock;
import io.revfs.workspace.store.FileStates;
import io.revfs.workspace.store.LinkType;
import io.revfs.workspace.store.Linker;
import io.revfs.workspace.store.ManifestItem;
import io.revfs.workspace.store.Names;
import io.revfs.workspace.store.Parallel;
import io.revfs.workspace.store.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Makes places in the work tree hold objects of the cache. Planned first, so that what would be
 * lost and what is missing is known before anything changes; then done on all cores, each file as a
 * whole. Thread-safe.
 */
public final class Checkout {
  private static final int FILES_AT_ONCE = 1024;

  private final Linker linker;
  private final FileStates states;
  private final Clock clock;
  private final Progress progress;
  private final CheckoutPlanner planner;

  /** Knows places that hold what they should without looking. */
  @FunctionalInterface
  interface Known {
    /** Knows none. */
    Known NOTHING = wanted -> false;

    boolean isRight(Wanted wanted) throws IOException;
  }

  Checkout(
      TreeReader reader,
      Linker linker,
      FileStates states,
      Clock clock,
      Progress progress,
      Known known) {
    this.linker = linker;
    this.states = states;
    this.clock = clock;
    this.progress = progress;
    this.planner = new CheckoutPlanner(reader, linker, states, clock, known);
  }

  /**
   * Returns what must be done.
   *
   * @param relink whether files that are right must also be linked as configured
   */
  public CheckoutPlan plan(Wanted wanted, boolean relink) throws IOException {
    return planner.plan(wanted, relink);
  }

  /**
   * Returns what must be done so that files that were just stored are linked as configured.
   *
   * @param now what {@code wanted} holds, which is what it should
   */
  public CheckoutPlan relinking(Wanted wanted, Contents now) throws IOException {
    return planner.relinking(wanted, now);
  }

  /**
   * Does what was planned. An interrupt leaves every file either as it was or as it should be.
   *
   * @throws IllegalArgumentException if objects are missing
   */
  public void apply(CheckoutPlan plan) throws IOException {
    if (!plan.missing().isEmpty()) {
      throw new IllegalArgumentException("objects are missing: " + plan.missing());
    }
    delete(plan);
    Map<String, List<Making>> byFolder = new HashMap<>();
    Wanted wanted = plan.wanted();
    for (ManifestItem item : plan.added()) {
      groupUnlessShown(wanted, item, true, byFolder);
    }
    for (ManifestItem item : plan.modified()) {
      groupUnlessShown(wanted, item, false, byFolder);
    }
    plan.relinked().forEach(item -> group(byFolder, new Making(item, false)));
    if (wanted.key().manifest()
        && wanted.inside().isEmpty()
        && !PartlyShown.isOutput(wanted.place(), wanted.key())) {
      Files.createDirectories(wanted.place());
    }
    if (!byFolder.isEmpty()) {
      LinkType type = typeOf(wanted);
      progress.expect(plan.added().size() + plan.modified().size() + plan.relinked().size(), 0);
      Parallel.run(pieces(byFolder), () -> (piece, more) -> make(wanted, type, piece));
    }
    if (wanted.executable() && !wanted.key().manifest()) {
      setExecutable(wanted.place());
    }
  }

  /** Only what is independent of the cache can get another mode than the object has. */
  private LinkType typeOf(Wanted wanted) throws IOException {
    LinkType type = linker.typeFor(wanted.place());
    return wanted.executable() && !type.isOwn() ? LinkType.COPY : type;
  }

  private static void setExecutable(Path place) throws IOException {
    byte[] name = Names.bytes(place);
    FileStat stat = Posix.stat(Posix.AT_FDCWD, name, true);
    if (stat != null && !stat.isExecutable()) {
      PosixFailure.check(
          Posix.permissions(Posix.AT_FDCWD, name, stat.permissions() | 0100), place.toString());
    }
  }

  private record Making(ManifestItem item, boolean isNew) {}

  private record Folder(String path, List<Making> files) {}

  /** What an attached working copy shows where nothing is below needs no file. */
  private static void groupUnlessShown(
      Wanted wanted, ManifestItem item, boolean isNew, Map<String, List<Making>> byFolder)
      throws IOException {
    if (!PartlyShown.show(wanted.at(item.path()), item.digest())) {
      group(byFolder, new Making(item, isNew));
    }
  }

  private static void group(Map<String, List<Making>> byFolder, Making making) {
    byFolder
        .computeIfAbsent(RelativePaths.parent(making.item().path()), f -> new ArrayList<>())
        .add(making);
  }

  private static List<Folder> pieces(Map<String, List<Making>> byFolder) {
    List<Folder> pieces = new ArrayList<>();
    byFolder.forEach(
        (folder, files) -> {
          for (int at = 0; at < files.size(); at += FILES_AT_ONCE) {
            int end = Math.min(files.size(), at + FILES_AT_ONCE);
            pieces.add(new Folder(folder, files.subList(at, end)));
          }
        });
    return pieces;
  }

  private void make(Wanted wanted, LinkType type, Folder piece) throws IOException {
    boolean single = !wanted.key().manifest();
    Path folder = single ? wanted.place().getParent() : wanted.at(piece.path());
    if (folder == null) {
      throw new IOException(wanted.place() + " is no place for a file");
    }
    int directory = openMade(folder);
    int from = linker.store().depot(wanted.key().digest().algorithm()).fd();
    List<FileStates.Known> made = new ArrayList<>(piece.files().size());
    try {
      FileStat own = Posix.stat(directory);
      if (own != null) {
        clock.probe(directory, own.device());
      }
      long now = Clock.now();
      for (Making making : piece.files()) {
        ManifestItem item = making.item();
        String last =
            single ? String.valueOf(wanted.place().getFileName()) : RelativePaths.name(item.path());
        byte[] name = Names.bytes(last);
        byte[] object = linker.source(type, ObjectKey.file(item.digest()));
        PosixFailure.check(
            linker.place(type, from, object, directory, name, making.isNew()),
            folder.resolve(last).toString());
        if (type.isOwn()) {
          FileStat stat = Posix.stat(directory, name, true);
          if (stat != null && clock.isSettled(stat, now)) {
            made.add(new FileStates.Known(stat, item.digest()));
          }
        }
      }
    } finally {
      Posix.close(directory);
      states.record(made);
    }
    progress.done(piece.files().size(), 0);
  }

  private static int openMade(Path folder) throws IOException {
    int fd = Posix.open(Posix.AT_FDCWD, Names.bytes(folder), Posix.O_RDONLY | Posix.O_DIRECTORY, 0);
    if (fd >= 0) {
      return fd;
    }
    Files.createDirectories(folder);
    return Names.openDirectory(folder);
  }

  private void delete(CheckoutPlan plan) throws IOException {
    TreeSet<Path> emptied = new TreeSet<>(Comparator.reverseOrder());
    for (FileEntry entry : plan.deleted()) {
      Path file = plan.wanted().at(entry.path());
      if (entry.place() == FileEntry.Place.SHOWN) {
        PartlyShown.hide(file);
        continue;
      }
      int removed = Posix.unlink(Posix.AT_FDCWD, Names.bytes(file));
      if (removed != -PosixFailure.ENOENT) {
        PosixFailure.check(removed, file.toString());
      }
      if (!entry.path().isEmpty() && file.getParent() != null) {
        emptied.add(file.getParent());
      }
    }
    Path place = plan.wanted().place();
    boolean asDirectory = plan.wanted().key().manifest();
    if (!asDirectory && Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
      emptied.add(place);
    }
    while (!emptied.isEmpty()) {
      Path folder = emptied.pollFirst(); // the deepest first
      boolean gone =
          !(asDirectory && folder.equals(place))
              && Posix.removeDirectory(Posix.AT_FDCWD, Names.bytes(folder)) == 0;
      if (gone && folder.getParent() != null) {
        emptied.add(folder.getParent());
      }
    }
  }

  /** Removes all that a reader sees at a place, and directories that are empty then. */
  public static void remove(Path place) throws IOException {
    PartlyShown.hide(place);
    FileTrees.remove(place);
  }
}
