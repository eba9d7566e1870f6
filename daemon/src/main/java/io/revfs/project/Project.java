package io.revfs.project;

import io.revfs.dvc.DvcConfig;
import io.revfs.reach.Passages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A DVC project in a work tree. Immutable: what it says of the configuration was so when it was
 * found.
 */
public final class Project {
  private static final String DVC = ".dvc";

  private final Path root;
  private final ConfigFiles configFiles;
  private final DvcConfig config;
  private final Optional<Path> gitRoot;

  private Project(Path root, ConfigFiles configFiles, DvcConfig config, Optional<Path> gitRoot) {
    this.root = root;
    this.configFiles = configFiles;
    this.config = config;
    this.gitRoot = gitRoot;
  }

  /**
   * Finds the project that a directory is in: the nearest parent, or itself, with a {@code .dvc}.
   *
   * @param environment the caller's, for the levels of the configuration that are not the project's
   * @throws NotInProjectException if there is none
   * @throws ProjectConfigurationException if its configuration is wrong
   */
  public static Project find(Path directory, Map<String, String> environment) throws IOException {
    Path root =
        findRoot(directory)
            .orElseThrow(
                () ->
                    new NotInProjectException(
                        "you are not inside of a DVC repository (checked up to mount point '/')"));
    return at(root, environment);
  }

  /**
   * As {@link #find}; where there is none, the Git work tree that the directory is in stands for a
   * project that says nothing, or else the directory itself.
   */
  public static Project around(Path directory, Map<String, String> environment) throws IOException {
    Optional<Path> root = findRoot(directory);
    if (root.isPresent()) {
      return at(root.get(), environment);
    }
    Optional<Path> git = findGitRoot(directory);
    ConfigFiles files = new ConfigFiles(environment, Optional.empty());
    return new Project(git.orElse(directory), files, files.load(), git);
  }

  /** Opens the project whose root this is. */
  public static Project at(Path root, Map<String, String> environment) throws IOException {
    ConfigFiles files = new ConfigFiles(environment, Optional.of(root.resolve(DVC)));
    DvcConfig config = files.load();
    Optional<Path> git = noScm(config) ? Optional.empty() : Optional.of(gitRootOf(root));
    return new Project(root, files, config, git);
  }

  /** Returns the root of the project that a directory is in. */
  public static Optional<Path> findRoot(Path directory) {
    Path start = directory.toAbsolutePath().normalize();
    for (Path at = start; at != null; at = at.getParent()) {
      if (isRoot(at)) {
        return Optional.of(at);
      }
    }
    return Optional.empty();
  }

  /** Returns whether a directory is the root of a project. */
  public static boolean isRoot(Path directory) {
    return Files.isDirectory(directory.resolve(DVC));
  }

  /** Returns the top of the Git work tree that a directory is in. */
  public static Optional<Path> findGitRoot(Path directory) {
    for (Path at = directory.toAbsolutePath().normalize(); at != null; at = at.getParent()) {
      if (Files.exists(at.resolve(".git"), LinkOption.NOFOLLOW_LINKS)) {
        return Optional.of(at);
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the top of the Git work tree of a project; empty if there is none, or if the project is
   * to be one without.
   *
   * @param root of the project, or a directory that is in none
   */
  public static Optional<Path> gitRoot(Path root, Map<String, String> environment)
      throws IOException {
    boolean without =
        isRoot(root) && noScm(new ConfigFiles(environment, Optional.of(root.resolve(DVC))).load());
    return without ? Optional.empty() : findGitRoot(root);
  }

  private static boolean noScm(DvcConfig config) {
    return config.get("core", "no_scm").map(Project::isTrue).orElse(false);
  }

  private static Path gitRootOf(Path root) throws IOException {
    return findGitRoot(root)
        .orElseThrow(
            () ->
                new IOException(
                    root
                        + " is not in a Git repository: git init there, or set core.no_scm to"
                        + " true"));
  }

  /** Returns whether a value of the configuration means true. */
  public static boolean isTrue(String value) {
    return switch (value.toLowerCase(java.util.Locale.ROOT)) {
      case "true", "yes", "on", "1" -> true;
      default -> false;
    };
  }

  /** Returns the root, absolute. */
  public Path root() {
    return root;
  }

  /** Returns {@code .dvc}. */
  public Path dvcDirectory() {
    return root.resolve(DVC);
  }

  /** Returns {@code .dvc/tmp}, made if it was not there; outside of a project, the system's. */
  public Path tmp() throws IOException {
    if (!isRoot(root)) {
      return Path.of(System.getProperty("java.io.tmpdir"));
    }
    Path tmp = dvcDirectory().resolve("tmp");
    if (!Files.isDirectory(tmp)) {
      Files.createDirectories(tmp);
      Passages.changed(tmp);
    }
    return tmp;
  }

  /** Returns the top of Git's work tree, which may be above the root; empty without Git. */
  public Optional<Path> gitRoot() {
    return gitRoot;
  }

  /** Returns the configuration of all levels together. */
  public DvcConfig config() {
    return config;
  }

  /** Returns where the levels of the configuration are. */
  public ConfigFiles configFiles() {
    return configFiles;
  }

  /** Returns whether a switch of the configuration is on; what it is otherwise if it is not set. */
  public boolean isSet(String section, String key, boolean otherwise) {
    return config.get(section, key).map(Project::isTrue).orElse(otherwise);
  }

  /** Returns the directory of the cache, absolute; it need not be there. */
  public Path cacheDirectory() {
    return config
        .cacheDirectory()
        .map(Path::of)
        .map(path -> Passages.at(root).isPresent() ? Passages.below(path) : path)
        .orElseGet(() -> dvcDirectory().resolve("cache"));
  }

  /** Returns whether a path, absolute and normalized, is in the project. */
  public boolean contains(Path path) {
    return path.startsWith(root);
  }

  /**
   * Returns a path relative to the root, with {@code /}; empty for the root itself.
   *
   * @param path absolute and normalized, in the project
   */
  public String relative(Path path) {
    return root.relativize(path).toString();
  }

  @Override
  public String toString() {
    return root.toString();
  }
}
