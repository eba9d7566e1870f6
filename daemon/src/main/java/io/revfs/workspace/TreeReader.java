package io.revfs.workspace;

import io.revfs.dvc.manifest.ManifestStream;
import io.revfs.fuse.FileNames;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.posix.FileCalls;
import io.revfs.posix.FileStat;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import io.revfs.reach.Passages;
import io.revfs.workspace.store.Clock;
import io.revfs.workspace.store.FileHasher;
import io.revfs.workspace.store.FileStates;
import io.revfs.workspace.store.Hashers;
import io.revfs.workspace.store.Intake;
import io.revfs.workspace.store.ManifestSink;
import io.revfs.workspace.store.Names;
import io.revfs.workspace.store.ObjectStore;
import io.revfs.workspace.store.Parallel;
import io.revfs.workspace.store.Progress;
import io.revfs.workspace.store.RefusedException;
import io.revfs.workspace.watch.WatchedTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a place in the work tree holds, on all cores, and if there is a store puts it there.
 * Files that {@link FileStates} knows are not read. Thread-safe.
 *
 * <p>As DVC does: symbolic links to files count as the files, those to directories are passed over;
 * what is neither file nor directory, links that lead nowhere, names that are not UTF-8 and ignore
 * files inside are refused.
 */
public final class TreeReader {
  private static final int FILES_AT_ONCE = 1024;
  private static final String IGNORE_FILE = ".dvcignore";

  // dirent.h
  private static final int DIRECTORY = 4;
  private static final int FILE = 8;
  private static final int SYMBOLIC_LINK = 10;
  private static final int UNKNOWN = 0;

  private final Knowledge knowledge;
  private final IgnoreFilter ignored;
  private final Digest.Algorithm algorithm;
  private final Progress progress;
  private final @Nullable ObjectStore store;
  private final boolean byLink;

  private TreeReader(
      Knowledge knowledge,
      IgnoreFilter ignored,
      Digest.Algorithm algorithm,
      Progress progress,
      @Nullable ObjectStore store,
      boolean byLink) {
    this.knowledge = knowledge;
    this.ignored = ignored;
    this.algorithm = algorithm;
    this.progress = progress;
    this.store = store;
    this.byLink = byLink;
  }

  /**
   * What readers share.
   *
   * @param states what is known of files
   * @param clock when that can be believed
   * @param hashers how many files are read at once
   */
  record Knowledge(FileStates states, Clock clock, Hashers hashers) {}

  TreeReader(Knowledge knowledge) {
    this(knowledge, IgnoreFilter.NOTHING, Digest.Algorithm.MD5, Progress.NONE, null, false);
  }

  /** Returns a reader that passes over what is ignored. */
  public TreeReader ignoring(IgnoreFilter filter) {
    return new TreeReader(knowledge, filter, algorithm, progress, store, byLink);
  }

  /** Returns a reader that hashes so: {@code MD5}, or DVC 2's. */
  public TreeReader by(Digest.Algorithm kind) {
    return new TreeReader(knowledge, ignored, kind, progress, store, byLink);
  }

  /** Returns a reader that tells how far it is. */
  public TreeReader telling(Progress listener) {
    return new TreeReader(knowledge, ignored, algorithm, listener, store, byLink);
  }

  /**
   * Returns a reader that puts into a store what it reads, the files before the manifest.
   *
   * @param asLinks whether an object may be the file itself, which then nobody may write to
   */
  public TreeReader storing(ObjectStore into, boolean asLinks) {
    return new TreeReader(knowledge, ignored, algorithm, progress, into, asLinks);
  }

  /** Returns the digest of a file that the kernel says this of, if it is known without reading. */
  public Optional<Digest> known(FileStat stat) {
    return Optional.ofNullable(knowledge.states().find(stat, algorithm));
  }

  /** Returns the digest of the file at a place, if it is one that is known without reading. */
  public Optional<Digest> known(Path place) {
    FileStat stat = Posix.stat(Posix.AT_FDCWD, Names.bytes(place), true);
    return stat != null && stat.isFile() ? known(stat) : Optional.empty();
  }

  /**
   * Reads a file or directory; empty if nothing is there.
   *
   * @throws RefusedException if it, or something in it, cannot be tracked
   */
  public Optional<Contents> read(Path place) throws IOException {
    Optional<Passages.Place> covered = Passages.at(place);
    Optional<Contents> found = read(place, null, covered);
    return found.isPresent() || covered.isEmpty()
        ? found
        : new ShownContents(this, algorithm).read(covered.get());
  }

  /**
   * As the other one, of what really lies there; a directory is watched from before it is read, if
   * {@code watch} is given.
   */
  Optional<Contents> read(Path place, @Nullable WatchedTree watch) throws IOException {
    return read(place, watch, Optional.empty());
  }

  /** {@code covered}: what is shown there is read too. */
  private Optional<Contents> read(
      Path place, @Nullable WatchedTree watch, Optional<Passages.Place> covered)
      throws IOException {
    Optional<Path> target =
        Files.isSymbolicLink(place)
            ? Passages.target(place.resolveSibling(""), Files.readSymbolicLink(place).toString())
            : Optional.empty();
    FileStat stat = Posix.stat(Posix.AT_FDCWD, Names.bytes(target.orElse(place)), true);
    if (stat == null) {
      FileStat link = Posix.stat(Posix.AT_FDCWD, Names.bytes(place), false);
      if (link != null && link.isSymbolicLink()) {
        throw brokenLink(place.toString());
      }
      return Optional.empty();
    }
    Run run = new Run(place, watch);
    if (stat.isDirectory()) {
      Parallel.run(
          List.<Piece>of(new FolderPiece("", true)), knowledge.hashers().threads(), run::worker);
      if (covered.isPresent()) {
        run.entries.addAll(new ShownContents(this, algorithm).entries(covered.get()));
      }
      return Optional.of(run.directory());
    }
    if (!stat.isFile()) {
      throw special(place.toString());
    }
    FileStat link = Posix.stat(Posix.AT_FDCWD, Names.bytes(place), false);
    int type = link != null && link.isSymbolicLink() ? SYMBOLIC_LINK : FILE;
    Path parent = place.toAbsolutePath().getParent();
    Path name = place.getFileName();
    if (parent == null || name == null) {
      throw new NoSuchFileException(place.toString());
    }
    run = new Run(parent, null);
    Name only = new Name(Names.bytes(name), name.toString(), type);
    try (Run.Reading reading = run.new Reading()) {
      reading.run(new FilesPiece("", List.of(only)), piece -> {});
    }
    FileEntry entry = run.entries.getFirst();
    FileEntry file = new FileEntry("", entry.digest(), entry.size(), entry.mode(), entry.place());
    return Optional.of(new Contents.File(ObjectKey.file(entry.digest()), file));
  }

  /**
   * Returns the files that are directly in some of a directory's directories.
   *
   * @param folders paths from {@code place}
   */
  List<FileEntry> readFolders(Path place, Collection<String> folders) throws IOException {
    Run run = new Run(place, null);
    Parallel.run(
        folders.stream().map(folder -> new FolderPiece(folder, false)).toList(),
        knowledge.hashers().threads(),
        run::worker);
    return run.entries;
  }

  /** Returns a directory of these entries; its manifest is stored, if there is a store. */
  public Contents.Directory directoryOf(List<FileEntry> entries) throws IOException {
    List<FileEntry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparing(FileEntry::path, Names.BY_CODE_POINT));
    try (ManifestSink sink = new ManifestSink(algorithm, store)) {
      long size = 0;
      ManifestStream manifest = new ManifestStream(sink);
      for (FileEntry entry : sorted) {
        manifest.add(entry.path(), entry.digest().hex());
        size += entry.size();
      }
      manifest.finish();
      return new Contents.Directory(sink.key(), Collections.unmodifiableList(sorted), size);
    }
  }

  private static RefusedException brokenLink(String path) {
    return new RefusedException(
        "'%s' is a symbolic link that leads nowhere".formatted(path), "remove or repair it");
  }

  private static RefusedException special(String path) {
    return new RefusedException(
        "'%s' is neither a file nor a directory".formatted(path), "remove it, or ignore it");
  }

  private sealed interface Piece {}

  /**
   * A directory, by its path from the root.
   *
   * @param deep whether the directories in it are read too
   */
  private record FolderPiece(String path, boolean deep) implements Piece {}

  /** Files in one directory. */
  private record FilesPiece(String folder, List<Name> names) implements Piece {}

  private record Name(byte[] bytes, String text, int type) {}

  /** One reading of one root. */
  private final class Run {
    private final Path root;
    private final List<FileEntry> entries = Collections.synchronizedList(new ArrayList<>());
    private final @Nullable WatchedTree watch;

    Run(Path root, @Nullable WatchedTree watch) {
      this.root = root;
      this.watch = watch;
    }

    Reading worker() {
      return new Reading();
    }

    Contents directory() throws IOException {
      return directoryOf(entries);
    }

    private Path absolute(String folder) {
      return folder.isEmpty() ? root : root.resolve(folder);
    }

    private static String join(String folder, String name) {
      return folder.isEmpty() ? name : folder + "/" + name;
    }

    /** What one thread does. */
    final class Reading implements Parallel.Worker<Piece> {
      private final Intake intake = new Intake(progress, algorithm, store, byLink);

      @Override
      public void run(Piece piece, Consumer<Piece> more) throws IOException {
        switch (piece) {
          case FolderPiece folder -> list(folder, more);
          case FilesPiece files -> {
            try (Hashers.Closed turn = knowledge.hashers().turn()) {
              take(files, more);
            }
          }
        }
      }

      private void list(FolderPiece folder, Consumer<Piece> more) throws IOException {
        Path path = absolute(folder.path());
        IgnoreFilter.Names filter = ignored.in(path);
        List<Name> names = new ArrayList<>();
        int fd = Names.openDirectory(path);
        try {
          if (watch != null) {
            watch.enter(folder.path(), fd);
          }
          PosixFailure.check(
              FileCalls.list(
                  fd, (name, type) -> names.add(new Name(name, FileNames.decode(name), type))),
              path.toString());
          List<Name> files = new ArrayList<>();
          for (Name name : names) {
            sort(fd, folder, name, filter, files, more);
          }
          for (int at = 0; at < files.size(); at += FILES_AT_ONCE) {
            more.accept(
                new FilesPiece(
                    folder.path(), files.subList(at, Math.min(files.size(), at + FILES_AT_ONCE))));
          }
        } finally {
          Posix.close(fd);
        }
      }

      private void sort(
          int fd,
          FolderPiece piece,
          Name name,
          IgnoreFilter.Names filter,
          List<Name> files,
          Consumer<Piece> more)
          throws IOException {
        String folder = piece.path();
        int type = name.type() == UNKNOWN ? typeOf(fd, name.bytes()) : name.type();
        if (filter.ignores(name.text(), type == DIRECTORY)) {
          if (watch != null && type == DIRECTORY) {
            watch.pass(fd, name.bytes());
          }
          return;
        }
        if (!isUtf8(name.text())) {
          throw new RefusedException(
              "the name '%s' in '%s' is not UTF-8".formatted(printable(name), absolute(folder)),
              "rename it, or ignore it");
        }
        switch (type) {
          case DIRECTORY -> {
            if (piece.deep()) {
              more.accept(new FolderPiece(join(folder, name.text()), true));
            }
          }
          case FILE, SYMBOLIC_LINK -> {
            if (name.text().equals(IGNORE_FILE)) {
              throw new RefusedException(
                  ".dvcignore file should not be in collected dir path: '%s'"
                      .formatted(absolute(folder)),
                  "move its rules to the project's own .dvcignore");
            }
            files.add(new Name(name.bytes(), name.text(), type));
          }
          default -> throw special(absolute(join(folder, name.text())).toString());
        }
      }

      private int typeOf(int fd, byte[] name) {
        FileStat stat = Posix.stat(fd, name, false);
        return stat == null ? UNKNOWN : (stat.mode() & 0170000) >> 12; // as in IFTODT of dirent.h
      }

      private void take(FilesPiece piece, Consumer<Piece> more) throws IOException {
        Path folder = absolute(piece.folder());
        int fd = Names.openDirectory(folder);
        try {
          long now = Clock.now();
          List<Name> names = new ArrayList<>(piece.names().size());
          List<Intake.Place> places = new ArrayList<>(piece.names().size());
          List<FileStat> stats = new ArrayList<>(piece.names().size());
          for (Name name : piece.names()) {
            Intake.Place place = place(fd, piece.folder(), name);
            FileStat stat = Posix.stat(place.directory(), place.name(), true);
            if (stat == null && name.type() == SYMBOLIC_LINK) {
              throw brokenLink(folder.resolve(name.text()).toString());
            }
            if (stat == null || (stat.isDirectory() && name.type() == SYMBOLIC_LINK)) {
              if (watch != null && stat != null) {
                watch.lost(); // where it leads to is not watched
              }
              continue; // gone meanwhile, or a link to a directory, which DVC passes over
            }
            if (!stat.isFile()) {
              throw special(folder.resolve(name.text()).toString());
            }
            names.add(name);
            places.add(place);
            stats.add(stat);
          }
          take(piece.folder(), names, places, stats, now, more);
        } finally {
          Posix.close(fd);
        }
      }

      /** Links that lead to where a mount lies over are followed past it. */
      private Intake.Place place(int fd, String folder, Name name) {
        boolean isLink = name.type() == SYMBOLIC_LINK;
        String shown = root + "/" + join(folder, name.text());
        byte[] link = isLink ? Posix.readLink(fd, name.bytes()) : null;
        Optional<Path> target =
            link == null
                ? Optional.empty()
                : Passages.target(absolute(folder), FileNames.decode(link));
        return target.isEmpty()
            ? new Intake.Place(fd, name.bytes(), isLink, shown)
            : new Intake.Place(Posix.AT_FDCWD, Names.bytes(target.get()), true, shown);
      }

      private void take(
          String folder,
          List<Name> names,
          List<Intake.Place> places,
          List<FileStat> stats,
          long now,
          Consumer<Piece> more)
          throws IOException {
        @Nullable Digest[] known = knowledge.states().find(stats, algorithm);
        expect(stats, known);
        List<FileStates.Known> learned = new ArrayList<>();
        List<FileEntry> found = new ArrayList<>(names.size());
        try {
          for (int i = 0; i < known.length; i++) {
            Name name = names.get(i);
            if (isApart(stats, known, i)) {
              more.accept(new FilesPiece(folder, List.of(name)));
              continue;
            }
            boolean isLink = name.type() == SYMBOLIC_LINK;
            Intake.Taken taken = intake.take(places.get(i), stats.get(i), known[i]);
            if (known[i] == null && knowledge.clock().isSettled(taken.stat(), now)) {
              learned.add(new FileStates.Known(taken.stat(), taken.digest()));
            }
            found.add(entry(join(folder, name.text()), taken, isLink));
          }
        } finally {
          knowledge
              .states()
              .record(learned); // what was hashed before a failure is not hashed again
        }
        entries.addAll(found);
        progress.done(found.size(), 0);
      }

      @Override
      public void close() {
        intake.close();
      }
    }
  }

  private void expect(List<FileStat> stats, @Nullable Digest[] known) {
    long files = 0;
    long bytes = 0;
    for (int i = 0; i < known.length; i++) {
      if (!isApart(stats, known, i)) {
        files++;
        bytes += known[i] == null ? stats.get(i).size() : 0;
      }
    }
    progress.expect(files, bytes);
  }

  /** Returns whether a file is so large that it becomes a piece of work of its own. */
  private static boolean isApart(List<FileStat> stats, @Nullable Digest[] known, int i) {
    return known.length > 1 && known[i] == null && stats.get(i).size() > FileHasher.BLOCK;
  }

  private static FileEntry entry(String path, Intake.Taken taken, boolean isLink) {
    FileStat stat = taken.stat();
    FileEntry.Place place =
        isLink
            ? FileEntry.Place.SYMBOLIC_LINK
            : stat.links() > 1 ? FileEntry.Place.HARD_LINK : FileEntry.Place.OWN;
    return new FileEntry(path, taken.digest(), stat.size(), stat.mode(), place);
  }

  private static String printable(Name name) {
    return new String(name.bytes(), java.nio.charset.StandardCharsets.UTF_8);
  }

  /** Bytes that are not UTF-8 were decoded to lone surrogates. */
  private static boolean isUtf8(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (Character.isSurrogate(name.charAt(i))) {
        if (i + 1 == name.length()
            || !Character.isSurrogatePair(name.charAt(i), name.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }
}
