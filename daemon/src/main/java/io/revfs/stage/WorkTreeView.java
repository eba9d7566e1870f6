package io.revfs.stage;

import io.revfs.fuse.FileNames;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
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
      return Optional.of(Files.readAllBytes(file));
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
  public Kind kind(String path) {
    return kind(root.resolve(path));
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
      return List.of();
    }
    List<Entry> entries = new ArrayList<>();
    try {
      int listed =
          Posix.list(
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

  private static Kind kind(Path directory, String name, int type) {
    return switch (type) {
      case Posix.TYPE_DIRECTORY -> Kind.DIRECTORY;
      case Posix.TYPE_FILE -> Kind.FILE;
      default -> {
        Path file = directory.resolve(name);
        Kind kind = kind(file);
        yield kind == Kind.DIRECTORY && Files.isSymbolicLink(file) ? Kind.OTHER : kind;
      }
    };
  }
}
