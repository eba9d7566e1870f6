package io.revfs.command.imports;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.record.Recorder;
import io.revfs.command.tracking.Session;
import io.revfs.command.transfer.PlainUpdates;
import io.revfs.stage.Stage;
import io.revfs.stage.target.Target;
import io.revfs.stage.target.Targets;
import io.revfs.stage.target.UnknownTargetException;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** {@code update}: brings imports up to their sources. */
final class UpdateCommand implements Command {
  private static final String FAILED = "failed update data";

  private final Workspaces workspaces;
  private final ImportUpdate imports;
  private final PlainUpdates plain;

  UpdateCommand(Workspaces workspaces, ImportUpdate imports, PlainUpdates plain) {
    this.workspaces = workspaces;
    this.imports = imports;
    this.plain = plain;
  }

  @Override
  public String name() {
    return "update";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (Session session = Session.open(call, workspaces, "Updating");
        var lock = session.lock()) {
      try {
        checkOptions(call);
        Recorder recorder = new Recorder(session, true, true);
        List<Stage> others = new ArrayList<>();
        for (Stage stage : stages(session)) {
          Invocation.checkInterrupted();
          if (stage.isImport()) {
            session.checkFree(stage.outs());
            imports.bring(session, recorder, stage);
          } else {
            others.add(stage);
          }
        }
        if (!others.isEmpty()) {
          checkPlain(call);
          plain.update(session, others);
        }
      } catch (IOException e) {
        throw ImportRun.failure(FAILED, e);
      }
    }
  }

  private static void checkOptions(Invocation call) throws CommandFailure {
    if (call.flag("to-remote") && call.flag("no-download")) {
      throw Recorder.failed(
          "--to-remote can't be used with --no-download", "leave one of them out");
    }
    if (call.has("remote") && !call.flag("to-remote")) {
      throw Recorder.failed("--remote can't be used without --to-remote", "leave it out");
    }
  }

  private static void checkPlain(Invocation call) throws CommandFailure {
    for (String option : List.of("rev", "no-download", "to-remote")) {
      if (call.has(option) && (option.equals("rev") || call.flag(option))) {
        throw Recorder.failed(
            "--%s can't be used with worktree update".formatted(option), "leave it out");
      }
    }
  }

  private static Set<Stage> stages(Session session) throws IOException {
    Set<Stage> stages = new LinkedHashSet<>();
    try {
      Targets.Options options = new Targets.Options(false, session.call().flag("recursive"));
      for (Target target : session.targets().resolve(session.call().values("targets"), options)) {
        stages.add(target.stage());
      }
    } catch (UnknownTargetException e) {
      throw Session.failure(e);
    }
    return stages;
  }
}
