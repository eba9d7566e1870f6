package io.revfs.stage.view;

import io.revfs.fuse.FileNames;
import io.revfs.posix.FileCalls;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import io.revfs.reach.OnlyShown;
import io.revfs.reach.Passages;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The files of a work tree. Thread-safe. */
public final class WorkTreeView implements FileView {
  private final Path root;
  private final Optional<Path> gitRoot;

  /**
   * @param root the project's, absolute
   * @param gitRoot the top of Git's work tree; empty without Git
   */
  public WorkTreeView(Path root, Optional<Path> gitRoot) {
    this.root = root;
    this.gitRoot = gitRoot;
  }

  @Override
  public Path root() {
    return root;
  }

  @Override
  public boolean isWorkTree() {
    return true;
  }

  @Override
  public Optional<Path> gitRoot() {
    return gitRoot;
  }

  @Override
  public Optional<byte[]> read(String path) throws IOException {
    Path file = root.resolve(path);
    try {
      return Optional.of(Passages.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      if (Files.isRegularFile(file)) {
        throw e;
      }
      return Optional.empty(); // a directory, or below a file
    }
  }

  @Override
  public Kind kind(String path) throws IOException {
    Kind kind = kind(root.resolve(path));
    return kind == Kind.ABSENT
        ? Passages.onlyShown(root.resolve(path)).map(WorkTreeView::kind).orElse(kind)
        : kind;
  }

  private static Kind kind(OnlyShown shown) {
    return shown.directory() ? Kind.DIRECTORY : Kind.FILE;
  }

  private static Kind kind(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.isRegularFile()
          ? Kind.FILE
          : attributes.isDirectory() ? Kind.DIRECTORY : Kind.OTHER;
    } catch (IOException e) {
      return Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? Kind.OTHER : Kind.ABSENT;
    }
  }

  /** Asks for what names are only where the list itself does not say it: most are plain files. */
  @Override
  public List<Entry> list(String directory) throws IOException {
    Path at = root.resolve(directory);
    int fd =
        Posix.open(
            Posix.AT_FDCWD, FileNames.encode(at.toString()), Posix.O_RDONLY | Posix.O_DIRECTORY, 0);
    if (fd < 0) {
      PosixFailure.checkUnless(fd, at.toString(), PosixFailure.ENOENT, PosixFailure.ENOTDIR);
      return onlyShown(at);
    }
    List<Entry> entries = new ArrayList<>(onlyShown(at));
    try {
      int listed =
          FileCalls.list(
              fd,
              (bytes, type) -> {
                String name = FileNames.decode(bytes);
                entries.add(new Entry(name, kind(at, name, type)));
              });
      PosixFailure.check(listed, at.toString());
    } finally {
      Posix.close(fd);
    }
    entries.sort(Comparator.comparing(Entry::name));
    return entries;
  }

  private static List<Entry> onlyShown(Path directory) throws IOException {
    Optional<Passages.Place> covered = Passages.at(directory);
    return covered.isEmpty()
        ? List.of()
        : covered.get().covered().list(covered.get().path()).stream()
            .map(shown -> new Entry(name(shown), kind(shown)))
            .toList();
  }

  private static String name(OnlyShown shown) {
    return RelativePaths.name(shown.path());
  }

  private static Kind kind(Path directory, String name, int type) {
    return switch (type) {
      case FileCalls.TYPE_DIRECTORY -> Kind.DIRECTORY;
      case FileCalls.TYPE_FILE -> Kind.FILE;
      default -> {
        Path file = directory.resolve(name);
        Kind kind = kind(file);
        yield kind == Kind.DIRECTORY && Files.isSymbolicLink(file) ? Kind.OTHER : kind;
      }
    };
  }
}
