package io.revfs.trace.recording;

import io.revfs.fuse.FileNames;
import io.revfs.object.Digest;
import io.revfs.posix.FileCalls;
import io.revfs.posix.FileStat;
import io.revfs.posix.Posix;
import io.revfs.workspace.Contents;
import io.revfs.workspace.TreeReader;
import io.revfs.workspace.store.Names;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The files of a directory of the disk. */
public final class DirectoryFiles implements TracedFiles {
  private static final int UNKNOWN = 0; // dirent.h
  private static final long QUICK_BYTES = 16L << 20;

  private final Path below;
  private final TreeReader reader;

  /**
   * @param below leads to the directory past every mount of ours
   * @param reader knows digests of files that did not change
   */
  public DirectoryFiles(Path below, TreeReader reader) {
    this.below = below;
    this.reader = reader;
  }

  /** Returns where a path is; empty for one whose name Java cannot say. */
  private Optional<Path> place(String path) {
    try {
      return Optional.of(path.isEmpty() ? below : below.resolve(path));
    } catch (InvalidPathException e) {
      return Optional.empty(); // a name that is not UTF-8
    }
  }

  @Override
  public Optional<Digest> digest(String path) throws IOException {
    FileStat stat = file(path);
    if (stat == null) {
      return Optional.empty();
    }
    Optional<Digest> known = reader.known(stat);
    if (known.isPresent()) {
      return known;
    }
    Optional<Contents> contents = reader.read(place(path).orElseThrow());
    return contents.isPresent() && contents.get() instanceof Contents.File file
        ? Optional.of(file.key().digest())
        : Optional.empty();
  }

  /** Returns what the kernel says of a file; null if there is none. */
  private @Nullable FileStat file(String path) {
    Optional<Path> place = place(path);
    FileStat stat =
        place.isEmpty() ? null : Posix.stat(Posix.AT_FDCWD, Names.bytes(place.get()), false);
    return stat != null && stat.isFile() ? stat : null;
  }

  @Override
  public long stamp(String path) {
    FileStat stat = file(path);
    return stat == null ? 0 : Objects.hash(stat.inode(), stat.size(), stat.modified()) | 1L << 32;
  }

  @Override
  public boolean isQuick(String path) {
    FileStat stat = file(path);
    return stat != null && stat.size() <= QUICK_BYTES;
  }

  @Override
  public Optional<List<String>> names(String path) {
    Optional<Path> place = place(path);
    if (place.isEmpty()) {
      return Optional.empty();
    }
    int fd =
        Posix.open(Posix.AT_FDCWD, Names.bytes(place.get()), Posix.O_RDONLY | Posix.O_DIRECTORY, 0);
    if (fd < 0) {
      return Optional.empty();
    }
    try {
      List<String> names = new ArrayList<>();
      int listed =
          FileCalls.list(
              fd, (name, type) -> names.add(FileNames.decode(name) + mark(fd, name, type)));
      return listed < 0 ? Optional.empty() : Optional.of(names);
    } finally {
      Posix.close(fd);
    }
  }

  private static String mark(int directory, byte[] name, int type) {
    if (type != UNKNOWN) {
      return type == FileCalls.TYPE_DIRECTORY ? "/" : "";
    }
    FileStat stat = Posix.stat(directory, name, false);
    return stat != null && stat.isDirectory() ? "/" : "";
  }
}
