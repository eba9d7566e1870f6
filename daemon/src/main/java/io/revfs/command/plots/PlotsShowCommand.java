package io.revfs.command.plots;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.metric.Revision;
import io.revfs.metric.Revisions;
import io.revfs.plot.PlotException;
import io.revfs.plot.PlotProblem;
import io.revfs.plot.PlotQuery;
import io.revfs.plot.PlotReader;
import io.revfs.plot.PlotSet;
import io.revfs.plot.report.DrawingPage;
import io.revfs.plot.report.PageTemplate;
import io.revfs.plot.report.Report;
import io.revfs.plot.vega.Templates;
import io.revfs.project.Project;
import io.revfs.stage.target.ProjectStages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code plots show}, of the work tree, and {@code plots diff}, of several revisions. */
final class PlotsShowCommand implements Command {
  private static final String SECTION = "plots";
  private static final String HEAD = "HEAD";

  private final Revisions revisions;
  private final PlotReader reader;
  private final boolean diff;

  PlotsShowCommand(Revisions revisions, PlotReader reader, boolean diff) {
    this.revisions = revisions;
    this.reader = reader;
    this.diff = diff;
  }

  @Override
  public String name() {
    return diff ? "plots diff" : "plots show";
  }

  @Override
  public void run(Invocation call) throws IOException {
    if (call.flag("show-vega")) {
      checkShowsOne(call);
    }
    ProjectStages project = ProjectStages.around(call.directory(), call.environment());
    reader.read(
        project,
        labels(call, project.project()),
        query(call, project),
        (files, all) -> call.progress("Reading plots", files, all, "files"),
        set -> show(call, project, set));
  }

  private static void show(Invocation call, ProjectStages project, PlotSet set) throws IOException {
    boolean json = call.flag("json");
    Templates templates =
        new Templates(
            Optional.of(project.project().dvcDirectory().resolve("plots")), call.directory());
    Report report = Report.of(set, templates, json && call.flag("split"));
    tell(call, set, report, json);
    if (report.unfilled() > 0) {
      call.exit(CommandFailure.FAILED);
    }
    Path out = call.resolve(out(call, project.project()));
    if (json) {
      call.result(new PlotsJson(out).of(set, report, call.flag("split")));
    } else if (call.flag("show-vega")) {
      if (!report.charts().isEmpty()) {
        call.out(PlotsJson.text(report.charts().getFirst().spec().content()));
      }
    } else if (report.isEmpty()) {
      call.warn("No plots were loaded, visualization file will not be created.");
    } else {
      show(call, project.project(), report, out);
    }
  }

  private static void show(Invocation call, Project project, Report report, Path out)
      throws IOException {
    PlotFiles files = new PlotFiles(call, report, out);
    Optional<String> format = call.value("export");
    if (format.isPresent()) {
      files.draw(DrawingPage.Format.valueOf(format.get().toUpperCase(Locale.ROOT)), project.tmp());
      return;
    }
    Path page = files.page(template(call, project));
    call.out(page.toUri().toString().replaceFirst("^file:/+", "file:///"));
    boolean automatic = project.isSet(SECTION, "auto_open", false);
    if (call.flag("open") || automatic) {
      files.open(page);
    }
  }

  private static void checkShowsOne(Invocation call) throws CommandFailure {
    int targets = call.values("targets").size();
    String message =
        call.flag("json")
            ? "'--show-vega' and '--json' are mutually exclusive options."
            : targets == 0
                ? "please specify a target for `--show-vega`"
                : targets > 1 ? "you can only specify one target for `--show-vega`" : "";
    if (!message.isEmpty()) {
      throw new CommandFailure(message, "see --help", CommandFailure.FAILED);
    }
  }

  private static PlotQuery query(Invocation call, ProjectStages project) {
    List<String> targets = new ArrayList<>();
    for (String target : call.values("targets")) {
      Path path = call.resolve(target);
      boolean inside = target.startsWith("/") && project.project().contains(path);
      targets.add(inside ? call.shown(path) : target);
    }
    return new PlotQuery(project.from(), targets, PlotProperties.of(call));
  }

  /** Returns the revisions that are asked for. */
  private List<String> labels(Invocation call, Project project) throws IOException {
    if (!diff) {
      return List.of(Revision.WORKSPACE);
    }
    List<String> labels = new ArrayList<>(call.values("revisions"));
    if (call.flag("experiment") && labels.size() == 1) {
      revisions.baseline(project, labels.getFirst()).ifPresent(labels::add);
    }
    if (labels.isEmpty() && revisions.isChanged(project)) {
      labels.add(HEAD);
    }
    if (labels.size() <= 1) {
      labels.add(Revision.WORKSPACE);
    }
    return labels;
  }

  private static String out(Invocation call, Project project) {
    return call.value("out").or(() -> project.config().get(SECTION, "out_dir")).orElse("dvc_plots");
  }

  private static PageTemplate template(Invocation call, Project project) throws IOException {
    Optional<Path> file =
        call.value("html-template")
            .map(call::resolve)
            .or(
                () ->
                    project
                        .config()
                        .get(SECTION, "html_template")
                        .map(path -> project.dvcDirectory().resolve(path)));
    if (file.isEmpty()) {
      return PageTemplate.builtIn();
    }
    if (!Files.isRegularFile(file.get())) {
      throw new CommandFailure(
          "there is no HTML template " + file.get(),
          "name a file with --html-template or the option plots.html_template",
          CommandFailure.OTHER);
    }
    try {
      return PageTemplate.of(Files.readString(file.get()));
    } catch (PlotException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()),
          "put it where the plots go, and '{scripts}' into the head: " + file.get(),
          CommandFailure.OTHER);
    }
  }

  /** Says what lacks; the rest is shown all the same. */
  private static void tell(Invocation call, PlotSet set, Report report, boolean json) {
    if (!set.incomplete().isEmpty()) {
      call.warn(
          "DVC failed to load some plots for following revisions: '%s'."
              .formatted(String.join(", ", set.incomplete())));
    }
    for (Map.Entry<String, List<PlotProblem>> plot : report.problems().entrySet()) {
      for (PlotProblem problem : plot.getValue()) {
        if (!json) {
          call.warn(line(plot.getKey(), problem));
        }
      }
    }
  }

  private static String line(String plot, PlotProblem problem) {
    boolean named = plot.isEmpty() || problem.message().contains(plot);
    return "warning: in revision '%s': %s%s"
        .formatted(problem.revision(), named ? "" : plot + ": ", problem.message());
  }
}
