package io.revfs.command.pipeline;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.dvc.DvcFormatException;
import io.revfs.metric.ErrorNames;
import io.revfs.metric.FileValues;
import io.revfs.metric.MetricsReader;
import io.revfs.metric.Revision;
import io.revfs.metric.Revisions;
import io.revfs.metric.ValueDiff;
import io.revfs.stage.target.ProjectStages;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** {@code metrics show}: metrics of the work tree, and of branches and tags. */
final class MetricsShowCommand implements Command {
  private final Revisions revisions;

  MetricsShowCommand(Revisions revisions) {
    this.revisions = revisions;
  }

  @Override
  public String name() {
    return "metrics show";
  }

  @Override
  public void run(Invocation call) throws IOException {
    ProjectStages project = ProjectStages.around(call.directory(), call.environment());
    boolean several =
        call.flag("all-branches") || call.flag("all-tags") || call.flag("all-commits");
    Map<String, Map<String, FileValues>> all = new LinkedHashMap<>();
    String workspace = several ? Revision.WORKSPACE : "";
    all.put(workspace, read(call, project, Revision.WORKSPACE));
    for (Map.Entry<String, String> revision : named(call, project).entrySet()) {
      all.put(revision.getValue(), read(call, project, revision.getKey()));
    }
    if (several) {
      hideWorkspace(project, all);
    }
    show(call, all, several);
    call.result(json(all));
  }

  /** What is as in the branch that is checked out is told once. */
  private void hideWorkspace(ProjectStages project, Map<String, Map<String, FileValues>> all)
      throws IOException {
    Map<String, Object> told = json(all);
    Optional<String> branch = revisions.currentBranch(project.project());
    if (branch.isPresent()
        && told.containsKey(branch.get())
        && told.get(branch.get()).equals(told.get(Revision.WORKSPACE))) {
      all.remove(Revision.WORKSPACE);
    }
  }

  /** Returns the commits that are asked for, each with all names of it. */
  private Map<String, String> named(Invocation call, ProjectStages project) throws IOException {
    Map<String, String> names = new LinkedHashMap<>();
    if (call.flag("all-commits")) {
      revisions.allCommits(project.project()).forEach(commit -> names.put(commit, commit));
      return names;
    }
    if (call.flag("all-branches")) {
      revisions
          .branches(project.project())
          .forEach((name, commit) -> names.merge(commit, name, (a, b) -> a + "," + b));
    }
    if (call.flag("all-tags")) {
      revisions
          .tags(project.project())
          .forEach((name, commit) -> names.merge(commit, name, (a, b) -> a + "," + b));
    }
    return names;
  }

  private Map<String, FileValues> read(Invocation call, ProjectStages project, String label)
      throws IOException {
    List<String> targets =
        call.values("targets").stream()
            .map(target -> RelativePaths.join(project.from(), target))
            .toList();
    List<DvcFormatException> problems = new ArrayList<>();
    Revision revision = revisions.at(project, label, problems::add);
    if (label.equals(Revision.WORKSPACE) && !problems.isEmpty()) {
      throw problems.getFirst();
    }
    problems.forEach(e -> call.warn("warning: in revision '" + label + "': " + e.getMessage()));
    Map<String, FileValues> shown = new LinkedHashMap<>();
    MetricsReader.read(revision, targets)
        .forEach(
            (path, values) -> {
              shown.put(RelativePaths.relative(project.from(), path), values);
              values.error().ifPresent(e -> call.warn("warning: " + e.getMessage()));
            });
    return shown;
  }

  private static Map<String, Object> json(Map<String, Map<String, FileValues>> all) {
    Map<String, Object> json = new LinkedHashMap<>();
    all.forEach(
        (label, files) -> {
          Map<String, Object> data = new LinkedHashMap<>();
          files.forEach((path, values) -> data.put(path, json(path, values)));
          json.put(label, Map.of("data", data));
        });
    return json;
  }

  private static Map<String, @Nullable Object> json(String path, FileValues values) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    values
        .error()
        .ifPresentOrElse(
            e ->
                json.put(
                    "error",
                    Map.of("type", ErrorNames.of(path, e), "msg", ErrorNames.message(path, e))),
            () -> json.put("data", values.value()));
    return json;
  }

  private static void show(
      Invocation call, Map<String, Map<String, FileValues>> all, boolean several) {
    int precision = ValueText.precision(call);
    TreeSet<String> keys = new TreeSet<>();
    all.values().forEach(files -> files.values().forEach(v -> keys.addAll(flat(v).keySet())));
    List<String> headers = new ArrayList<>(several ? List.of("Revision", "Path") : List.of("Path"));
    headers.addAll(keys);
    TextTable table = new TextTable(headers);
    all.forEach(
        (label, files) ->
            files.forEach(
                (path, values) -> {
                  List<String> row =
                      new ArrayList<>(several ? List.of(label, path) : List.of(path));
                  Map<String, @Nullable Object> flat = flat(values);
                  keys.forEach(key -> row.add(ValueText.of(flat.get(key), precision)));
                  table.add(row);
                }));
    (call.flag("md") ? table.markdown() : table.isEmpty() ? List.<String>of() : table.plain())
        .forEach(call::out);
  }

  private static Map<String, @Nullable Object> flat(FileValues values) {
    if (values.value() instanceof Map<?, ?> map) {
      return ValueDiff.flattened(map);
    }
    Map<String, @Nullable Object> one = new LinkedHashMap<>();
    if (values.value() != null) {
      one.put("", values.value());
    }
    return one;
  }
}
