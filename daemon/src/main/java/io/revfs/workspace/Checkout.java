package io.revfs.workspace;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.posix.FileStat;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import io.revfs.workspace.store.Clock;
import io.revfs.workspace.store.FileStates;
import io.revfs.workspace.store.LinkType;
import io.revfs.workspace.store.Linker;
import io.revfs.workspace.store.ManifestItem;
import io.revfs.workspace.store.Names;
import io.revfs.workspace.store.Parallel;
import io.revfs.workspace.store.Progress;
import io.revfs.workspace.store.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes places in the work tree hold objects of the cache. Planned first, so that what would be
 * lost and what is missing is known before anything changes; then done on all cores, each file as a
 * whole. Thread-safe.
 *
 * <p>Long, as each kind of difference between a place and an object is planned and made here.
 */
public final class Checkout {
  private static final int FILES_AT_ONCE = 1024;

  private final TreeReader reader;
  private final Linker linker;
  private final FileStates states;
  private final Clock clock;
  private final Progress progress;
  private final Known known;

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
    this.known = known;
    this.reader = reader;
    this.linker = linker;
    this.states = states;
    this.clock = clock;
    this.progress = progress;
  }

  /**
   * Returns what must be done.
   *
   * @param relink whether files that are right must also be linked as configured
   */
  public CheckoutPlan plan(Wanted wanted, boolean relink) throws IOException {
    if (!relink && known.isRight(wanted)) {
      return new CheckoutPlan(
          wanted, true, List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
    }
    Digest.Algorithm algorithm = wanted.key().digest().algorithm();
    Optional<Contents> before = reader.by(algorithm).read(wanted.meant());
    List<FileEntry> old = before.map(contents -> entries(contents, wanted)).orElse(List.of());
    Optional<List<ManifestItem>> manifest = items(wanted);
    if (manifest.isEmpty()) {
      List<String> missing = List.of(wanted.key().toString());
      return new CheckoutPlan(
          wanted,
          before.isPresent(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          missing);
    }
    List<ManifestItem> added = new ArrayList<>();
    List<ManifestItem> modified = new ArrayList<>();
    List<ManifestItem> relinked = new ArrayList<>();
    Map<String, FileEntry> left = new HashMap<>(old.size() * 2);
    old.forEach(entry -> left.put(entry.path(), entry));
    List<FileEntry> overwritten = new ArrayList<>();
    LinkType type = relink ? linker.typeFor(wanted.place()) : LinkType.COPY;
    for (ManifestItem item : manifest.get()) {
      FileEntry there = left.remove(item.path());
      if (there == null) {
        added.add(item);
      } else if (!there.digest().equals(item.digest())) {
        modified.add(item);
        overwritten.add(there);
      } else if (relink && needsRelink(wanted, there, type)) {
        relinked.add(item);
      }
    }
    List<FileEntry> deleted = new ArrayList<>(left.values());
    deleted.sort(Comparator.comparing(FileEntry::path, Names.BY_CODE_POINT));
    overwritten.addAll(deleted);
    return new CheckoutPlan(
        wanted,
        before.isPresent(),
        added,
        modified,
        deleted,
        relinked,
        unsaved(wanted, overwritten),
        missing(wanted, added, modified, relinked));
  }

  /**
   * Returns what must be done so that files that were just stored are linked as configured.
   *
   * @param now what {@code wanted} holds, which is what it should
   */
  public CheckoutPlan relinking(Wanted wanted, Contents now) throws IOException {
    LinkType type = linker.typeFor(wanted.place());
    List<ManifestItem> relinked = Collections.synchronizedList(new ArrayList<>());
    eachOf(
        entries(now, wanted),
        entry -> {
          if (needsRelink(wanted, entry, type)) {
            relinked.add(new ManifestItem(entry.path(), entry.digest()));
          }
        });
    checkUnchanged(wanted, relinked);
    return new CheckoutPlan(
        wanted,
        true,
        List.of(),
        List.of(),
        List.of(),
        List.copyOf(relinked),
        List.of(),
        missing(wanted, relinked));
  }

  /** Files that are replaced by links must be what was stored: what came since would be lost. */
  private void checkUnchanged(Wanted wanted, List<ManifestItem> items) throws IOException {
    if (items.isEmpty()) {
      return;
    }
    TreeReader by = reader.by(wanted.key().digest().algorithm());
    Map<String, Digest> now = new HashMap<>();
    if (wanted.key().manifest()) {
      Set<String> folders = new HashSet<>();
      items.forEach(item -> folders.add(folder(item.path())));
      by.readFolders(wanted.place(), folders)
          .forEach(entry -> now.put(entry.path(), entry.digest()));
    } else {
      by.read(wanted.place()).ifPresent(contents -> now.put("", contents.key().digest()));
    }
    for (ManifestItem item : items) {
      if (!item.digest().equals(now.get(item.path()))) {
        throw new RefusedException(
            "'%s' changes while it is added".formatted(at(wanted, item.path())),
            "wait until nothing writes to it, then try again");
      }
    }
  }

  private static List<FileEntry> entries(Contents contents, Wanted wanted) {
    return switch (contents) {
      case Contents.File file -> List.of(moved(file.entry(), wanted.inside()));
      case Contents.Directory directory when wanted.inside().isEmpty() -> directory.entries();
      case Contents.Directory directory ->
          directory.entries().stream()
              .map(entry -> moved(entry, wanted.inside() + "/" + entry.path()))
              .toList();
    };
  }

  private static FileEntry moved(FileEntry entry, String path) {
    return new FileEntry(path, entry.digest(), entry.size(), entry.mode(), entry.place());
  }

  /** Returns the files that are wanted; empty if the cache lacks the manifest. */
  private Optional<List<ManifestItem>> items(Wanted wanted) throws IOException {
    ObjectKey key = wanted.key();
    if (!key.manifest()) {
      return Optional.of(List.of(new ManifestItem("", key.digest())));
    }
    Optional<List<ManifestItem>> all = PartlyShown.items(linker.store(), key);
    return wanted.inside().isEmpty()
        ? all
        : all.map(list -> list.stream().filter(item -> wanted.means(item.path())).toList());
  }

  private boolean needsRelink(Wanted wanted, FileEntry there, LinkType type) {
    if (there.place() == FileEntry.Place.SHOWN) {
      return false;
    }
    return switch (type) {
      case COPY, REFLINK -> there.place() != FileEntry.Place.OWN;
      case HARDLINK -> {
        if (wanted.executable()) {
          yield there.place() != FileEntry.Place.OWN;
        }
        FileStat file = Posix.stat(Posix.AT_FDCWD, Names.bytes(at(wanted, there.path())), false);
        byte[] object = linker.store().pathBytes(ObjectKey.file(there.digest()));
        FileStat stored = Posix.stat(Posix.AT_FDCWD, object, false);
        yield file == null
            || stored == null
            || file.inode() != stored.inode()
            || file.device() != stored.device();
      }
      case SYMLINK -> {
        if (wanted.executable()) {
          yield there.place() != FileEntry.Place.OWN;
        }
        byte[] target = Posix.readLink(Posix.AT_FDCWD, Names.bytes(at(wanted, there.path())));
        byte[] object = Linker.linked(linker.store(), ObjectKey.file(there.digest()));
        yield target == null || !java.util.Arrays.equals(target, object);
      }
    };
  }

  private static Path at(Wanted wanted, String path) {
    return path.isEmpty() ? wanted.place() : wanted.place().resolve(path);
  }

  private List<Path> unsaved(Wanted wanted, List<FileEntry> lost) throws IOException {
    List<Path> unsaved = Collections.synchronizedList(new ArrayList<>());
    eachOf(
        lost,
        entry -> {
          if (!linker.store().exists(ObjectKey.file(entry.digest()))) {
            unsaved.add(at(wanted, entry.path()));
          }
        });
    Collections.sort(unsaved);
    return unsaved;
  }

  @SafeVarargs
  private List<String> missing(Wanted wanted, List<ManifestItem>... items) throws IOException {
    List<ManifestItem> all = new ArrayList<>();
    for (List<ManifestItem> list : items) {
      all.addAll(list);
    }
    List<String> missing = Collections.synchronizedList(new ArrayList<>());
    boolean links = !all.isEmpty() && !linker.typeFor(wanted.place()).isOwn();
    eachPiece(
        all,
        piece -> {
          List<FileStates.Known> there = new ArrayList<>(piece.size());
          long now = Clock.now();
          for (ManifestItem item : piece) {
            FileStat object = linker.store().find(ObjectKey.file(item.digest()));
            if (object == null && PartlyShown.canShow(at(wanted, item.path()), item.digest())) {
              continue;
            }
            if (object == null) {
              missing.add(at(wanted, item.path()) + " (" + item.digest() + ")");
            } else if (links && object.isProtected() && clock.isSettled(object, now)) {
              there.add(new FileStates.Known(object, item.digest()));
            }
          }
          remember(there);
        });
    Collections.sort(missing);
    return missing;
  }

  /** Something to do with one file. */
  private interface Step<T> {
    void take(T item) throws IOException;
  }

  private static <T> void eachOf(List<T> items, Step<T> step) throws IOException {
    eachPiece(
        items,
        piece -> {
          for (T item : piece) {
            step.take(item);
          }
        });
  }

  private static <T> void eachPiece(List<T> items, Step<List<T>> step) throws IOException {
    if (items.size() <= FILES_AT_ONCE) {
      step.take(items);
      return;
    }
    List<List<T>> pieces = new ArrayList<>();
    for (int at = 0; at < items.size(); at += FILES_AT_ONCE) {
      pieces.add(items.subList(at, Math.min(items.size(), at + FILES_AT_ONCE)));
    }
    Parallel.run(pieces, () -> (piece, more) -> step.take(piece));
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
    if (!PartlyShown.show(at(wanted, item.path()), item.digest())) {
      group(byFolder, new Making(item, isNew));
    }
  }

  private static void group(Map<String, List<Making>> byFolder, Making making) {
    byFolder.computeIfAbsent(folder(making.item().path()), f -> new ArrayList<>()).add(making);
  }

  private static String folder(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
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
    Path folder = single ? wanted.place().getParent() : at(wanted, piece.path());
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
        String last = single ? String.valueOf(wanted.place().getFileName()) : last(item.path());
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

  /**
   * Notes what objects hold that are about to be linked: the links are the same files. Those that
   * are known need not be written again.
   */
  private void remember(List<FileStates.Known> made) {
    if (made.isEmpty()) {
      return;
    }
    Digest.Algorithm algorithm = made.getFirst().digest().algorithm();
    @Nullable Digest[] known =
        states.find(made.stream().map(FileStates.Known::stat).toList(), algorithm);
    List<FileStates.Known> learned = new ArrayList<>();
    for (int i = 0; i < known.length; i++) {
      if (!made.get(i).digest().equals(known[i])) {
        learned.add(made.get(i));
      }
    }
    states.record(learned);
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
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
      Path file = at(plan.wanted(), entry.path());
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
    if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(place);
      return;
    }
    try (var below = Files.walk(place)) {
      for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
