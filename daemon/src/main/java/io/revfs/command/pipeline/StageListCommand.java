package io.revfs.command.pipeline;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.stage.StageLoader;
import io.revfs.stage.target.ProjectStages;
import io.revfs.stage.target.Target;
import io.revfs.stage.target.Targets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code stage list}: names of stages, and what each is for. */
final class StageListCommand implements Command {
  private static final int LONGEST = 80;

  @Override
  public String name() {
    return "stage list";
  }

  @Override
  public void run(Invocation call) throws IOException {
    ProjectStages project = ProjectStages.find(call.directory(), call.environment());
    Map<Stage, String> stages = new LinkedHashMap<>();
    for (Stage stage : stages(call, project)) {
      stages.put(stage, stage.id().addressing(project.from()));
    }
    boolean namesOnly = call.flag("name-only");
    TextTable table = new TextTable(List.of());
    List<Map<String, String>> json = new ArrayList<>();
    stages.forEach(
        (stage, name) -> {
          table.add(List.of(name, namesOnly ? "" : description(stage)));
          json.add(Map.of("name", name, "description", description(stage)));
        });
    table.plain().forEach(call::out);
    call.result(json);
  }

  private static List<Stage> stages(Invocation call, ProjectStages project) throws IOException {
    if (call.flag("all")) {
      return call.flag("fail")
          ? project.loader().load().stages()
          : project.loader().load(e -> call.warn("warning: " + e.getMessage())).stages();
    }
    Targets.Options options = new Targets.Options(false, call.flag("recursive"));
    List<String> given = call.values("targets");
    List<String> targets = given.isEmpty() ? List.of(StageLoader.PIPELINE_FILE) : given;
    return project.targets().resolve(targets, options).stream()
        .map(Target::stage)
        .distinct()
        .toList();
  }

  private static String description(Stage stage) {
    String text =
        stage
            .details()
            .description()
            .flatMap(d -> d.lines().filter(line -> !line.isBlank()).findFirst())
            .map(String::strip)
            .orElseGet(() -> generated(stage));
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
  }

  private static String generated(Stage stage) {
    if (stage.outs().isEmpty()) {
      List<String> deps = new ArrayList<>();
      stage.deps().forEach(dep -> deps.add(dep.place().written()));
      stage.params().forEach(params -> deps.add(params.place().written()));
      return deps.isEmpty()
          ? "No outputs or dependencies"
          : "Depends on " + String.join(", ", deps);
    }
    List<String> parts = new ArrayList<>();
    List<Out> reports = stage.outs().stream().filter(o -> o.isMetric() || o.isPlot()).toList();
    List<Out> others = stage.outs().stream().filter(o -> !reports.contains(o)).toList();
    if (!others.isEmpty()) {
      parts.add("Outputs " + paths(others));
    }
    if (!reports.isEmpty()) {
      parts.add("Reports " + paths(reports));
    }
    return String.join("; ", parts);
  }

  private static String paths(List<Out> outs) {
    return outs.stream().map(out -> out.place().written()).collect(Collectors.joining(", "));
  }
}
