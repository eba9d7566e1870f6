package io.revfs.command.tracking;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.stage.Stage;
import io.revfs.stage.target.Target;
import io.revfs.stage.target.UnknownTargetException;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code status}: which stages differ from what is recorded; with {@code -c} another's business.
 */
final class StatusCommand implements Command {
  private static final int COLUMN = 20;
  private static final List<String> OF_REMOTES =
      List.of("all-branches", "all-tags", "all-commits", "jobs");

  private final Workspaces workspaces;
  private final RemoteData remotes;
  private final DepStatuses dependencies;
  private final StageExplainer explainer;

  /**
   * @param remotes compare the cache with a remote
   * @param dependencies knows those that are not files here
   * @param explainer says what {@code repro} would do
   */
  StatusCommand(
      Workspaces workspaces,
      RemoteData remotes,
      DepStatuses dependencies,
      StageExplainer explainer) {
    this.workspaces = workspaces;
    this.remotes = remotes;
    this.dependencies = dependencies;
    this.explainer = explainer;
  }

  @Override
  public String name() {
    return "status";
  }

  @Override
  public void run(Invocation call) throws IOException {
    if (call.flag("cloud") || call.has("remote")) {
      remotes.status(call);
      return;
    }
    List<String> meaningless =
        OF_REMOTES.stream()
            .filter(option -> call.flag(option) || call.number(option).isPresent())
            .map(option -> "--" + option)
            .toList();
    if (!meaningless.isEmpty()) {
      throw new CommandFailure(
          "The following options are meaningless for local status: "
              + String.join(", ", meaningless),
          "add -c to compare with a remote",
          CommandFailure.FAILED);
    }
    try (Session session = Session.open(call, workspaces, "Comparing")) {
      if (call.flag("explain")) {
        List<Stage> stages = targets(session).stream().map(Target::stage).distinct().toList();
        explainer.explain(session, stages);
        return;
      }
      StageStatus status = new StageStatus(session, dependencies);
      Map<String, List<Object>> changed = new LinkedHashMap<>();
      for (Target target : targets(session)) {
        Invocation.checkInterrupted();
        List<Object> entries = status.of(target, !call.flag("no-updates"));
        if (!entries.isEmpty()) {
          changed.put(target.stage().id().addressing(session.from()), entries);
        }
      }
      answer(session, changed);
    } catch (UnknownTargetException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()), "see: dvc status", CommandFailure.FAILED, e);
    }
  }

  private static List<Target> targets(Session session) throws IOException {
    return session.targets("targets");
  }

  private static void answer(Session session, Map<String, List<Object>> changed)
      throws IOException {
    Invocation call = session.call();
    call.result(changed);
    if (call.flag("quiet")) {
      call.exit(changed.isEmpty() ? 0 : CommandFailure.FAILED);
      return;
    }
    if (changed.isEmpty()) {
      call.out(
          session.index().stages().isEmpty()
              ? "There are no data or pipelines tracked in this project yet.\n"
                  + "See <https://dvc.org/doc/start> to get started!"
              : "Data and pipelines are up to date.");
      return;
    }
    List<String> lines = new ArrayList<>();
    changed.forEach((stage, entries) -> show(stage, entries, lines));
    call.out(String.join("\n", lines));
  }

  private static void show(String stage, List<Object> entries, List<String> lines) {
    lines.add(stage + ":");
    for (Object entry : entries) {
      if (entry instanceof Map<?, ?> group) {
        group.forEach((what, paths) -> show(String.valueOf(what), paths, lines, "\t"));
      } else {
        lines.add("\t" + entry);
      }
    }
  }

  private static void show(String what, Object value, List<String> lines, String indent) {
    if (value instanceof Map<?, ?> below) {
      lines.add(indent + what + ":");
      below.forEach((name, more) -> show(String.valueOf(name), more, lines, indent + "\t"));
      return;
    }
    lines.add(indent + ("%-" + COLUMN + "s").formatted(value + ":") + what);
  }
}
