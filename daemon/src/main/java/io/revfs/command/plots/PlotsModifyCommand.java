package io.revfs.command.plots;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.record.Recorder;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFormatException;
import io.revfs.plot.PlotException;
import io.revfs.plot.vega.Templates;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.text.YamlDocument;
import io.revfs.text.YamlSyntaxException;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code plots modify}: how an output is drawn; one that was no plot becomes one. */
final class PlotsModifyCommand implements Command {
  private final Workspaces workspaces;

  PlotsModifyCommand(Workspaces workspaces) {
    this.workspaces = workspaces;
  }

  @Override
  public String name() {
    return "plots modify";
  }

  @Override
  public void run(Invocation call) throws IOException {
    Map<String, @Nullable Object> properties = PlotProperties.of(call);
    try (Session session = Session.open(call, workspaces, "Modifying");
        var lock = session.lock(CommandFailure.OTHER)) {
      if (call.value("template").isPresent()) {
        checkTemplate(session, call.value("template"));
      }
      String target = call.required("target");
      Out out =
          session
              .index()
              .outAt(session.inProject(target))
              .orElseThrow(
                  () ->
                      failed(
                          "Unable to find DVC file with output '" + target + "'",
                          "name an output of a stage; see: dvc stage list"));
      Map<String, @Nullable Object> plot = new LinkedHashMap<>(out.plot());
      unset(session, out, call, plot);
      plot.putAll(properties);
      Recorder recorder = new Recorder(session, false, false);
      write(session, recorder, out, plot);
      recorder.tellGit();
    }
  }

  private static CommandFailure failed(String message, String whatToDo) {
    return new CommandFailure(message, whatToDo, CommandFailure.OTHER);
  }

  private static void checkTemplate(Session session, Optional<String> name) throws IOException {
    Path own = session.project().dvcDirectory().resolve("plots");
    try {
      var unused = new Templates(Optional.of(own), session.call().directory()).named(name);
    } catch (PlotException e) {
      throw failed(String.valueOf(e.getMessage()), "see: dvc plots templates");
    }
  }

  private static void unset(
      Session session, Out out, Invocation call, Map<String, @Nullable Object> plot)
      throws CommandFailure {
    if (!call.has("unset")) {
      return;
    }
    String shown = session.shown(out);
    if (!out.isPlot()) {
      throw failed(
          "'%s' is not a known plot. Use `dvc plots modify` to turn it into one.".formatted(shown),
          "dvc plots modify " + shown);
    }
    List<String> names = call.values("unset").stream().map(name -> name.replace('-', '_')).toList();
    List<String> missing = names.stream().filter(name -> !plot.containsKey(name)).toList();
    if (!missing.isEmpty()) {
      throw failed(
          "display properties %s not found in plot '%s'".formatted(missing, shown),
          plot.isEmpty() ? "it has none" : "it has: " + String.join(", ", plot.keySet()));
    }
    names.forEach(plot::remove);
  }

  private static void write(
      Session session, Recorder recorder, Out out, Map<String, @Nullable Object> plot)
      throws IOException {
    Stage stage = session.index().owner(out);
    Path file = session.project().root().resolve(stage.id().file());
    YamlDocument document;
    try {
      document = YamlDocument.parse(Files.readString(file));
    } catch (YamlSyntaxException e) {
      throw new DvcFormatException(session.shown(file), 0, String.valueOf(e.getMessage()));
    }
    if (stage.isPipeline() && stage.details().templated()) {
      throw failed(
          "cannot dump a parametrized stage: '%s'".formatted(stage.id().addressing(session.from())),
          "edit " + session.shown(file));
    }
    Map<String, @Nullable Object> value = document.value();
    PlotEntry entry = new PlotEntry(stage, out, plot);
    if (stage.isPipeline()) {
      entry.putInto(value);
    } else {
      entry.putIntoDvcFile(value);
    }
    document.apply(value);
    recorder.write(file, document.toString().getBytes(StandardCharsets.UTF_8));
    session
        .call()
        .out(
            "Modifying stage '%s' in '%s'"
                .formatted(stage.id().addressing(session.from()), session.shown(file)));
  }
}
