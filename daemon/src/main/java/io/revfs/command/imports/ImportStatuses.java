package io.revfs.command.imports;

import io.revfs.command.Invocation;
import io.revfs.command.tracking.DepStatuses;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.StageChecksum;
import io.revfs.project.Project;
import io.revfs.stage.Dep;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Stage;
import io.revfs.text.YamlDocument;
import io.revfs.text.YamlSyntaxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How sources of imports, and what stages use of stores, differ from what is recorded. */
final class ImportStatuses implements DepStatuses {
  private final Source.Reach reach;

  ImportStatuses(Source.Reach reach) {
    this.reach = reach;
  }

  @Override
  public Optional<Map.Entry<String, String>> of(Session session, Stage stage, Dep dep)
      throws IOException {
    Path directory = session.project().root().resolve(stage.workingDirectory());
    try (Source source = reach.of(session, entry(session, stage, dep), directory)) {
      return source.status().map(word -> Map.entry(source.shown(), word));
    }
  }

  /** Returns what is recorded of a dependency, as its file has it. */
  private static Map<String, @Nullable Object> entry(Session session, Stage stage, Dep dep)
      throws IOException {
    if (!stage.isPipeline()) {
      Object deps = content(session.project(), stage.id().file()).get("deps");
      return deps instanceof List<?> list
          ? map(list.get(stage.deps().indexOf(dep)))
          : new LinkedHashMap<>();
    }
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    entry.put("path", dep.place().written());
    Map<?, ?> stages = map(content(session.project(), stage.lockFile()).get("stages"));
    if (map(stages.get(stage.id().name())).get("deps") instanceof List<?> list) {
      list.stream()
          .map(ImportStatuses::map)
          .filter(recorded -> dep.place().written().equals(recorded.get("path")))
          .forEach(entry::putAll);
    }
    return entry;
  }

  private static Map<String, @Nullable Object> map(@Nullable Object value) {
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, said) -> copy.put(String.valueOf(key), said));
    }
    return copy;
  }

  private static Map<String, @Nullable Object> content(Project project, String file)
      throws IOException {
    Path path = project.root().resolve(file);
    if (!Files.exists(path)) {
      return new LinkedHashMap<>(); // a lock file that was never written
    }
    try {
      return YamlDocument.parse(Files.readString(path)).value();
    } catch (YamlSyntaxException e) {
      throw new DvcFormatException(file, 0, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Optional<Object> of(Invocation call, Project project, Stage stage, ParamsDep params) {
    throw new IllegalArgumentException("parameters are no imports");
  }

  /** Whole files of one command or import have a checksum; those of plain data have none. */
  @Override
  public boolean isChecksumChanged(Project project, Stage stage) throws IOException {
    Optional<String> recorded = stage.details().checksum();
    if (!stage.isImport() && stage.command().isEmpty()) {
      return recorded.isPresent();
    }
    return !recorded.equals(Optional.of(StageChecksum.of(content(project, stage.id().file()))));
  }

  @Override
  public boolean isShown(Stage stage) {
    return stage.isRepositoryImport() || stage.isVersionedImport();
  }
}
