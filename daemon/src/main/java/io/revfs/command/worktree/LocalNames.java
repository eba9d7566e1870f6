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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The names of a work tree that DVC sees: {@code .dvcignore} files hide the others. A link to a
 * file is that file, as it is for DVC; other links are links.
 */
final class LocalNames {
  private final Path root;
  private final DvcIgnore ignores;
  private final Followed followed;

  /** Names that cannot be said, by what is said instead: where they really are. */
  private final Map<String, Path> unspeakable = new HashMap<>();

  LocalNames(Path root, Followed.Mounts mounts) {
    this.root = root;
    this.ignores = DvcIgnore.of(root);
    this.followed = new Followed(mounts);
  }

  /** Returns the names in a directory; none if it is no directory. */
  List<String> in(String directory) throws IOException {
    List<String> names = new ArrayList<>();
    Path here = root.resolve(directory);
    if (Files.isDirectory(here, LinkOption.NOFOLLOW_LINKS) || directory.isEmpty()) {
      try (var files = Files.newDirectoryStream(here)) {
        for (Path file : files) {
          String name = String.valueOf(file.getFileName());
          names.add(name);
          if (!here.resolve(name).equals(file)) {
            unspeakable.put(directory + "/" + name, file);
          }
        }
      }
    }
    return names;
  }

  /** Returns what is at a name; empty if nothing is, or DVC does not see it. */
  Optional<Entry> find(String directory, String name) throws IOException {
    Path folder = root.resolve(directory);
    Path odd = unspeakable.get(directory + "/" + name);
    Path file = odd == null ? folder.resolve(name) : odd;
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
    if (odd != null) {
      return Optional.of(
          Entry.broken(
              name,
              Entry.Tracking.GIT,
              "the name '%s' in '%s' is not UTF-8: rename it".formatted(name, folder)));
    }
    return Optional.of(
        attributes.isSymbolicLink() ? link(folder, file, name) : entry(file, name, attributes));
  }

  private static PosixFileAttributes attributes(Path file, LinkOption... options)
      throws IOException {
    return Files.readAttributes(file, PosixFileAttributes.class, options);
  }

  private Entry link(Path folder, Path file, String name) {
    try {
      Path past = Passages.below(followed.from(Passages.shown(folder).resolve(name)));
      PosixFileAttributes attributes = attributes(past, LinkOption.NOFOLLOW_LINKS);
      if (!attributes.isDirectory()) {
        return entry(past, name, attributes);
      }
    } catch (Followed.IntoMountException e) {
      return Entry.broken(
          name,
          Entry.Tracking.GIT,
          file + " leads into a mount: name " + e.getMessage() + " instead");
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
