package io.revfs.command.worktree;

import io.revfs.object.Origins;
import io.revfs.project.DvcIgnore;
import io.revfs.reach.Passages;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.WorkTreeFile;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The names of a work tree that DVC sees: {@code .dvcignore} files hide the others. A link to a
 * file is that file, as it is for DVC; other links are links.
 */
final class LocalNames {
  private final Path root;
  private final DvcIgnore ignores;
  private final Mounts mounts;

  /** Says what no process may read that serves it. */
  @FunctionalInterface
  interface Mounts {
    /** Returns whether a path is in a mount of this process's. */
    boolean has(String path) throws IOException;
  }

  LocalNames(Path root, Mounts mounts) {
    this.root = root;
    this.ignores = DvcIgnore.of(root);
    this.mounts = mounts;
  }

  /** Returns the names in a directory; none if it is no directory. */
  List<String> in(String directory) throws IOException {
    List<String> names = new ArrayList<>();
    Path here = root.resolve(directory);
    if (Files.isDirectory(here, LinkOption.NOFOLLOW_LINKS) || directory.isEmpty()) {
      try (var files = Files.newDirectoryStream(here)) {
        files.forEach(file -> names.add(String.valueOf(file.getFileName())));
      }
    }
    return names;
  }

  /** Returns what is at a name; empty if nothing is, or DVC does not see it. */
  Optional<Entry> find(String directory, String name) throws IOException {
    Path folder = root.resolve(directory);
    Path file = folder.resolve(name);
    PosixFileAttributes attributes;
    try {
      attributes = attributes(file, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (FileSystemException e) {
      if (Files.isDirectory(folder)) {
        throw e;
      }
      return Optional.empty(); // below a file
    }
    if (ignores.in(directory).ignores(name, attributes.isDirectory())) {
      return Optional.empty();
    }
    return Optional.of(
        attributes.isSymbolicLink() ? link(folder, file, name) : entry(file, name, attributes));
  }

  private static PosixFileAttributes attributes(Path file, LinkOption... options)
      throws IOException {
    return Files.readAttributes(file, PosixFileAttributes.class, options);
  }

  private Entry link(Path folder, Path file, String name) throws IOException {
    String target = Files.readSymbolicLink(file).toString();
    Path shown = Passages.shown(folder).resolve(target).normalize();
    if (mounts.has(shown.toString())) {
      return Entry.broken(
          name, Entry.Tracking.GIT, file + " leads into a mount: name " + shown + " instead");
    }
    Path past = Passages.target(folder, target).orElse(file);
    try {
      PosixFileAttributes attributes = attributes(past);
      if (!attributes.isDirectory()) {
        return entry(past, name, attributes);
      }
    } catch (IOException e) {
      // It leads nowhere.
    }
    return entry(name, Entry.Kind.SYMBOLIC_LINK, false, file, 0);
  }

  private static Entry entry(Path file, String name, PosixFileAttributes attributes) {
    if (attributes.isDirectory()) {
      return entry(name, Entry.Kind.DIRECTORY, false, file, -1);
    }
    if (attributes.isOther()) {
      return Entry.broken(
          name, Entry.Tracking.GIT, file + " is neither a file nor a directory nor a link");
    }
    boolean executable = attributes.permissions().contains(PosixFilePermission.OWNER_EXECUTE);
    return entry(name, Entry.Kind.FILE, executable, file, attributes.size());
  }

  private static Entry entry(
      String name, Entry.Kind kind, boolean executable, Path file, long size) {
    return new Entry(
        name,
        kind,
        executable,
        Optional.empty(),
        new Origins(List.of(new WorkTreeFile(file))),
        size,
        Entry.Tracking.GIT,
        Optional.empty(),
        Optional.empty());
  }
}
