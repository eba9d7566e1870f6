package io.revfs.command.pipeline;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.metric.FileValues;
import io.revfs.metric.MetricsReader;
import io.revfs.metric.ParamsReader;
import io.revfs.metric.Revision;
import io.revfs.metric.Revisions;
import io.revfs.metric.ValueDiff;
import io.revfs.stage.target.ProjectStages;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** {@code metrics diff} and {@code params diff}: what differs between two revisions. */
final class ValueDiffCommand implements Command {
  private final Revisions revisions;
  private final boolean metrics;

  ValueDiffCommand(Revisions revisions, boolean metrics) {
    this.revisions = revisions;
    this.metrics = metrics;
  }

  @Override
  public String name() {
    return metrics ? "metrics diff" : "params diff";
  }

  @Override
  public void run(Invocation call) throws IOException {
    ProjectStages project = ProjectStages.around(call.directory(), call.environment());
    String a = call.value("a_rev").orElse("HEAD");
    String b = call.value("b_rev").orElse(Revision.WORKSPACE);
    Map<String, Map<String, ValueDiff.Change>> changes =
        revisions.isEmpty(project.project())
            ? Map.of()
            : ValueDiff.of(values(call, project, a), values(call, project, b), call.flag("all"));
    Map<String, Map<String, ValueDiff.Change>> shown = new TreeMap<>();
    changes.forEach((path, file) -> shown.put(RelativePaths.relative(project.from(), path), file));
    int precision = metrics ? ValueText.precision(call) : 0;
    ValueText.Style style =
        new ValueText.Style(
            metrics ? "Metric" : "Param",
            a,
            b,
            !call.flag("no-path"),
            metrics,
            call.flag("md"),
            precision);
    ValueText.table(shown, style).forEach(call::out);
    call.result(ValueDiff.json(shown));
  }

  private Map<String, FileValues> values(Invocation call, ProjectStages project, String label)
      throws IOException {
    Set<String> problems = new LinkedHashSet<>(); // dvc.yaml needs the parameters, too
    Revision revision =
        revisions.at(project, label, e -> problems.add(String.valueOf(e.getMessage())));
    List<String> targets =
        call.values("targets").stream()
            .map(target -> RelativePaths.join(project.from(), target))
            .toList();
    Map<String, FileValues> values =
        metrics
            ? MetricsReader.read(revision, targets)
            : ParamsReader.read(revision, targets, call.flag("deps"));
    values
        .values()
        .forEach(file -> file.error().ifPresent(e -> problems.add(String.valueOf(e.getMessage()))));
    problems.forEach(what -> call.warn("warning: in revision '" + label + "': " + what));
    return values;
  }
}
