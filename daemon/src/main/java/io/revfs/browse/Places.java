package io.revfs.browse;

import io.revfs.mount.MountManager;
import io.revfs.repository.ConfigOverrides;
import io.revfs.repository.DataRepositories;
import io.revfs.repository.DataRepository;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.Snapshot;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** From what callers say (a repository, a revision, a path) to an entry of a snapshot. */
public final class Places {
  private final Mounts mounts;
  private final DataRepositories repositories;

  /**
   * An entry that was asked for. Closing it closes what was opened for it alone.
   *
   * @param path from the repository's root, empty for the root
   * @param own whether the repository was opened for this place alone
   */
  public record Place(
      DataRepository repository, Snapshot snapshot, String path, Entry entry, boolean own)
      implements Closeable {
    @Override
    public void close() {
      if (own) {
        repository.close();
      }
    }
  }

  /**
   * A repository, and what is meant inside it if nothing more is said.
   *
   * @param location by which it can be opened again
   */
  public record Root(
      String location, DataRepository repository, Optional<String> revision, String path) {}

  /** Says what of a mount a path is. */
  @FunctionalInterface
  public interface Mounts {
    /** Returns the place; empty if the path is in no mount. */
    Optional<MountManager.Place> locate(Path path) throws IOException;
  }

  public Places(Mounts mounts, DataRepositories repositories) {
    this.mounts = mounts;
    this.repositories = repositories;
  }

  /**
   * Returns the repository of a path (also one inside a mount or a working copy) or a URL.
   *
   * @throws UnknownPlaceException if there is none
   */
  public Root root(String location) throws IOException {
    if (location.contains("://") || !location.startsWith("/")) {
      if (!location.contains(":")) {
        throw new UnknownPlaceException(
            UnknownPlaceException.Kind.NO_LOCATION,
            "'" + location + "' is neither absolute nor a URL",
            "see revfs --help");
      }
      return root(location, Optional.empty(), "");
    }
    Path path = Path.of(location).normalize();
    Optional<MountManager.Place> mounted = mounts.locate(path);
    if (mounted.isPresent()) {
      MountManager.Place place = mounted.get();
      return new Root(place.repository(), place.opened(), place.revision(), place.path());
    }
    for (Path top = path; top != null; top = top.getParent()) {
      boolean bare = Files.isDirectory(top.resolve("objects")) && Files.exists(top.resolve("HEAD"));
      if (bare || Files.exists(top.resolve(".git"))) {
        return root(top.toString(), Optional.empty(), top.relativize(path).toString());
      }
    }
    throw new UnknownPlaceException(
        UnknownPlaceException.Kind.NO_REPOSITORY,
        location + " is not in a Git repository and not in a mount",
        "name a working copy, a bare repository, a mount or a URL");
  }

  /** Returns whether an absolute path is in a mount. */
  public boolean isMounted(String path) throws IOException {
    return mounts.locate(Path.of(path).normalize()).isPresent();
  }

  private Root root(String location, Optional<String> revision, String path) throws IOException {
    return new Root(location, repositories.open(location), revision, path);
  }

  /**
   * Returns the entry at a path of a revision.
   *
   * @param location a repository, as {@link #root} takes it
   * @param revision HEAD, or the mount's, if it is empty
   * @param below from what the location names
   * @throws UnknownPlaceException if the repository or the path is not there
   */
  public Place of(String location, Optional<String> revision, String below) throws IOException {
    return of(location, revision, below, ConfigOverrides.NONE);
  }

  /** As {@link #of(String, Optional, String)}, with a configuration over the repository's. */
  public Place of(
      String location, Optional<String> revision, String below, ConfigOverrides overrides)
      throws IOException {
    Root root = root(location);
    if (overrides.isEmpty()) {
      return find(root, root.repository(), revision, below, false);
    }
    DataRepository repository = repositories.open(root.location(), overrides);
    try {
      return find(root, repository, revision, below, true);
    } catch (IOException | RuntimeException e) {
      repository.close();
      throw e;
    }
  }

  /** Returns the failure for a path that is not there. */
  public static UnknownPlaceException noPath(
      String path, DataRepository repository, String whatToDo) {
    return new UnknownPlaceException(
        UnknownPlaceException.Kind.NO_PATH,
        "The path '%s' does not exist in the target repository '%s' neither as a DVC output nor as a Git-tracked file."
            .formatted(path, repository.location()),
        whatToDo);
  }

  /** A repository, and whether it was opened for the one who asks alone, who then closes it. */
  public record Opened(DataRepository repository, boolean own) {}

  /**
   * Returns the repository that a path is in, with a configuration over its own.
   *
   * @throws UnknownPlaceException if there is none
   */
  public Opened open(String location, ConfigOverrides overrides) throws IOException {
    Root root = root(location);
    return overrides.isEmpty()
        ? new Opened(root.repository(), false)
        : new Opened(repositories.open(root.location(), overrides), true);
  }

  /** Returns a project without Git, by its root. */
  public Opened openPlain(Path project, ConfigOverrides overrides) {
    return new Opened(repositories.openPlain(project, overrides), true);
  }

  private static Place find(
      Root root, DataRepository repository, Optional<String> named, String below, boolean own)
      throws IOException {
    String revision = named.filter(r -> !r.isEmpty()).or(root::revision).orElse("HEAD");
    Snapshot snapshot = repository.snapshot(repository.resolve(revision));
    String path = Path.of("/" + root.path()).resolve(below).normalize().toString().substring(1);
    Optional<Entry> entry = snapshot.find(path);
    if (entry.isEmpty()) {
      throw noPath(
          path,
          repository,
          "list what is there: revfs ls " + repository.location() + " --rev " + revision);
    }
    return new Place(repository, snapshot, path, entry.get(), own);
  }
}
