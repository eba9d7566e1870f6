package io.revfs.command.explain;

import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.lock.LockEntry;
import io.revfs.object.Digest;
import io.revfs.reach.Passages;
import io.revfs.stage.Dep;
import io.revfs.stage.Out;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Stage;
import io.revfs.stage.StageId;
import io.revfs.stage.view.FileView;
import io.revfs.stage.view.WorkTreeView;
import io.revfs.text.AtomicFile;
import io.revfs.text.YamlDocument;
import io.revfs.text.YamlSyntaxException;
import io.revfs.trace.Listings;
import io.revfs.workspace.Contents;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code revfs.lock}, beside {@code dvc.yaml} and tracked by Git: what recorded runs of stages
 * read, listed and looked for in vain, declared or not. What a stage declares is {@code dvc.lock}'s
 * business; all else is compared here. Paths are from the project's root. For one thread at a time.
 */
public final class RecordedInputs {
  /** The file's name. */
  public static final String FILE = "revfs.lock";

  private static final String SCHEMA = "1";
  private static final Set<String> LOCKS = Set.of(FILE, "dvc.lock", "__pycache__");

  private final Session session;
  private final InputHistory history;
  private final Map<String, Map<String, Inputs>> known = new LinkedHashMap<>();

  public RecordedInputs(Session session) {
    this.session = session;
    this.history = new InputHistory(session.workspace().store(), session.call().umask());
  }

  /**
   * What a run took in.
   *
   * @param read the MD5 of each file
   * @param listed a digest of each directory's names, but for what stages make
   * @param absent what was looked for and was not there
   */
  public record Inputs(Map<String, String> read, Map<String, String> listed, List<String> absent) {
    public Inputs {
      read = new TreeMap<>(read);
      listed = new TreeMap<>(listed);
      absent = absent.stream().sorted().toList();
    }

    Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      if (!read.isEmpty()) {
        map.put("read", read);
      }
      if (!listed.isEmpty()) {
        map.put("listed", listed);
      }
      if (!absent.isEmpty()) {
        map.put("absent", absent);
      }
      return map;
    }
  }

  private static String file(Stage stage) {
    String directory = stage.id().directory();
    return directory.isEmpty() ? FILE : directory + "/" + FILE;
  }

  static Inputs of(Map<?, ?> map) {
    return new Inputs(
        texts(map.get("read")),
        texts(map.get("listed")),
        map.get("absent") instanceof List<?> list
            ? list.stream().map(String::valueOf).toList()
            : List.of());
  }

  private static Map<String, String> texts(@Nullable Object value) {
    Map<String, String> texts = new TreeMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, of) -> texts.put(String.valueOf(key), String.valueOf(of)));
    }
    return texts;
  }

  private Optional<Inputs> find(Stage stage) throws IOException {
    if (!stage.isPipeline()) {
      return Optional.empty();
    }
    String file = file(stage);
    Map<String, Inputs> stages = known.get(file);
    if (stages == null) {
      stages = load(file);
      known.put(file, stages);
    }
    return Optional.ofNullable(stages.get(stage.id().name()));
  }

  private Map<String, Inputs> load(String file) throws IOException {
    Map<String, Inputs> stages = new LinkedHashMap<>();
    if (!Files.exists(session.project().root().resolve(file))) {
      return stages;
    }
    if (document(file).value().get("stages") instanceof Map<?, ?> map) {
      map.forEach(
          (name, value) -> {
            if (value instanceof Map<?, ?> inputs) {
              stages.put(String.valueOf(name), of(inputs));
            }
          });
    }
    return stages;
  }

  private YamlDocument document(String file) throws IOException {
    Path path = session.project().root().resolve(file);
    try {
      YamlDocument document = YamlDocument.parse(Files.exists(path) ? Files.readString(path) : "");
      Object schema = document.value().getOrDefault("schema", SCHEMA);
      if (!SCHEMA.equals(schema)) {
        throw new DvcFormatException(file, 1, "schema '" + schema + "' is not known (1 is)");
      }
      return document;
    } catch (YamlSyntaxException e) {
      throw new DvcFormatException(file, 0, String.valueOf(e.getMessage()));
    }
  }

  /** Returns whether a run of the stage was recorded that took in more than it declares. */
  public boolean hasMore(Stage stage) throws IOException {
    Optional<Inputs> inputs = find(stage);
    return inputs.isPresent() && isMore(stage, inputs.get());
  }

  private static boolean isMore(Stage stage, Inputs inputs) {
    return Stream.of(inputs.read().keySet(), inputs.listed().keySet(), Set.copyOf(inputs.absent()))
        .flatMap(Set::stream)
        .anyMatch(path -> !isDeclared(stage, path));
  }

  /**
   * Returns the files of other stages that the last recorded run of a stage read without saying so,
   * each with the stage that makes it, which comes before.
   */
  public Map<String, StageId> made(Stage stage) throws IOException {
    Map<String, StageId> made = new LinkedHashMap<>();
    Optional<Inputs> inputs = find(stage);
    if (inputs.isPresent()) {
      for (String path : inputs.get().read().keySet()) {
        Optional<StageId> maker =
            isDeclared(stage, path)
                ? Optional.empty()
                : session.index().outContaining(path).map(Out::owner);
        maker.filter(id -> !id.equals(stage.id())).ifPresent(id -> made.put(path, id));
      }
    }
    return made;
  }

  /**
   * Remembers what a run took in, beside the run itself in the history, so that it can be brought
   * back when all that is there again; nothing if that is what the stage declares.
   *
   * @param run by its key and value in the history
   */
  public void remember(Stage stage, LockEntry run, Inputs inputs) throws IOException {
    if (isMore(stage, inputs)) {
      history.save(run.runKey(), run.runValue(), inputs);
    }
  }

  /** What a run of the history took in, as far as that was recorded. */
  public record Earlier(LockEntry run, Optional<Inputs> inputs) {}

  /**
   * Returns the first of some runs that took in what is there now. One that was not recorded counts
   * only if the stage is not known to take in more than it declares.
   *
   * @param runs with the declared inputs of now, the best first
   */
  public Optional<Earlier> firstAsNow(Stage stage, List<LockEntry> runs) throws IOException {
    for (LockEntry run : runs) {
      List<Inputs> recorded = history.of(run.runKey(), run.runValue());
      if (recorded.isEmpty() && !hasMore(stage)) {
        return Optional.of(new Earlier(run, Optional.empty()));
      }
      for (Inputs inputs : recorded) {
        if (changes(stage, inputs, true).isEmpty()) {
          return Optional.of(new Earlier(run, Optional.of(inputs)));
        }
      }
    }
    return Optional.empty();
  }

  /** Returns what differs from the recorded run and is not declared. */
  List<Reason> changes(Stage stage, boolean first) throws IOException {
    Optional<Inputs> found = find(stage);
    return found.isEmpty() ? List.of() : changes(stage, found.get(), first);
  }

  private List<Reason> changes(Stage stage, Inputs inputs, boolean first) throws IOException {
    List<Reason> reasons = new ArrayList<>();
    for (Map.Entry<String, String> one : inputs.read().entrySet()) {
      if (!isDeclared(stage, one.getKey()) && !(first && !reasons.isEmpty())) {
        Optional<String> now = digest(one.getKey());
        if (!now.equals(Optional.of(one.getValue()))) {
          reasons.add(reason(one.getKey(), one.getValue(), now.orElse(null), "read undeclared"));
        }
      }
    }
    for (Map.Entry<String, String> one : inputs.listed().entrySet()) {
      if (!isDeclared(stage, one.getKey()) && !(first && !reasons.isEmpty())) {
        Optional<String> now = listing(one.getKey());
        if (!now.equals(Optional.of(one.getValue()))) {
          reasons.add(reason(one.getKey(), one.getValue(), now.orElse(null), "its names changed"));
        }
      }
    }
    for (String path : inputs.absent()) {
      boolean there =
          !isDeclared(stage, path)
              && session.index().outContaining(path).isEmpty()
              && Passages.exists(session.project().root().resolve(path));
      if (there) {
        reasons.add(reason(path, null, "there", "it was looked for in vain"));
      }
    }
    return reasons;
  }

  private Reason reason(String path, @Nullable String was, @Nullable String now, String note) {
    Path place = session.project().root().resolve(path);
    return new Reason(Reason.Kind.RECORDED, session.shown(place), was, now, note);
  }

  /** Returns whether {@code dvc.lock} answers for a path. */
  public static boolean isDeclared(Stage stage, String path) {
    for (Dep dep : stage.deps()) {
      if (covers(dep.path(), path)) {
        return true;
      }
    }
    for (ParamsDep params : stage.params()) {
      if (params.place().path().equals(path)) {
        return true;
      }
    }
    return stage.outs().stream().map(Out::path).anyMatch(out -> covers(out, path));
  }

  private static boolean covers(String declared, String path) {
    return path.equals(declared) || path.startsWith(declared + "/") || declared.isEmpty();
  }

  /** Returns the MD5 of a file; empty if there is none. */
  public Optional<String> digest(String path) throws IOException {
    Path place = session.project().root().resolve(path);
    boolean shown = Passages.onlyShown(place).filter(only -> !only.directory()).isPresent();
    if (!shown && !Files.isRegularFile(place)) {
      return Optional.empty();
    }
    Optional<Contents> contents = session.files().contents(place, Digest.Algorithm.MD5);
    return contents.map(found -> found.key().digest().hex());
  }

  /** Returns a digest of a directory's names, but for what stages make and what is hidden. */
  public Optional<String> listing(String path) throws IOException {
    Path place = session.project().root().resolve(path);
    if (!Passages.isDirectory(place)) {
      return Optional.empty();
    }
    List<String> names = new ArrayList<>();
    WorkTreeView view = new WorkTreeView(session.project().root(), session.project().gitRoot());
    for (FileView.Entry one : view.list(path)) {
      String name = one.name();
      String inside = path.isEmpty() ? name : path + "/" + name;
      boolean made =
          name.startsWith(".") || LOCKS.contains(name) || session.index().outAt(inside).isPresent();
      if (!made) {
        names.add(name);
      }
    }
    return Optional.of(Listings.digest(names).hex());
  }

  /** Writes what a run of a stage took in; nothing is written if that is known. */
  public Optional<Path> put(Stage stage, Inputs inputs) throws IOException {
    if (find(stage).equals(Optional.of(inputs))) {
      return Optional.empty();
    }
    String file = file(stage);
    YamlDocument document = document(file);
    if (document.value().isEmpty()) {
      document.apply(Map.of("schema", SCHEMA));
    }
    document.put(List.of("stages", stage.id().name()), inputs.toMap());
    Path path = session.project().root().resolve(file);
    byte[] content = document.toString().getBytes(StandardCharsets.UTF_8);
    AtomicFile.replace(path, content, session.call().umask());
    known.remove(file);
    return Optional.of(path);
  }

  /** Writes what is there now of what the last recorded run took in. */
  public Optional<Path> refresh(Stage stage) throws IOException {
    Optional<Inputs> found = find(stage);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> read = new TreeMap<>();
    for (String path : found.get().read().keySet()) {
      digest(path).ifPresent(digest -> read.put(path, digest));
    }
    Map<String, String> listed = new TreeMap<>();
    for (String path : found.get().listed().keySet()) {
      listing(path).ifPresent(digest -> listed.put(path, digest));
    }
    List<String> absent =
        found.get().absent().stream()
            .filter(path -> !Files.exists(session.project().root().resolve(path)))
            .toList();
    return put(stage, new Inputs(read, listed, absent));
  }
}
