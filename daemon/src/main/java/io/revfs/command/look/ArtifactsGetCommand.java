package io.revfs.command.look;

import io.revfs.browse.Places;
import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.copy.Destination;
import io.revfs.dvc.ArtifactPaths;
import io.revfs.object.ObjectKey;
import io.revfs.repository.ConfigOverrides;
import io.revfs.repository.DataRepository;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.FileContents;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code artifacts get}: an artifact of a repository, by the name that {@code dvc.yaml} gives it,
 * at the version or stage that GTO's tags name. Studio is not asked: that needs a token, and its
 * service has ended.
 */
final class ArtifactsGetCommand implements Command {
  private static final Pattern NAME =
      Pattern.compile(
          "(?:(?<directory>[a-zA-Z0-9\\-_./]+):)?(?<id>[a-zA-Z0-9](?:[a-zA-Z0-9\\-/_]*[a-zA-Z0-9])?)");
  private static final String FILE = "dvc.yaml";

  private final Places places;
  private final FileContents contents;

  ArtifactsGetCommand(Places places, FileContents contents) {
    this.places = places;
    this.contents = contents;
  }

  /** An artifact's name: the directory of its {@code dvc.yaml} from the root, and its id. */
  private record Name(String directory, String id) {
    static Name parse(String text) throws CommandFailure {
      Matcher matcher = NAME.matcher(text);
      if (!matcher.matches()) {
        throw notFound(text, Optional.empty());
      }
      String directory = matcher.group("directory");
      if (directory == null) {
        return new Name("", matcher.group("id"));
      }
      // Written with the file by people, without it in tags.
      String plain =
          directory.equals(FILE)
              ? ""
              : directory.endsWith("/" + FILE)
                  ? directory.substring(0, directory.length() - FILE.length() - 1)
                  : directory;
      return new Name(plain, matcher.group("id"));
    }

    String inTags() {
      return directory.isEmpty() ? id : directory + ":" + id;
    }

    String file() {
      return directory.isEmpty() ? FILE : directory + "/" + FILE;
    }
  }

  @Override
  public String name() {
    return "artifacts get";
  }

  @Override
  public void run(Invocation call) throws IOException {
    Optional<String> version = call.value("rev");
    Optional<String> stage = call.value("stage");
    if (version.isPresent() && stage.isPresent()) {
      throw new CommandFailure(
          "Artifact version and stage are mutually exclusive.",
          "leave --rev or --stage out",
          CommandFailure.FAILED);
    }
    Name name = Name.parse(call.required("name"));
    String location = Sources.location(places, call, call.required("url"));
    ConfigOverrides overrides = Sources.overrides(call);
    try {
      Sources.update(places, location, Optional.empty()); // new tags count
      DataRepository repository = places.root(location).repository();
      String commit = commit(repository, name, version, stage);
      String path = path(location, commit, name);
      if (call.flag("show-url")) {
        try (Places.Place place = places.of(location, Optional.of(commit), path, overrides)) {
          GetCommand.showUrl(call, place);
        }
        return;
      }
      try (Destination destination = Destination.of(call, path, call.value("out"));
          Places.Place place = places.of(location, Optional.of(commit), path, overrides)) {
        Map<String, Object> copied = GetCommand.copy(call, contents, place, destination);
        call.result(copied);
        call.out(
            "Downloaded %s file(s) to '%s'"
                .formatted(copied.get("files"), call.shown(destination.path())));
      }
    } catch (IOException e) {
      throw Sources.failure(e, true);
    }
  }

  private static CommandFailure notFound(String name, Optional<String> at) {
    return new CommandFailure(
        "Unable to find artifact '" + name + at.map(v -> " @ " + v).orElse("") + "'",
        "its name stands in dvc.yaml, its versions are tags: git tag",
        CommandFailure.FAILED);
  }

  private static String commit(
      DataRepository repository, Name name, Optional<String> version, Optional<String> stage)
      throws IOException {
    ArtifactTags tags = new ArtifactTags(name.inTags(), repository.annotatedTags());
    Optional<String> commit =
        version.isPresent()
            ? tags.version(version.get())
            : stage.isPresent() ? tags.stage(stage.get()) : tags.greatest();
    return commit.orElseThrow(() -> notFound(name.inTags(), version.or(() -> stage)));
  }

  private String path(String location, String commit, Name name) throws IOException {
    Map<String, String> paths;
    try (Places.Place file = places.of(location, Optional.of(commit), name.file())) {
      Entry entry = file.entry();
      ObjectKey key = entry.key().orElseThrow(() -> notFound(name.inTags(), Optional.empty()));
      paths = ArtifactPaths.parse(name.file(), file.repository().gitBlob(key.digest().hex()));
    } catch (io.revfs.browse.UnknownPlaceException e) {
      throw notFound(name.inTags(), Optional.empty());
    }
    String path = paths.get(name.id());
    if (path == null) {
      throw notFound(name.inTags(), Optional.empty());
    }
    return name.directory().isEmpty() ? path : name.directory() + "/" + path;
  }
}
