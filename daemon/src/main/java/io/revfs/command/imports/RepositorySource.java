package io.revfs.command.imports;

import io.revfs.browse.Places;
import io.revfs.command.CommandFailure;
import io.revfs.command.copy.Copies;
import io.revfs.command.copy.FileWriter;
import io.revfs.command.copy.PlaceCopy;
import io.revfs.command.look.Sources;
import io.revfs.command.tracking.Session;
import io.revfs.command.worktree.WorkTrees;
import io.revfs.dvc.DvcConfig;
import io.revfs.git.Mirror;
import io.revfs.reach.Passages;
import io.revfs.repository.ConfigOverrides;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A path of another repository, at a revision. */
final class RepositorySource implements Source {
  private static final String UPDATE = "update available";

  private final Reach reach;
  private final Session session;
  private final String path;
  private final Map<String, @Nullable Object> repository = new LinkedHashMap<>();
  private final Path directory;
  private Places.@Nullable Place place;

  RepositorySource(
      Reach reach,
      Session session,
      Map<String, @Nullable Object> entry,
      Map<?, ?> repository,
      Path directory) {
    this.reach = reach;
    this.session = session;
    this.path = String.valueOf(entry.get("path"));
    this.directory = directory;
    repository.forEach((key, value) -> this.repository.put(String.valueOf(key), value));
  }

  /** Returns the entry of {@code deps} of a new import, as the caller names it. */
  static Map<String, @Nullable Object> entry(Session session) throws IOException {
    var call = session.call();
    Map<String, @Nullable Object> repository = new LinkedHashMap<>();
    repository.put("url", call.required("url"));
    call.value("rev").ifPresent(rev -> repository.put("rev", rev));
    Map<String, String> options = Sources.pairs(call, "remote-config");
    Optional<String> remote = call.value("remote");
    Optional<String> config = call.value("config");
    if (config.isPresent() && remote.isPresent() && !options.isEmpty()) {
      throw new CommandFailure(
          "Can't specify config path together with both remote and remote_config",
          "put the remote's options into " + config.get(),
          CommandFailure.FAILED);
    }
    if (remote.isPresent() && !options.isEmpty()) {
      Map<String, Object> both = new LinkedHashMap<>();
      both.put("core", Map.of("remote", remote.get()));
      both.put("remote", Map.of(remote.get(), options));
      repository.put("config", both);
    } else {
      config.ifPresent(file -> repository.put("config", file));
      remote.ifPresent(name -> repository.put("remote", name));
      if (!options.isEmpty()) {
        repository.put("remote", options);
      }
    }
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    entry.put("path", call.required("path"));
    entry.put("repo", repository);
    return entry;
  }

  private String url() {
    return String.valueOf(repository.get("url"));
  }

  private Optional<String> text(String key) {
    return Optional.ofNullable(repository.get(key)).map(String::valueOf).filter(t -> !t.isEmpty());
  }

  @Override
  public String shown() {
    return path + " (" + url() + ")";
  }

  /**
   * Returns where the repository is. DVC takes a relative path from wherever it is called; people
   * also mean it from the file that names it, and from the project's root.
   */
  private String location() {
    String url = url();
    if (Mirror.isUrl(url) || Path.of(url).isAbsolute()) {
      return url;
    }
    Path called = session.call().resolve(url);
    return List.of(
            called,
            Passages.resolve(directory, url),
            Passages.resolve(session.project().root(), url))
        .stream()
        .filter(Files::isDirectory)
        .findFirst()
        .orElse(called)
        .toString();
  }

  private Places.Place open(Optional<String> revision) throws IOException {
    try {
      String location = Sources.existing(reach.places(), location());
      if (revision.isEmpty()) {
        WorkTrees.Look look =
            new WorkTrees.Look(overrides(), session.call().environment(), false, false);
        Optional<Places.Place> workTree = WorkTrees.place(reach.places(), location, path, look);
        if (workTree.isPresent()) {
          return workTree.get();
        }
      }
      Sources.update(reach.places(), location, revision);
      return reach.places().of(location, revision, path, overrides());
    } catch (IOException e) {
      throw Sources.failure(e, true);
    }
  }

  /** Returns what the import says of the configuration of the repository. */
  private ConfigOverrides overrides() throws IOException {
    Optional<DvcConfig> file = Optional.empty();
    Optional<String> remote = Optional.empty();
    Map<String, String> options = new LinkedHashMap<>();
    if (repository.get("config") instanceof String config) {
      file = Optional.of(config(config));
    } else if (repository.get("config") instanceof Map<?, ?> config) {
      remote =
          Optional.ofNullable(
                  config.get("core") instanceof Map<?, ?> core ? core.get("remote") : null)
              .map(String::valueOf);
      if (remote.isPresent() && config.get("remote") instanceof Map<?, ?> remotes) {
        addTo(options, remotes.get(remote.get()));
      }
    }
    if (repository.get("remote") instanceof Map<?, ?> map) {
      addTo(options, map);
    } else if (repository.get("remote") != null) {
      remote = text("remote");
    }
    return new ConfigOverrides(file, remote, options, directory.toString())
        .calledWith(session.call().environment());
  }

  private DvcConfig config(String name) throws IOException {
    Path called = session.call().resolve(name);
    Path file = Files.exists(called) ? called : directory.resolve(name);
    if (!Files.exists(file)) {
      throw new CommandFailure(
          "the configuration " + called + " is not there",
          "name another with --config",
          CommandFailure.CONFIGURATION);
    }
    return DvcConfig.load(
        List.of(
            new DvcConfig.Layer(
                file.toString(), Files.readString(file), file.resolveSibling("").toString())));
  }

  private static void addTo(Map<String, String> options, @Nullable Object more) {
    if (more instanceof Map<?, ?> map) {
      map.forEach((key, value) -> options.put(String.valueOf(key), String.valueOf(value)));
    }
  }

  @Override
  public boolean look(Optional<String> revision) throws IOException {
    close();
    revision.filter(r -> !r.isEmpty()).ifPresent(rev -> repository.put("rev", rev));
    Places.Place opened = open(text("rev"));
    place = opened;
    String commit = opened.snapshot().commit();
    if (commit.isEmpty()) {
      throw new CommandFailure(
          url() + " has no commit of Git's, so an import could not say what it is of",
          "commit there first; of a project without Git take a copy with: dvc get",
          CommandFailure.FAILED);
    }
    return !Optional.of(commit).equals(Optional.ofNullable(repository.put("rev_lock", commit)));
  }

  @Override
  public Map<String, @Nullable Object> entry() {
    Map<String, @Nullable Object> said = new LinkedHashMap<>();
    for (String key : List.of("url", "rev", "rev_lock", "config", "remote")) {
      if (repository.get(key) != null) {
        said.put(key, repository.get(key));
      }
    }
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    entry.put("path", path);
    entry.put("repo", said);
    return entry;
  }

  @Override
  public Optional<String> status() throws IOException {
    try {
      String location = Sources.existing(reach.places(), location());
      Sources.update(reach.places(), location, text("rev"));
      var source = reach.places().root(location).repository();
      String now = source.resolve(text("rev").orElse("HEAD"));
      String then = source.resolve(text("rev_lock").or(() -> text("rev")).orElse("HEAD"));
      return now.equals(then) ? Optional.empty() : Optional.of(UPDATE);
    } catch (IOException e) {
      throw Sources.failure(e, true);
    }
  }

  @Override
  public void copy(Path target) throws IOException {
    if (place == null) {
      place = open(text("rev_lock").or(() -> text("rev")));
    }
    FileWriter writer = new FileWriter(reach.contents(), session.call(), false);
    var unused =
        new PlaceCopy(session.call(), place, writer, Copies.jobs(session.call())).to(target);
  }

  @Override
  public boolean isVersionAware() {
    return false;
  }

  @Override
  public void close() {
    if (place != null) {
      place.close();
      place = null;
    }
  }
}
