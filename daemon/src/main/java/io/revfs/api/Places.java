package io.revfs.api;

import io.revfs.mount.MountManager;
import io.revfs.snapshot.DataRepositories;
import io.revfs.snapshot.DataRepository;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** From what callers say (a repository, a revision, a path) to an entry of a snapshot. */
final class Places {
  private final MountManager mounts;
  private final DataRepositories repositories;

  /**
   * An entry that was asked for.
   *
   * @param path from the repository's root, empty for the root
   */
  record Place(DataRepository repository, Snapshot snapshot, String path, Entry entry) {}

  /** A repository, and what is meant inside it if nothing more is said. */
  record Root(DataRepository repository, Optional<String> revision, String path) {}

  Places(MountManager mounts, DataRepositories repositories) {
    this.mounts = mounts;
    this.repositories = repositories;
  }

  /** Returns the repository of a path (also one inside a mount or a working copy) or a URL. */
  Root root(String location) throws IOException {
    if (location.contains("://") || !location.startsWith("/")) {
      if (!location.contains(":")) {
        throw ApiException.badRequest("'" + location + "' is neither absolute nor a URL");
      }
      return new Root(repositories.open(location), Optional.empty(), "");
    }
    Path path = Path.of(location).normalize();
    Optional<MountManager.Place> mounted = mounts.locate(path);
    if (mounted.isPresent()) {
      return new Root(
          repositories.open(mounted.get().repository()),
          mounted.get().revision(),
          mounted.get().path());
    }
    for (Path top = path; top != null; top = top.getParent()) {
      boolean bare = Files.isDirectory(top.resolve("objects")) && Files.exists(top.resolve("HEAD"));
      if (bare || Files.exists(top.resolve(".git"))) {
        return new Root(
            repositories.open(top.toString()), Optional.empty(), top.relativize(path).toString());
      }
    }
    throw new ApiException(
        404,
        "not-a-repository",
        location + " is not in a Git repository and not in a mount",
        "name a working copy, a bare repository, a mount or a URL",
        253);
  }

  /** Returns the entry that the parameters repository, rev and path of a request name. */
  Place of(Exchange exchange) throws IOException {
    Root root = root(exchange.required("repository"));
    String revision =
        exchange.optional("rev").filter(r -> !r.isEmpty()).or(root::revision).orElse("HEAD");
    String commit = root.repository().resolve(revision);
    Snapshot snapshot = root.repository().snapshot(commit);
    Path joined =
        Path.of("/" + root.path()).resolve(exchange.optional("path").orElse("")).normalize();
    String path = joined.toString().substring(1);
    Optional<Entry> entry = snapshot.find(path);
    if (entry.isEmpty()) {
      throw new ApiException(
          404,
          "not-found",
          "The path '"
              + path
              + "' does not exist in the target repository '"
              + root.repository().location()
              + "' neither as a DVC output nor as a Git-tracked file.",
          "list what is there: revfs ls " + root.repository().location() + " --rev " + revision,
          255);
    }
    return new Place(root.repository(), snapshot, path, entry.get());
  }
}
