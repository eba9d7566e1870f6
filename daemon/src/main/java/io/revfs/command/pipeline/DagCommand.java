package io.revfs.command.pipeline;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.stage.Out;
import io.revfs.stage.StageIndex;
import io.revfs.stage.target.ProjectStages;
import io.revfs.stage.target.Target;
import io.revfs.stage.target.Targets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code dag}: which stages need which. */
final class DagCommand implements Command {
  @Override
  public String name() {
    return "dag";
  }

  @Override
  public void run(Invocation call) throws IOException {
    boolean outs = call.flag("outs");
    boolean collapse = call.flag("collapse-foreach-matrix");
    if (outs && collapse) {
      throw new CommandFailure(
          "`--outs` and `--collapse-foreach-matrix` are mutually exclusive",
          "give one of them",
          CommandFailure.OTHER);
    }
    ProjectStages project = ProjectStages.find(call.directory(), call.environment());
    Targets targets = project.targets();
    StageIndex index = targets.index();
    NameGraph graph =
        outs
            ? NameGraph.ofOutputs(index, project.from())
            : NameGraph.ofStages(index, project.from());
    if (call.value("target").isPresent()) {
      List<Target> found = targets.resolve(call.required("target"), Targets.Options.PLAIN);
      graph = graph.around(names(found, index, outs, project.from()), call.flag("full"));
    }
    show(call, collapse ? graph.collapsed() : graph);
  }

  private static List<String> names(
      List<Target> targets, StageIndex index, boolean outs, String from) {
    List<String> names = new ArrayList<>();
    for (Target target : targets) {
      if (!outs) {
        names.add(target.stage().id().addressing(from));
        continue;
      }
      List<Out> shown =
          target.path().isEmpty()
              ? target.stage().outs()
              : index.outContaining(target.path().get()).map(List::of).orElse(List.of());
      shown.forEach(out -> names.add(out.place().shown(from)));
    }
    return names;
  }

  private static void show(Invocation call, NameGraph graph) {
    if (call.flag("dot")) {
      graph.dot().forEach(call::out);
    } else if (call.flag("md")) {
      call.out("```mermaid");
      graph.mermaid().forEach(call::out);
      call.out("```");
    } else if (call.flag("mermaid")) {
      graph.mermaid().forEach(call::out);
    } else {
      graph.parts().forEach(part -> GraphDrawing.of(part).forEach(call::out));
    }
    call.result(Map.of("edges", graph.edges()));
  }
}
