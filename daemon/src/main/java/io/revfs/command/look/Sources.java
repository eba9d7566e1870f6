package io.revfs.command.look;

import io.revfs.browse.Places;
import io.revfs.browse.UnknownPlaceException;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.worktree.WorkTrees;
import io.revfs.dvc.DvcConfig;
import io.revfs.git.Mirror;
import io.revfs.reach.Passages;
import io.revfs.repository.ConfigOverrides;
import io.revfs.repository.DataRepository;
import io.revfs.repository.UnknownRevisionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What callers say of another repository: {@code url}, {@code --rev}, {@code --remote}, …. */
public final class Sources {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  private Sources() {}

  /**
   * Returns the place that a command's url, path and options name; the caller closes it. Without a
   * revision that is in the work tree, where there is one.
   *
   * @param namesOnly whether it is looked at for its names only
   */
  static Places.Place place(Places places, Invocation call, String path, boolean namesOnly)
      throws IOException {
    String location = location(places, call, call.required("url"));
    if (call.value("rev").orElse("").isEmpty()) {
      WorkTrees.Look look =
          new WorkTrees.Look(overrides(call), call.environment(), namesOnly, call.flag("dvc-only"));
      Optional<Places.Place> workTree = WorkTrees.place(places, location, path, look);
      if (workTree.isPresent()) {
        return workTree.get();
      }
    }
    update(places, location, call.value("rev"));
    return places.of(location, call.value("rev"), path, overrides(call));
  }

  /** Brings a clone up to date, unless all that is wanted is a commit that it has. */
  public static void update(Places places, String location, Optional<String> revision)
      throws IOException {
    if (!Mirror.isUrl(location)) {
      return;
    }
    DataRepository repository = places.root(location).repository();
    if (revision.isEmpty()
        || !COMMIT.matcher(revision.get()).matches()
        || repository.commitsWithPrefix(revision.get()).isEmpty()) {
      var unused = repository.refresh();
    }
  }

  /**
   * Returns a repository's URL as it is, its path made absolute.
   *
   * @throws UnknownPlaceException if nothing is there: what is above it is another repository
   */
  static String location(Places places, Invocation call, String url) throws IOException {
    Path path = call.resolve(url);
    boolean isUrl = Mirror.isUrl(url) && !Files.exists(path);
    return isUrl ? url : existing(places, path.toString());
  }

  /**
   * Returns a repository's URL or path.
   *
   * @throws UnknownPlaceException if it is a path, and nothing is there
   */
  public static String existing(Places places, String location) throws IOException {
    boolean path = !Mirror.isUrl(location) && !places.isMounted(location);
    if (path && !Passages.exists(Path.of(location))) {
      throw new UnknownPlaceException(
          UnknownPlaceException.Kind.NO_REPOSITORY,
          location + " is not there",
          "name a directory, or a URL to clone from");
    }
    return location;
  }

  /**
   * Returns what a caller sets over the other repository's configuration.
   *
   * @throws CommandFailure if it makes no sense
   */
  public static ConfigOverrides overrides(Invocation call) throws IOException {
    Optional<DvcConfig> file = Optional.empty();
    if (call.value("config").isPresent()) {
      Path path = call.resolve(call.value("config").get());
      try {
        file =
            Optional.of(
                DvcConfig.load(
                    List.of(
                        new DvcConfig.Layer(
                            path.toString(),
                            Files.readString(path),
                            path.resolveSibling("").toString()))));
      } catch (NoSuchFileException e) {
        throw new CommandFailure(
            "the configuration " + path + " is not there",
            "name another with --config",
            CommandFailure.CONFIGURATION,
            e);
      }
    }
    return new ConfigOverrides(
            file, call.value("remote"), pairs(call, "remote-config"), call.directory().toString())
        .calledWith(call.environment());
  }

  /** Returns the options that were given as {@code NAME=VALUE}. */
  public static Map<String, String> pairs(Invocation call, String option) throws CommandFailure {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String word : call.values(option)) {
      int equals = word.indexOf('=');
      if (equals <= 0) {
        throw new CommandFailure(
            "--" + option + " " + word + ": NAME=VALUE is expected",
            "see --help",
            CommandFailure.USAGE);
      }
      pairs.put(word.substring(0, equals), word.substring(equals + 1));
    }
    return pairs;
  }

  /**
   * Returns a failure as DVC's commands on other repositories end: with 1 where the repository, the
   * revision or (in listings) the path is not there.
   */
  public static IOException failure(IOException e, boolean pathToo) {
    if (e instanceof UnknownPlaceException unknown) {
      boolean path = unknown.kind() == UnknownPlaceException.Kind.NO_PATH;
      int exit = path && !pathToo ? CommandFailure.OTHER : CommandFailure.FAILED;
      return new CommandFailure(String.valueOf(e.getMessage()), unknown.hint(), exit, e);
    }
    if (e instanceof Mirror.UnreachableException) {
      return new CommandFailure(
          String.valueOf(e.getMessage()),
          "correct the URL; or see whether git can read it: git ls-remote URL",
          CommandFailure.FAILED,
          e);
    }
    if (e instanceof UnknownRevisionException) {
      return new CommandFailure(
          String.valueOf(e.getMessage()),
          "list revisions with: git branch -a, git tag",
          CommandFailure.FAILED,
          e);
    }
    return e;
  }
}
