package io.revfs.command.record;

import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.StageChecksum;
import io.revfs.stage.Dep;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.stage.StageLoader;
import io.revfs.stage.target.UnknownTargetException;
import io.revfs.text.AtomicFile;
import io.revfs.text.PythonJson;
import io.revfs.text.RelativePaths;
import io.revfs.text.YamlDocument;
import io.revfs.text.YamlSyntaxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Changes the files of stages in place: what is not changed stays as it was written. */
final class StageEdits {
  private static final String STAGES = "stages";
  private static final Set<String> SORTED = Set.of("deps", "params", "outs", "metrics", "plots");
  private static final String FROZEN = "frozen";

  /** DVC 1's word. */
  private static final String LOCKED = "locked";

  private final Session session;

  StageEdits(Session session) {
    this.session = session;
  }

  /**
   * Returns the stages that a target names; data is no stage.
   *
   * @throws io.revfs.command.CommandFailure if there are none
   */
  List<Stage> named(String target) throws IOException {
    try {
      return session.targets().stages(target, false);
    } catch (UnknownTargetException e) {
      boolean isData = Files.exists(session.call().resolve(target + StageLoader.SUFFIX));
      throw isData
          ? Recorder.failed(
              "'%s' is not a .dvc file".formatted(target),
              "did you mean '%s%s'?".formatted(target, StageLoader.SUFFIX))
          : Recorder.failed(String.valueOf(e.getMessage()), "see: dvc stage list --all");
    }
  }

  /** Takes a stage out of its file, which goes if it has no other. */
  void remove(Stage stage) throws IOException {
    if (!stage.isPipeline()) {
      Files.deleteIfExists(file(stage));
      return;
    }
    checkNotTemplated(stage, "remove");
    removeFrom(session.project().root().resolve(stage.lockFile()), stage.id().name());
    removeFrom(file(stage), stage.id().name());
  }

  private void removeFrom(Path file, String name) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    YamlDocument document = read(file);
    if (!(document.value().get(STAGES) instanceof Map<?, ?> stages) || !stages.containsKey(name)) {
      return;
    }
    if (stages.size() == 1) {
      Files.delete(file);
      return;
    }
    document.remove(List.of(STAGES, name));
    write(file, document);
  }

  /** Freezes a stage, or lets it be changed again. */
  void setFrozen(Stage stage, boolean frozen) throws IOException {
    YamlDocument document = read(file(stage));
    List<String> path =
        stage.isPipeline() ? List.of(STAGES, stage.id().name(), FROZEN) : List.of(FROZEN);
    if (stage.isPipeline()) {
      checkNotTemplated(stage, "dump");
      session
          .call()
          .out(
              "Modifying stage '%s' in '%s'"
                  .formatted(stage.id().name(), session.shown(file(stage))));
    } else {
      document.remove(List.of(LOCKED));
    }
    if (frozen) {
      document.put(path, true);
    } else {
      document.remove(path);
    }
    if (stage.isPipeline()) {
      sortLists(document, stage.id().name());
    }
    write(file(stage), document);
  }

  /** As DVC does when it writes a stage again: what it lists is in the order of paths. */
  private static void sortLists(YamlDocument document, String name) {
    Map<String, @Nullable Object> value = document.value();
    if (value.get(STAGES) instanceof Map<?, ?> stages
        && stages.get(name) instanceof Map<?, ?> body) {
      for (Map.Entry<?, ?> entry : body.entrySet()) {
        if (SORTED.contains(String.valueOf(entry.getKey()))
            && entry.getValue() instanceof List<?>) {
          sort(entry);
        }
      }
      document.apply(value);
    }
  }

  /** Plain entries of parameters are of the usual file, and come first. */
  @SuppressWarnings("unchecked") // a list of the document's own value, which may be changed
  private static void sort(Map.Entry<?, ?> entry) {
    List<@Nullable Object> list = (List<@Nullable Object>) entry.getValue();
    if (entry.getKey().equals("params")) {
      list.sort(
          (one, other) -> {
            int plainFirst = Boolean.compare(one instanceof Map<?, ?>, other instanceof Map<?, ?>);
            return plainFirst != 0 ? plainFirst : comparePaths(one, other);
          });
    } else {
      list.sort(StageEdits::comparePaths);
    }
  }

  private static int comparePaths(@Nullable Object one, @Nullable Object other) {
    return PythonJson.compareCodePoints(path(one), path(other));
  }

  /** An entry is a path, or a map of one path to more. */
  private static String path(@Nullable Object entry) {
    return entry instanceof Map<?, ?> map && !map.isEmpty()
        ? String.valueOf(map.keySet().iterator().next())
        : String.valueOf(entry);
  }

  /**
   * Writes the file of a stage, of which one output has another place; at another place too, as a
   * new file, if that is where its {@code .dvc} file belongs.
   *
   * @param file where it is written
   * @param to where the output is
   */
  void rewriteMoved(Stage stage, Out out, Path file, Path to) throws IOException {
    YamlDocument document = read(file(stage));
    Map<String, @Nullable Object> value = document.value();
    Path root = session.project().root();
    String directory = stage.workingDirectory();
    if (!file.equals(file(stage))) {
      directory = session.project().relative(file.resolveSibling(""));
      value.remove("wdir");
    }
    int moved = stage.outs().indexOf(out);
    setPath(
        value, "outs", moved, RelativePaths.relative(directory, session.project().relative(to)));
    for (int i = 0; i < stage.deps().size(); i++) {
      Dep dep = stage.deps().get(i);
      boolean relative = dep.place().isLocal() && !dep.place().written().startsWith("/");
      if (relative && !dep.isFromRepository()) {
        Path place = dep.place().file(root);
        setPath(value, "deps", i, root.resolve(directory).relativize(place).toString());
      }
    }
    if (value.containsKey("md5")) {
      value.put("md5", StageChecksum.of(value));
    }
    document.apply(value);
    write(file, document);
  }

  @SuppressWarnings("unchecked") // maps of a document's value have texts as keys
  private static void setPath(
      Map<String, @Nullable Object> value, String list, int index, String path) {
    if (value.get(list) instanceof List<?> entries && entries.get(index) instanceof Map<?, ?> map) {
      ((Map<String, @Nullable Object>) map).put("path", path);
    }
  }

  private void checkNotTemplated(Stage stage, String what) throws IOException {
    if (stage.details().templated()) {
      throw Recorder.failed(
          "cannot %s a parametrized stage: '%s'"
              .formatted(what, stage.id().addressing(session.from())),
          "edit " + session.shown(file(stage)));
    }
  }

  /** Returns the file of a stage. */
  Path file(Stage stage) {
    return session.project().root().resolve(stage.id().file());
  }

  private YamlDocument read(Path file) throws IOException {
    try {
      return YamlDocument.parse(Files.readString(file));
    } catch (YamlSyntaxException e) {
      throw new DvcFormatException(session.shown(file), 0, String.valueOf(e.getMessage()));
    }
  }

  private void write(Path file, YamlDocument document) throws IOException {
    AtomicFile.replace(
        file,
        document.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8),
        session.call().umask());
  }
}
