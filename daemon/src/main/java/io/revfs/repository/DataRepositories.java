package io.revfs.repository;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.cache.Cache;
import io.revfs.fuse.OpenFile;
import io.revfs.git.GitRepository;
import io.revfs.git.Mirror;
import io.revfs.index.Index;
import io.revfs.reach.Passages;
import io.revfs.remote.RemoteLimits;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.FileContents;
import io.revfs.snapshot.ManifestStore;
import io.revfs.snapshot.Snapshot;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;

/** Opens repositories; what is read of Git is open once for all. Thread-safe. */
public final class DataRepositories implements Closeable {
  private static final String FILE = "file://";

  private final Path mirrors;
  private final RemoteLimits limits;
  private final Cache cache;
  private final ManifestStore manifests;
  private final FileContents contents;
  private final Map<String, GitDvcRepository> open = new HashMap<>();

  /** Those of single mounts, while somebody has them. */
  private final Set<GitDvcRepository> ofMounts = Collections.newSetFromMap(new WeakHashMap<>());

  /**
   * @param mirrors where clones of URLs are kept
   * @param limits for every remote
   * @param index where manifests are kept
   */
  public DataRepositories(Path mirrors, RemoteLimits limits, Cache cache, Index index) {
    this.mirrors = mirrors;
    this.limits = limits;
    this.cache = cache;
    this.manifests = new ManifestStore(index, cache);
    this.contents = new FileContents(cache);
  }

  /**
   * Opens the repository that a path is in, or the mirror of a URL, which is cloned if need be.
   *
   * @throws IOException saying why not
   */
  public DataRepository open(String location) throws IOException {
    return openGit(location);
  }

  /**
   * Opens a repository with a configuration of the caller's over its own. The caller closes it,
   * which closes the remotes that were opened for it and nothing that others use.
   *
   * @throws IOException saying why not
   */
  public DataRepository open(String location, ConfigOverrides overrides) throws IOException {
    return openGit(location).with(overrides);
  }

  /**
   * Opens a repository for one mount, with remotes of its own, so that {@link
   * DataRepository#calledWith} means that mount only. It need not be closed: what is being fetched
   * for one reader others may wait for, and what is open in a mount that was taken away may still
   * be read, so its remotes go when nobody has them any more.
   *
   * @param environment the variables of who mounts; empty for this process's own
   */
  public DataRepository openFor(String location, Map<String, String> environment)
      throws IOException {
    GitDvcRepository repository = openGit(location).with(called(environment));
    synchronized (open) {
      ofMounts.add(repository);
    }
    return repository;
  }

  private static ConfigOverrides called(Map<String, String> environment) {
    return environment.isEmpty()
        ? ConfigOverrides.NONE
        : ConfigOverrides.NONE.calledWith(environment);
  }

  /**
   * Opens a repository past the mount that lies over it, for that mount; the caller closes it.
   *
   * @param below where it is reached
   * @param shownAs where its users have it
   * @param environment the variables of who attached it; empty for this process's own
   */
  public DataRepository openBelow(Path below, Path shownAs, Map<String, String> environment)
      throws IOException {
    ConfigOverrides overrides = called(environment);
    GitRepository git = GitRepository.open(below);
    return new GitDvcRepository(
        shownAs.toString(),
        git,
        false,
        new RepositoryRemotes(git, shownAs.toString(), limits, overrides),
        manifests,
        cache,
        new Imports(shownAs.toString(), Optional.of(overrides.ofCallerOnly())));
  }

  /**
   * Opens a project that has no Git; the caller closes it.
   *
   * @param root of the project, where it is reached
   */
  public DataRepository openPlain(Path root, ConfigOverrides overrides) {
    String shown = Passages.shown(root).toString();
    RepositoryRemotes remotes = RepositoryRemotes.ofPlain(root, limits, overrides);
    return new PlainRepository(
        shown,
        remotes,
        new NamedOutputs(
            remotes, manifests, cache, new Imports(shown, Optional.of(overrides.ofCallerOnly()))));
  }

  /** Closes the repository of a directory that goes; nobody may use it any more. */
  public void forget(Path directory) {
    GitDvcRepository known;
    synchronized (open) {
      known = open.remove(directory.toAbsolutePath().normalize().toString());
    }
    if (known != null) {
      synchronized (open) {
        for (GitDvcRepository its : ofMounts) {
          if (its.isOf(known)) {
            its.close();
          }
        }
      }
      known.close();
    }
  }

  private GitDvcRepository openGit(String location) throws IOException {
    boolean url = Mirror.isUrl(location);
    Path shown = url ? Path.of("") : Path.of(location).toAbsolutePath().normalize();
    String key = url ? location : Passages.below(shown).toString();
    synchronized (open) {
      GitDvcRepository known = open.get(key);
      if (known != null) {
        return known;
      }
    }
    // Cloning takes time: not under the lock.
    Path directory = url ? Mirror.of(location, mirrors) : Path.of(key);
    if (!Files.isDirectory(directory)) {
      throw new IOException(location + " is not a directory");
    }
    GitRepository git = GitRepository.open(directory);
    String base =
        location.startsWith(FILE)
            ? location.substring(FILE.length()) // as Git takes it: nothing is escaped
            : Passages.shown(git.workTree().orElse(git.gitDirectory())).toString();
    GitDvcRepository fresh =
        new GitDvcRepository(
            io.revfs.remote.Redaction.url(location),
            git,
            url,
            new RepositoryRemotes(git, base, limits, ConfigOverrides.NONE),
            manifests,
            cache,
            new Imports(base, Optional.empty()));
    synchronized (open) {
      GitDvcRepository known = open.putIfAbsent(key, fresh);
      if (known != null) {
        fresh.close();
        return known;
      }
      return fresh;
    }
  }

  /** Opens the repositories that one repository imports from. */
  private final class Imports implements ImportSource.Opener {
    private final String base;

    /** Whose credentials theirs are asked with; empty: this process's, as all ask. */
    @GuardedBy("this")
    private Optional<ConfigOverrides> caller;

    /** Those of this caller's, by location. */
    @GuardedBy("this")
    private final Map<String, GitDvcRepository> opened = new HashMap<>();

    Imports(String base, Optional<ConfigOverrides> caller) {
      this.base = base;
      this.caller = caller;
    }

    @Override
    public ImportSource.Opener by(ConfigOverrides overrides) {
      return new Imports(base, Optional.of(overrides.ofCallerOnly()));
    }

    @Override
    public synchronized void calledWith(Map<String, String> environment) {
      caller = caller.map(known -> known.calledWith(environment));
      opened.values().forEach(repository -> repository.calledWith(environment));
    }

    @Override
    public Snapshot open(String url, String commit) throws IOException {
      // DVC resolves relative ones against the current directory; the repository is what is meant.
      String location = Mirror.isUrl(url) ? url : Path.of(base).resolve(url).normalize().toString();
      return asked(location, openGit(location)).snapshot(commit);
    }

    private synchronized GitDvcRepository asked(String location, GitDvcRepository shared) {
      if (caller.isEmpty()) {
        return shared;
      }
      GitDvcRepository known = opened.get(location);
      if (known == null || !known.isOf(shared)) {
        known = shared.with(caller.get());
        opened.put(location, known);
      }
      return known;
    }

    @Override
    public OpenFile open(Entry entry) throws IOException {
      return contents.open(entry);
    }

    @Override
    public synchronized void close() {
      opened.values().forEach(GitDvcRepository::close);
      opened.clear();
    }
  }

  @Override
  public void close() {
    synchronized (open) {
      ofMounts.forEach(GitDvcRepository::close);
      ofMounts.clear();
      open.values().forEach(GitDvcRepository::close);
      open.clear();
    }
  }
}
