package io.revfs.repository;

import io.revfs.cache.Cache;
import io.revfs.git.AnnotatedTag;
import io.revfs.git.GitRepository;
import io.revfs.git.Mirror;
import io.revfs.snapshot.ManifestStore;
import io.revfs.snapshot.Snapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A repository of Git's, with the snapshots of its commits. */
final class GitDvcRepository implements DataRepository {
  private static final int SNAPSHOTS_KEPT = 64;
  private static final int MOST_SUGGESTIONS = 3;

  private final String location;
  private final GitRepository git;
  private final boolean mirror;
  private final boolean own; // whether it closes Git's part
  private final RepositoryRemotes remotes;
  private final ManifestStore manifests;
  private final Cache cache;
  private final ImportSource.Opener imports;
  private final Map<String, Snapshot> snapshots =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Snapshot> eldest) {
          return size() > SNAPSHOTS_KEPT;
        }
      };

  GitDvcRepository(
      String location,
      GitRepository git,
      boolean mirror,
      RepositoryRemotes remotes,
      ManifestStore manifests,
      Cache cache,
      ImportSource.Opener imports) {
    this(location, git, mirror, true, remotes, manifests, cache, imports);
  }

  private GitDvcRepository(
      String location,
      GitRepository git,
      boolean mirror,
      boolean own,
      RepositoryRemotes remotes,
      ManifestStore manifests,
      Cache cache,
      ImportSource.Opener imports) {
    this.location = location;
    this.git = git;
    this.mirror = mirror;
    this.own = own;
    this.remotes = remotes;
    this.manifests = manifests;
    this.cache = cache;
    this.imports = imports;
  }

  /**
   * Returns the same repository with remotes as its configuration and {@code overrides} name them.
   * It has snapshots of its own; closing it closes those remotes and leaves this one open.
   */
  GitDvcRepository with(ConfigOverrides overrides) {
    return new GitDvcRepository(
        location,
        git,
        mirror,
        false,
        remotes.with(overrides),
        manifests,
        cache,
        imports.by(overrides));
  }

  /** Returns whether the other one reads the same opened repository of Git's. */
  boolean isOf(GitDvcRepository other) {
    return git == other.git;
  }

  @Override
  public String location() {
    return location;
  }

  @Override
  public String resolve(String revision) throws IOException {
    Optional<String> commit =
        revision.isEmpty() || revision.indexOf('\0') >= 0
            ? Optional.empty()
            : git.resolve(revision).or(() -> experiment(revision));
    if (commit.isPresent()) {
      return commit.get();
    }
    throw new UnknownRevisionException(revision, near(revision), git.isShallow());
  }

  private Optional<String> experiment(String name) {
    try {
      return Optional.ofNullable(experiments().get(name));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private List<String> near(String revision) throws IOException {
    Set<String> names = new TreeSet<>(branches().keySet());
    names.addAll(tags().keySet());
    names.addAll(experiments().keySet());
    int most = Math.max(2, revision.length() / 3);
    return names.stream()
        .filter(name -> distance(name, revision) <= most)
        .sorted(Comparator.comparingInt(name -> distance(name, revision)))
        .limit(MOST_SUGGESTIONS)
        .toList();
  }

  /** Levenshtein's distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(above, row[j - 1]) + 1, diagonal + change);
        diagonal = above;
      }
    }
    return row[b.length()];
  }

  @Override
  public Map<String, String> branches() throws IOException {
    return git.branches();
  }

  @Override
  public Map<String, String> tags() throws IOException {
    return git.tags();
  }

  @Override
  public List<AnnotatedTag> annotatedTags() throws IOException {
    return git.annotatedTags();
  }

  @Override
  public Map<String, String> experiments() throws IOException {
    return git.experiments();
  }

  @Override
  public List<String> commitsWithPrefix(String prefix) throws IOException {
    return git.commitsWithPrefix(prefix);
  }

  @Override
  public Snapshot snapshot(String commit) throws IOException {
    synchronized (snapshots) {
      Snapshot known = snapshots.get(commit);
      if (known == null) {
        known = new SnapshotBuilder(git, remotes, manifests, cache, imports, commit).build();
        snapshots.put(commit, known);
      }
      return known;
    }
  }

  @Override
  public OutputsOfFiles outputs(WorkTreeFiles files, Set<String> projects) {
    return new NamedOutputs(remotes, manifests, cache, imports).reader(files, projects);
  }

  @Override
  public byte[] gitBlob(String id) throws IOException {
    return git.blob(id);
  }

  @Override
  public List<String> refresh() throws IOException {
    if (!mirror) {
      return List.of();
    }
    Map<String, String> before = refs();
    Mirror.fetch(git.gitDirectory());
    Map<String, String> after = refs();
    List<String> changed = new ArrayList<>();
    for (String name :
        new TreeSet<>(
            java.util.stream.Stream.concat(before.keySet().stream(), after.keySet().stream())
                .toList())) {
      if (!java.util.Objects.equals(before.get(name), after.get(name))) {
        changed.add(name);
      }
    }
    return changed;
  }

  private Map<String, String> refs() throws IOException {
    Map<String, String> refs = new LinkedHashMap<>();
    branches().forEach((name, commit) -> refs.put("branches/" + name, commit));
    tags().forEach((name, commit) -> refs.put("tags/" + name, commit));
    experiments().forEach((name, commit) -> refs.put("experiments/" + name, commit));
    return refs;
  }

  @Override
  public void calledWith(Map<String, String> environment) {
    remotes.calledWith(environment);
    imports.calledWith(environment);
  }

  @Override
  public List<RemoteState> remotes() {
    return remotes.states();
  }

  @Override
  public void close() {
    remotes.close();
    imports.close();
    if (own) {
      git.close();
    }
  }
}
