package io.revfs.repository;

import io.revfs.dvc.Dependency;
import io.revfs.dvc.DvcConfig;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.Output;
import io.revfs.dvc.OutputFile;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectSource;
import io.revfs.object.Origins;
import io.revfs.origin.ContentAddressedSource;
import io.revfs.origin.VersionedSource;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Knows where the objects of a commit's outputs may be. */
record OutputOrigins(RepositoryRemotes remotes, ImportSource.Opener imports) {
  /**
   * A DVC project of the repository.
   *
   * @param directory from the root, empty for the root
   * @param config its configuration of now; null where that cannot be read
   * @param then the commit's own configuration, where that can be read
   * @param cache its own DVC cache
   * @param problem why there is no configuration of now
   */
  record Project(
      String directory,
      @Nullable DvcConfig config,
      Optional<DvcConfig> then,
      Optional<ObjectSource> cache,
      Optional<String> problem) {}

  /**
   * Returns the remotes of content that can be opened. One that cannot be, such as one of a kind
   * that is not supported and that the data has left since, costs the output nothing while there is
   * another.
   */
  private List<ObjectSource> remotesOf(Project project, Output output) throws IOException {
    List<ObjectSource> sources = new ArrayList<>();
    IOException failure = null;
    for (DvcConfig.RemoteSection section : sections(project, output)) {
      try {
        sources.add(new ContentAddressedSource(remote(project, section)));
      } catch (IOException e) {
        failure = failure == null ? e : failure;
      }
    }
    if (sources.isEmpty() && failure != null) {
      throw failure;
    }
    return sources;
  }

  /** What only the commit's own configuration has, stays as it was, but for who asks. */
  private Remote remote(Project project, DvcConfig.RemoteSection section) throws IOException {
    DvcConfig config = java.util.Objects.requireNonNull(project.config());
    boolean ofNow =
        config.remoteNames().contains(section.name())
            && config.remote(section.name()).equals(section);
    return ofNow ? remotes.following(project.directory(), section) : remotes.remote(section);
  }

  /** Returns the remotes of content that an output may be on, likeliest first. */
  private List<DvcConfig.RemoteSection> sections(Project project, Output output)
      throws IOException {
    List<DvcConfig.RemoteSection> sections = new ArrayList<>();
    DvcFormatException unknown = null;
    for (DvcConfig config :
        project.then().isPresent()
            ? List.of(java.util.Objects.requireNonNull(project.config()), project.then().get())
            : List.of(java.util.Objects.requireNonNull(project.config()))) {
      try {
        remotes
            .section(config, output.remote())
            .filter(s -> sections.stream().noneMatch(known -> known.url().equals(s.url())))
            .ifPresent(sections::add);
      } catch (DvcFormatException e) {
        unknown = e; // a remote that was renamed since is in one of the two
      }
    }
    if (sections.isEmpty() && unknown != null) {
      throw unknown;
    }
    return sections;
  }

  /**
   * Returns where an output's objects may be, in the order to ask.
   *
   * @param path where the output lies
   * @param file the file that names it
   */
  Origins of(
      String path, String file, Project project, Output output, List<Dependency> dependencies)
      throws IOException {
    List<ObjectSource> sources = new ArrayList<>();
    project.cache().ifPresent(sources::add);
    DvcConfig config = project.config();
    if (config == null) {
      return new Origins(sources);
    }
    versioned(path, project, output).ifPresent(sources::add);
    for (Dependency dependency : dependencies) {
      if (dependency.repository().isPresent()
          && dependency.repository().get().revLock().isPresent()) {
        sources.add(new ImportSource(dependency, output, imports));
      }
    }
    sources.addAll(remotesOf(project, output));
    for (Dependency dependency : dependencies) {
      if (dependency.repository().isEmpty()) {
        UrlImport.source(config, remotes, RelativePaths.parent(file), dependency, output)
            .ifPresent(sources::add);
      }
    }
    return new Origins(sources);
  }

  /** Outputs of cloud-versioned remotes lie there under their own paths. */
  private Optional<ObjectSource> versioned(String path, Project project, Output output)
      throws IOException {
    Map<ObjectKey, RemoteKey> places = new HashMap<>();
    Map<String, io.revfs.dvc.CloudVersion> cloud = new HashMap<>(output.cloud());
    for (OutputFile file : output.files()) {
      file.cloud().keySet().forEach(remote -> cloud.putIfAbsent(remote, file.cloud().get(remote)));
    }
    if (cloud.isEmpty()) {
      return Optional.empty();
    }
    String name = cloud.keySet().stream().filter(n -> !n.isEmpty()).findFirst().orElse("");
    Optional<DvcConfig.RemoteSection> section =
        remotes.section(
            java.util.Objects.requireNonNull(project.config()),
            name.isEmpty() ? output.remote() : Optional.of(name));
    if (section.isEmpty()) {
      return Optional.empty();
    }
    Remote remote = remote(project, section.get());
    output
        .key()
        .ifPresent(
            key -> {
              io.revfs.dvc.CloudVersion version = output.cloud().values().iterator().next();
              places.put(key, new RemoteKey(path, version.versionId()));
            });
    for (OutputFile file : output.files()) {
      file.md5()
          .ifPresent(
              md5 -> {
                Optional<String> version =
                    file.cloud().values().stream()
                        .findFirst()
                        .flatMap(io.revfs.dvc.CloudVersion::versionId)
                        .or(file::versionId);
                places.put(ObjectKey.file(md5), new RemoteKey(path + "/" + file.path(), version));
              });
    }
    return Optional.of(new VersionedSource(remote, places));
  }
}
