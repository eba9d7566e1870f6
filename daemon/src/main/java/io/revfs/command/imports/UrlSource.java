package io.revfs.command.imports;

import io.revfs.command.CommandFailure;
import io.revfs.command.copy.Copies;
import io.revfs.command.copy.FileWriter;
import io.revfs.command.copy.UrlCopy;
import io.revfs.command.look.Sources;
import io.revfs.command.tracking.Session;
import io.revfs.object.Digest;
import io.revfs.object.ObjectMissingException;
import io.revfs.stage.Dep;
import io.revfs.stage.Place;
import io.revfs.stage.Stage;
import io.revfs.url.ExternalData;
import io.revfs.url.ExternalUrls;
import io.revfs.workspace.Contents;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A file or directory of a store or of this machine. */
final class UrlSource implements Source {
  private static final String VERSION_AWARE = "version_aware";

  private final Reach reach;
  private final Session session;
  private final String url;
  private final Path directory;
  private final Map<String, @Nullable Object> options = new LinkedHashMap<>();
  private final UrlState recorded;
  private @Nullable UrlState seen;

  UrlSource(Reach reach, Session session, Map<String, @Nullable Object> entry, Path directory) {
    this.reach = reach;
    this.session = session;
    this.url = String.valueOf(entry.get("path"));
    this.directory = directory;
    this.recorded = UrlState.recorded(entry);
    if (entry.get("fs_config") instanceof Map<?, ?> map) {
      map.forEach((key, value) -> options.put(String.valueOf(key), value));
    }
  }

  /**
   * Returns the entry of {@code deps} of a new import, as the caller names it.
   *
   * @param directory of the stage, absolute
   */
  static Map<String, @Nullable Object> entry(Session session, Path directory) throws IOException {
    var call = session.call();
    String url = call.required("url");
    Map<String, @Nullable Object> options = new LinkedHashMap<>(Sources.pairs(call, "fs-config"));
    if (call.flag("version-aware")) {
      options.put(VERSION_AWARE, true);
    }
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    boolean relative = ExternalUrls.isLocal(url) && !url.contains("://") && !url.startsWith("/");
    Path absolute = relative ? call.resolve(url) : Path.of("/");
    boolean own =
        ExternalUrls.isLocal(url)
            && !url.contains("://")
            && call.resolve(url).startsWith(session.project().root());
    entry.put(
        "path",
        relative || own
            ? directory.relativize(relative ? absolute : call.resolve(url)).toString()
            : url);
    if (!options.isEmpty()) {
      entry.put("fs_config", options);
    }
    return entry;
  }

  /** Returns the fields by which a stage's dependency on a store is known again. */
  static Map<String, @Nullable Object> state(Reach reach, Session session, Stage stage, Dep dep)
      throws IOException {
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    entry.put("path", dep.place().written());
    Path directory = session.project().root().resolve(stage.workingDirectory());
    try (UrlSource source = new UrlSource(reach, session, entry, directory)) {
      boolean unused = source.look(Optional.empty());
      return Objects.requireNonNull(source.seen).data();
    }
  }

  @Override
  public String shown() {
    Place place =
        Place.of(
            url,
            session.project().root().relativize(directory).toString(),
            session.project().root());
    return place.shown(session.from());
  }

  private boolean isLocal() {
    return ExternalUrls.isLocal(url);
  }

  private Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    options.forEach((key, value) -> texts.put(key, String.valueOf(value)));
    return texts;
  }

  private ExternalData open(Optional<String> version) throws IOException {
    Map<String, String> with = texts();
    if (isVersionAware() && !isLocal()) {
      with.put(VERSION_AWARE, "true");
    }
    return reach
        .urls()
        .open(
            new ExternalUrls.Request(
                url,
                directory,
                with,
                Optional.of(session.project().config()),
                version,
                session.call().environment()));
  }

  /** Opens the data as it is now; the caller closes it. */
  ExternalData open() throws IOException {
    return open(Optional.empty());
  }

  private UrlState now() throws IOException {
    try (ExternalData data = open(Optional.empty())) {
      Optional<Path> file = data.localPath();
      if (file.isPresent()) {
        Optional<Contents> contents = session.files().contents(file.get(), Digest.Algorithm.MD5);
        return UrlState.of(
            contents.orElseThrow(() -> new ObjectMissingException(url, "this machine")));
      }
      return UrlState.of(data, hasVersions());
    }
  }

  /** Returns whether versions of the files of a directory are recorded. */
  private boolean hasVersions() {
    return Boolean.parseBoolean(String.valueOf(options.get(VERSION_AWARE)))
        || !recorded.files().isEmpty();
  }

  @Override
  public boolean look(Optional<String> revision) throws IOException {
    if (revision.filter(r -> !r.isEmpty()).isPresent() && !isVersionAware()) {
      throw new CommandFailure(
          "--rev has no meaning for '" + shown() + "', which has no versions",
          "leave it out",
          CommandFailure.FAILED);
    }
    try {
      seen = now();
    } catch (ObjectMissingException e) {
      throw new CommandFailure(
          "dependency '" + shown() + "' does not exist",
          "look for it with: list-url",
          CommandFailure.FAILED,
          e);
    }
    return !recorded.isKnown() || !seen.isSame(recorded);
  }

  @Override
  public Map<String, @Nullable Object> entry() {
    UrlState state = seen == null ? recorded : seen;
    Map<String, @Nullable Object> entry = new LinkedHashMap<>(state.data());
    entry.put("hash", "md5");
    entry.put("path", url);
    if (!options.isEmpty()) {
      entry.put("fs_config", options);
    }
    if (!state.files().isEmpty()) {
      entry.put("files", state.files());
    }
    return entry;
  }

  @Override
  public Optional<String> status() throws IOException {
    UrlState now;
    try {
      now = now();
    } catch (ObjectMissingException e) {
      return Optional.of(Source.gone());
    }
    boolean newer = recorded.version().isPresent() && !recorded.version().equals(now.version());
    if (newer) {
      return Optional.of("update available");
    }
    return recorded.isKnown() && now.isSame(recorded) ? Optional.empty() : Optional.of("modified");
  }

  /** Returns whether there is something recorded by which the data can be known again. */
  boolean isKnown() {
    return recorded.isKnown();
  }

  /** Returns what data is meant, whatever version. */
  String location() {
    return isLocal() ? directory.resolve(url).normalize().toString() : url;
  }

  @Override
  public void copy(Path target) throws IOException {
    UrlState state = seen == null ? recorded : seen;
    try (ExternalData data = open(state.version())) {
      FileWriter writer = new FileWriter(reach.contents(), session.call(), false);
      UrlCopy copy = new UrlCopy(session.call(), data, writer, Copies.jobs(session.call()));
      var unused = state.files().isEmpty() ? copy.to(target) : copy.to(target, state.listedFiles());
    }
  }

  @Override
  public boolean isVersionAware() {
    return hasVersions() || recorded.version().isPresent() || url.contains("?versionId=");
  }

  @Override
  public void close() {
    seen = null;
  }
}
