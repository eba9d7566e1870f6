package io.revfs.command.experiment;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.command.pipeline.ValueText;
import io.revfs.metric.FileValues;
import io.revfs.metric.MetricsReader;
import io.revfs.metric.ParamsReader;
import io.revfs.metric.Revision;
import io.revfs.metric.Revisions;
import io.revfs.metric.ValueDiff;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code exp diff}: metrics and parameters of two experiments. */
final class ExpDiffCommand implements Command {
  private static final int PRECISION = 5;

  private final Revisions revisions;

  ExpDiffCommand(Revisions revisions) {
    this.revisions = revisions;
  }

  @Override
  public String name() {
    return "exp diff";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (ExperimentSession session = ExperimentSession.open(call)) {
      String a = call.value("a_rev").orElse("HEAD");
      String b = call.value("b_rev").orElse(Revision.WORKSPACE);
      Revision before = at(session, a);
      Revision now = at(session, b);
      Map<String, Map<String, ValueDiff.Change>> metrics =
          ValueDiff.of(metrics(call, before), metrics(call, now), call.flag("all"));
      Map<String, Map<String, ValueDiff.Change>> params =
          ValueDiff.of(params(call, before), params(call, now), call.flag("all"));
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("metrics", ValueDiff.json(metrics));
      json.put("params", ValueDiff.json(params));
      int precision = (int) call.number("precision").orElse(PRECISION);
      show(call, metrics, new String[] {"Metric", a, b}, precision);
      call.out("");
      show(call, params, new String[] {"Param", a, b}, 0);
      call.result(json);
    }
  }

  private Revision at(ExperimentSession session, String revision) throws IOException {
    Invocation call = session.call();
    if (revision.equals(Revision.WORKSPACE)) {
      return revisions.workspace(
          session.stages(), e -> warn(call, Revision.WORKSPACE, e.getMessage()));
    }
    return revisions.commit(
        session.stages(),
        session.git(),
        session.commit(revision),
        e -> warn(call, revision, e.getMessage()));
  }

  private static Map<String, FileValues> metrics(Invocation call, Revision revision)
      throws IOException {
    return told(call, revision, MetricsReader.read(revision, List.of()));
  }

  private static Map<String, FileValues> params(Invocation call, Revision revision)
      throws IOException {
    return told(call, revision, ParamsReader.read(revision, List.of(), call.flag("param-deps")));
  }

  private static Map<String, FileValues> told(
      Invocation call, Revision revision, Map<String, FileValues> values) {
    values
        .values()
        .forEach(file -> file.error().ifPresent(e -> warn(call, revision.label(), e.getMessage())));
    return values;
  }

  private static void warn(
      Invocation call, String revision, @org.jspecify.annotations.Nullable String what) {
    call.warn("warning: in revision '" + revision + "': " + what);
  }

  private static void show(
      Invocation call,
      Map<String, Map<String, ValueDiff.Change>> changes,
      String[] titles,
      int precision) {
    ValueText.Style style =
        new ValueText.Style(
            titles[0],
            titles[1],
            titles[2],
            !call.flag("no-path"),
            true,
            call.flag("md"),
            precision);
    ValueText.table(changes, style).forEach(call::out);
  }
}
