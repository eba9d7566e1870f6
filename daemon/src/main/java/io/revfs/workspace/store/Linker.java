package io.revfs.workspace.store;

import io.revfs.fuse.FileNames;
import io.revfs.object.ObjectKey;
import io.revfs.posix.FileCalls;
import io.revfs.posix.FileCopy;
import io.revfs.posix.FileStat;
import io.revfs.posix.Posix;
import io.revfs.posix.PosixFailure;
import io.revfs.reach.Passages;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Gives a work tree objects of a cache, by the first of the configured types that works between the
 * two file systems; which do is tried once for each pair. Thread-safe.
 */
public final class Linker {
  private static final byte[] HERE = {'.'};

  private final ObjectStore store;
  private final List<LinkType> types;
  private final Map<Long, List<LinkType>> workable = new ConcurrentHashMap<>();
  private volatile boolean nameless = true;

  /** {@code types}: as configured, the best first. */
  public Linker(ObjectStore store, List<LinkType> types) {
    this.store = store;
    this.types = List.copyOf(types);
  }

  /** Returns the store whose objects it gives. */
  public ObjectStore store() {
    return store;
  }

  /**
   * Returns the type that files in a directory get.
   *
   * @throws RefusedException if none of the configured types works there
   */
  public LinkType typeFor(Path directory) throws IOException {
    List<LinkType> works = workable(directory);
    if (works.isEmpty()) {
      throw new RefusedException(
          "no link type of cache.type (%s) works between %s and %s"
              .formatted(
                  String.join(", ", types.stream().map(LinkType::word).toList()),
                  store.root(),
                  directory),
          "add 'copy': dvc config cache.type reflink,copy");
    }
    return works.getFirst();
  }

  /** Returns the configured types that work for files in a directory, which need not exist yet. */
  public List<LinkType> workable(Path directory) throws IOException {
    Path there = directory.toAbsolutePath();
    FileStat stat = Posix.stat(Posix.AT_FDCWD, Names.bytes(there), true);
    while ((stat == null || !stat.isDirectory()) && there.getParent() != null) {
      there = there.getParent();
      stat = Posix.stat(Posix.AT_FDCWD, Names.bytes(there), true);
    }
    long device = stat == null ? 0 : stat.device();
    List<LinkType> known = workable.get(device);
    if (known == null) {
      known = probe(there);
      workable.put(device, known);
    }
    return known;
  }

  private List<LinkType> probe(Path directory) throws IOException {
    store.makeDirectories(store.root());
    byte[] object = ObjectStore.join(Names.bytes(store.root()), Names.temporary());
    int fd =
        (int)
            PosixFailure.check(
                Posix.open(
                    Posix.AT_FDCWD, object, Posix.O_WRONLY | Posix.O_CREAT | Posix.O_EXCL, 0444),
                store.root().toString());
    Posix.close(fd);
    try {
      return probe(directory, object);
    } finally {
      Posix.unlink(Posix.AT_FDCWD, object);
    }
  }

  private List<LinkType> probe(Path directory, byte[] object) throws IOException {
    int at = Names.openDirectory(directory);
    try {
      List<LinkType> works = new ArrayList<>();
      int failed = 0;
      for (LinkType type : types) {
        byte[] name = Names.temporary();
        int made = make(type, Posix.AT_FDCWD, object, at, name);
        if (made == 0) {
          works.add(type);
        } else {
          failed = made;
        }
        Posix.unlink(at, name);
      }
      if (works.isEmpty() && PosixFailure.isOfPlace(failed)) {
        long unused = PosixFailure.check(failed, directory.toString());
      }
      return List.copyOf(works);
    } finally {
      Posix.close(at);
    }
  }

  /** Returns how an object is named when it is given: from the cache's open directory, or whole. */
  public byte[] source(LinkType type, ObjectKey key) {
    return type == LinkType.SYMLINK ? linked(store, key) : Depot.name(key);
  }

  /** Returns what a symbolic link to an object holds: it is for people to follow. */
  public static byte[] linked(ObjectStore store, ObjectKey key) {
    return Names.bytes(Passages.shown(Path.of(FileNames.decode(store.pathBytes(key)))));
  }

  /**
   * Makes a file of the work tree, in place of what may have its name: it is there as a whole, or
   * what was before is.
   *
   * @param from the open directory that {@code object} is named from
   * @param object where the object lies; absolute for symbolic links, which say so
   * @param directory an open directory
   * @param isNew whether nothing is expected to have the name
   * @return 0, or a negated error number
   */
  public int place(
      LinkType type, int from, byte[] object, int directory, byte[] name, boolean isNew) {
    if (isNew) {
      int made =
          type.isOwn()
              ? placeNameless(type, from, object, directory, name)
              : make(type, from, object, directory, name);
      if (made != -PosixFailure.EEXIST) {
        return made;
      }
    }
    byte[] temporary = Names.temporary();
    int made = make(type, from, object, directory, temporary);
    if (made == 0) {
      made = Posix.rename(directory, temporary, directory, name);
    }
    if (made < 0 || type == LinkType.HARDLINK) {
      Posix.unlink(directory, temporary); // a rename to another name of the same file does nothing
    }
    return made;
  }

  /** Makes a name that is not there. */
  private int make(LinkType type, int from, byte[] object, int directory, byte[] name) {
    return switch (type) {
      case HARDLINK -> {
        int made = Posix.link(from, object, directory, name);
        yield made == -PosixFailure.EMLINK ? copy(from, object, directory, name, false) : made;
      }
      case SYMLINK -> Posix.symbolicLink(object, directory, name);
      case REFLINK -> copy(from, object, directory, name, true);
      case COPY -> copy(from, object, directory, name, false);
    };
  }

  /**
   * Copies a file, or clones it, to one that gets its name when it is complete; EEXIST if there is
   * one of that name, or the file system has no files without names.
   */
  private int placeNameless(LinkType type, int from, byte[] object, int directory, byte[] name) {
    if (!nameless) {
      return -PosixFailure.EEXIST;
    }
    int flags = Posix.O_WRONLY | Posix.O_TMPFILE;
    int to = Posix.open(directory, HERE, flags, store.modes().file());
    if (to < 0) {
      nameless = false;
      return -PosixFailure.EEXIST;
    }
    int made = fill(type, from, object, to);
    if (made == 0) {
      made = Posix.linkOpen(to, directory, name);
    }
    int closed = Posix.close(to);
    return made < 0 ? made : closed;
  }

  /** Copies a file, or clones it; a part of a copy may be left when it fails. */
  private int copy(int from, byte[] object, int directory, byte[] name, boolean byClone) {
    int flags = Posix.O_WRONLY | Posix.O_CREAT | Posix.O_EXCL;
    int to = Posix.open(directory, name, flags, store.modes().file());
    if (to < 0) {
      return to;
    }
    int made = fill(byClone ? LinkType.REFLINK : LinkType.COPY, from, object, to);
    int closed = Posix.close(to);
    return made < 0 ? made : closed;
  }

  private int fill(LinkType type, int directory, byte[] object, int to) {
    int from = Posix.open(directory, object, Posix.O_RDONLY, 0);
    if (from < 0) {
      return from;
    }
    int made = type == LinkType.REFLINK ? FileCalls.cloneFile(from, to) : FileCopy.all(from, to);
    Posix.close(from);
    if (made >= 0 && store.modes().needSetting(store.modes().file())) {
      made = Posix.permissions(to, store.modes().file());
    }
    return made;
  }

  /** Makes a file, or all files of a directory, independent of the cache and writable. */
  public void unprotectAll(Path place) throws IOException {
    if (!Files.exists(place)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> below = Files.walk(place)) {
      files = below.filter(file -> !Files.isDirectory(file)).toList();
    }
    for (Path file : files) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted");
      }
      unprotect(file);
    }
  }

  /**
   * Makes a file independent of the cache, and writable: a link is replaced by a copy of what it
   * leads to. Nothing happens to one that is independent, but that its owner may write to it.
   */
  public void unprotect(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    Path last = file.getFileName();
    if (parent == null || last == null) {
      return;
    }
    int directory = Names.openDirectory(parent);
    try {
      byte[] name = Names.bytes(last);
      FileStat link = Posix.stat(directory, name, false);
      FileStat stat = Posix.stat(directory, name, true);
      if (link == null || stat == null || !stat.isFile()) {
        return;
      }
      if (link.isSymbolicLink() || link.links() > 1) {
        byte[] source = Names.bytes(link.isSymbolicLink() ? target(file) : file);
        int made = place(LinkType.REFLINK, Posix.AT_FDCWD, source, directory, name, false);
        if (made < 0) {
          made = place(LinkType.COPY, Posix.AT_FDCWD, source, directory, name, false);
        }
        PosixFailure.check(made, file.toString());
      }
      PosixFailure.check(Posix.permissions(directory, name, store.modes().file()), file.toString());
    } finally {
      Posix.close(directory);
    }
  }

  private static Path target(Path link) throws IOException {
    Optional<Path> past =
        Passages.target(link.resolveSibling(""), Files.readSymbolicLink(link).toString());
    return past.isPresent() ? past.get() : link.toRealPath();
  }

  /** Returns the path of an object as a symbolic link to it must hold. */
  public static String text(byte[] path) {
    return new String(path, StandardCharsets.UTF_8);
  }
}
