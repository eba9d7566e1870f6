package io.revfs.repository;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.dvc.DvcConfig;
import io.revfs.dvc.DvcFormatException;
import io.revfs.git.GitFiles;
import io.revfs.git.GitRepository;
import io.revfs.object.ObjectSource;
import io.revfs.origin.DvcCacheSource;
import io.revfs.reach.Passages;
import io.revfs.remote.OpenRemote;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteFigures;
import io.revfs.remote.RemoteLimits;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.scheme.Remotes;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A repository's remotes and DVC caches. Two configurations say where a commit's data is: that of
 * now (the working copy's, or HEAD's in a bare repository), since remotes move and old commits name
 * where they were, and the commit's own, whose default remote may be one that was left since. Each
 * remote is opened once. Thread-safe.
 */
final class RepositoryRemotes implements Closeable {
  private final Optional<GitRepository> git;
  private final Optional<Path> workTree;

  /**
   * What the configuration's relative paths hang on: the repository as its users see it. Where a
   * mount lies over it, that is not where it is read.
   */
  private final String base;

  private final RemoteLimits limits;
  private volatile ConfigOverrides overrides;

  @GuardedBy("this")
  private final Map<RemoteSettings, OpenRemote> open = new LinkedHashMap<>();

  /** By the directory of the project and the name. */
  @GuardedBy("this")
  private final Map<String, FollowingRemote> following = new HashMap<>();

  /** Those that are as they were, except for who asks. */
  @GuardedBy("this")
  private final Map<DvcConfig.RemoteSection, FollowingRemote> fixed = new HashMap<>();

  RepositoryRemotes(
      GitRepository git, String base, RemoteLimits limits, ConfigOverrides overrides) {
    this(Optional.of(git), git.workTree(), base, limits, overrides);
  }

  /** Returns those of a project without Git. */
  static RepositoryRemotes ofPlain(Path root, RemoteLimits limits, ConfigOverrides overrides) {
    String base = Passages.shown(root).toString();
    return new RepositoryRemotes(Optional.empty(), Optional.of(root), base, limits, overrides);
  }

  private RepositoryRemotes(
      Optional<GitRepository> git,
      Optional<Path> workTree,
      String base,
      RemoteLimits limits,
      ConfigOverrides overrides) {
    this.git = git;
    this.workTree = workTree;
    this.base = base;
    this.limits = limits;
    this.overrides = overrides;
  }

  /** Returns those of the same repository by another configuration; the caller closes them. */
  RepositoryRemotes with(ConfigOverrides other) {
    return new RepositoryRemotes(git, workTree, base, limits, other);
  }

  /** See {@link DataRepository#calledWith}. */
  synchronized void calledWith(Map<String, String> environment) {
    ConfigOverrides called = overrides.calledWith(environment);
    if (!called.isSameCaller(overrides)) {
      overrides = called;
      open.clear(); // who still reads from one has it, and when nobody does it closes itself
      following.values().forEach(FollowingRemote::followNow);
      fixed.values().forEach(FollowingRemote::followNow);
    }
  }

  /** Returns the top of the work tree, which a bare repository does not have. */
  Optional<Path> workTree() {
    return workTree;
  }

  /** Returns the configuration of now of a DVC project, by its directory from the root. */
  DvcConfig config(String project) throws IOException {
    Optional<DvcConfig.Layer> committed = Optional.empty();
    Optional<Path> dvc = workTree.map(top -> top.resolve(project).resolve(".dvc"));
    if (dvc.isPresent()) {
      committed = layer(dvc.get().resolve("config"));
    } else {
      GitRepository bare = git.orElseThrow();
      Optional<String> head = bare.resolve("HEAD");
      if (head.isPresent()) {
        committed = committed(bare, head.get(), project);
      }
    }
    return load(committed, dvc);
  }

  /** Returns the configuration that a commit itself has for a DVC project. */
  DvcConfig configAt(String commit, String project) throws IOException {
    return load(
        committed(git.orElseThrow(), commit, project),
        workTree.map(top -> top.resolve(project).resolve(".dvc")));
  }

  private DvcConfig load(Optional<DvcConfig.Layer> committed, Optional<Path> dvc)
      throws IOException {
    List<DvcConfig.Layer> layers = new ArrayList<>();
    for (Path file : DvcConfig.userFiles(overrides.variables())) {
      layer(file).ifPresent(layers::add);
    }
    committed.ifPresent(layers::add);
    if (dvc.isPresent()) {
      layer(dvc.get().resolve("config.local")).ifPresent(layers::add);
    }
    return overrides.over(DvcConfig.load(layers));
  }

  private Optional<DvcConfig.Layer> layer(Path file) throws IOException {
    Path directory = file.resolveSibling("");
    Optional<Path> below = workTree.filter(directory::startsWith);
    Path shown =
        below.isPresent() ? Path.of(base).resolve(below.get().relativize(directory)) : directory;
    try {
      return Optional.of(
          new DvcConfig.Layer(file.toString(), Files.readString(file), shown.toString()));
    } catch (NoSuchFileException | java.nio.file.NotDirectoryException e) {
      return Optional.empty();
    }
  }

  private Optional<DvcConfig.Layer> committed(
      GitRepository repository, String commit, String project) throws IOException {
    String path = project.isEmpty() ? ".dvc/config" : project + "/.dvc/config";
    Optional<byte[]> content = GitFiles.read(repository, repository.treeOf(commit), path);
    return content.map(
        bytes ->
            new DvcConfig.Layer(
                commit + ":" + path,
                new String(bytes, StandardCharsets.UTF_8),
                Path.of(base).resolve(project).resolve(".dvc").toString()));
  }

  /** Returns a remote with just these settings, for whoever calls at the time. */
  synchronized Remote remote(DvcConfig.RemoteSection section) throws IOException {
    Remote found = opened(section);
    return fixed.computeIfAbsent(section, key -> new FollowingRemote(found, () -> opened(section)));
  }

  private synchronized Remote opened(DvcConfig.RemoteSection section) throws IOException {
    RemoteSettings settings =
        new RemoteSettings(
            section.name(), section.url(), section.options(), limits, overrides.variables());
    OpenRemote remote = open.get(settings);
    if (remote == null) {
      remote = Remotes.open(settings);
      open.put(settings, remote);
    }
    return remote.remote();
  }

  /**
   * Returns a remote that the configuration of now has for a project, by its directory from the
   * root; it is another when that changes.
   */
  synchronized Remote following(String project, DvcConfig.RemoteSection section)
      throws IOException {
    Remote found = opened(section);
    FollowingRemote known =
        following.computeIfAbsent(
            project + "\0" + section.name(),
            key ->
                new FollowingRemote(found, () -> opened(config(project).remote(section.name()))));
    known.follow(found);
    return known;
  }

  /** Returns the remote that an output names, or else the default one. */
  Optional<DvcConfig.RemoteSection> section(DvcConfig config, Optional<String> named)
      throws DvcFormatException {
    Optional<String> name = named.or(config::defaultRemote);
    if (name.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(config.remote(name.get()));
  }

  /** Returns the project's own DVC cache where the repository has a working copy. */
  Optional<ObjectSource> dvcCache(DvcConfig config, String project) {
    Optional<Path> configured = config.cacheDirectory().map(Path::of).map(this::below);
    Optional<Path> own = workTree.map(top -> top.resolve(project).resolve(".dvc").resolve("cache"));
    return configured.or(() -> own).map(DvcCacheSource::new);
  }

  /** Returns where a place in the repository really is: what lies over it is not to be asked. */
  private Path below(Path place) {
    Path shown = Path.of(base);
    return workTree
        .filter(top -> place.startsWith(shown))
        .map(top -> top.resolve(shown.relativize(place)))
        .orElse(place);
  }

  synchronized List<DataRepository.RemoteState> states() {
    List<DataRepository.RemoteState> states = new ArrayList<>();
    for (OpenRemote remote : open.values()) {
      RemoteFigures figures = remote.figures().get();
      states.add(
          new DataRepository.RemoteState(
              remote.remote().name(),
              remote.remote().url(),
              figures.lastError(),
              figures.requests(),
              figures.failures(),
              figures.bytesRead()));
    }
    return states;
  }

  @Override
  public synchronized void close() {
    open.values().forEach(OpenRemote::close);
    open.clear();
  }
}
