package io.revfs.stage;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
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

  @Override
  public List<Entry> list(String directory) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(root.resolve(directory))) {
      for (Path file : files) {
        Kind kind = kind(file);
        boolean linked = kind == Kind.DIRECTORY && Files.isSymbolicLink(file);
        entries.add(new Entry(file.getFileName().toString(), linked ? Kind.OTHER : kind));
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
    entries.sort(Comparator.comparing(Entry::name));
    return entries;
  }
}
