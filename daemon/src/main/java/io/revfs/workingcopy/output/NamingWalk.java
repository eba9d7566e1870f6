package io.revfs.workingcopy.output;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import io.revfs.fuse.FileNames;
import io.revfs.posix.FileCalls;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the files of a work tree that name outputs. Only names are asked for: most of them are of
 * files that name nothing. Used once.
 */
public final class NamingWalk {
  /** Directories in which nothing is named. */
  public static final Set<String> NOT_LOOKED_INTO = Set.of(".git", ".dvc");

  private static final Logger log = LoggerFactory.getLogger(NamingWalk.class);

  private final Path root;
  private final OutputPlaces known;
  private final Set<String> files = new TreeSet<>();
  private final Set<String> projects = new TreeSet<>(Set.of(""));

  private NamingWalk(Path root, OutputPlaces known) {
    this.root = root;
    this.known = known;
  }

  /** Walks through a work tree, but not into the outputs that are {@code known} already. */
  public static NamingWalk of(Path root, OutputPlaces known) throws IOException {
    NamingWalk walk = new NamingWalk(root, known);
    walk.look(List.of());
    return walk;
  }

  /** Returns {@code .dvc} files and {@code dvc.lock}s, by their paths from the root. */
  public Set<String> files() {
    return files;
  }

  /** Returns the directories of DVC's projects, the root as the empty path. */
  public Set<String> projects() {
    return Set.copyOf(projects);
  }

  private void look(List<String> directory) throws IOException {
    Path place = root.resolve(String.join("/", directory));
    byte[] name = FileNames.encode(place.toString());
    int fd = Posix.open(Posix.AT_FDCWD, name, Posix.O_RDONLY | Posix.O_DIRECTORY, 0);
    if (fd < 0) {
      if (fd != -PosixFailure.ENOENT) {
        log.warn("{} cannot be looked into (error {})", place, -fd);
      }
      return;
    }
    List<List<String>> below = new ArrayList<>();
    try {
      PosixFailure.check(
          FileCalls.list(
              fd, (bytes, type) -> take(directory, FileNames.decode(bytes), type, below)),
          place.toString());
    } finally {
      int unused = Posix.close(fd);
    }
    for (List<String> path : below) {
      look(path);
    }
  }

  private void take(List<String> directory, String name, int type, List<List<String>> below) {
    List<String> path = new ArrayList<>(directory);
    path.add(name);
    if (isDirectory(path, type)) {
      if (name.equals(".dvc")) {
        projects.add(String.join("/", directory));
      } else if (!NOT_LOOKED_INTO.contains(name) && !known.isInside(path)) {
        below.add(path);
      }
    } else if (NamingFiles.isOne(name) && !name.equals("dvc.yaml")) {
      files.add(String.join("/", path));
    }
  }

  private boolean isDirectory(List<String> path, int type) {
    boolean unknown = type != FileCalls.TYPE_DIRECTORY && type != FileCalls.TYPE_FILE;
    return unknown
        ? Files.isDirectory(root.resolve(String.join("/", path)), NOFOLLOW_LINKS)
        : type == FileCalls.TYPE_DIRECTORY;
  }
}
