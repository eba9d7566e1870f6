package io.revfs.command.record;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.Output;
import io.revfs.object.Digest;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.transfer.LegacyMigration;
import io.revfs.workspace.OutFiles;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/** {@code cache migrate}: from the layout of DVC 2 to that of DVC 3. */
final class CacheMigrateCommand implements Command {
  private final Workspaces workspaces;

  CacheMigrateCommand(Workspaces workspaces) {
    this.workspaces = workspaces;
  }

  @Override
  public String name() {
    return "cache migrate";
  }

  @Override
  public void run(Invocation call) throws IOException {
    boolean dry = call.flag("dry");
    try (Session session = Session.open(call, workspaces, "Hashing");
        var lock = session.lock()) {
      LegacyMigration migration = new LegacyMigration(session.workspace().store());
      if (dry) {
        call.out(
            "%d files will be re-hashed and migrated to the DVC 3.0 cache location."
                .formatted(migration.count()));
      } else {
        migrate(call, migration);
      }
      if (call.flag("dvc-files")) {
        files(session, dry);
      }
    }
  }

  private static void migrate(Invocation call, LegacyMigration migration) throws IOException {
    int total = migration.count();
    LegacyMigration.Result result =
        migration.run(
            Runtime.getRuntime().availableProcessors(),
            done -> call.progress("Migrating", done, total, "files"));
    result
        .damaged()
        .forEach(
            object ->
                call.warn(
                    "WARNING: %s is not what its name says, and was left out; remove it"
                        .formatted(object)));
    call.out("Migrated %d files to DVC 3.0 cache location.".formatted(result.migrated()));
  }

  private static boolean isLegacy(Out out) {
    return OutFiles.algorithm(out) == Digest.Algorithm.MD5_DOS2UNIX;
  }

  private static void files(Session session, boolean dry) throws IOException {
    Invocation call = session.call();
    List<Stage> stages = new ArrayList<>();
    for (Stage stage : session.index().stages()) {
      if (!stage.isPipeline() && stage.outs().stream().anyMatch(CacheMigrateCommand::isLegacy)) {
        stages.add(stage);
      }
    }
    if (stages.isEmpty()) {
      call.out("No DVC files in the repo to migrate to the 3.0 format.");
      return;
    }
    if (dry) {
      TreeSet<String> names = new TreeSet<>();
      stages.forEach(stage -> names.add("\t" + stage.id().addressing(session.from())));
      call.out(
          "Entries in following DVC files will be migrated to the 3.0 format:\n"
              + String.join("\n", names));
      return;
    }
    Recorder recorder = new Recorder(session, true, true);
    for (Stage stage : stages) {
      Invocation.checkInterrupted();
      session.checkFree(stage.outs());
      rewrite(session, recorder, stage);
    }
    recorder.tellGit();
  }

  private static void rewrite(Session session, Recorder recorder, Stage stage) throws IOException {
    String name = stage.id().addressing(session.from());
    for (Out out : stage.outs()) {
      if (!isLegacy(out)) {
        continue;
      }
      if (session.files().isAbsent(out)) {
        session
            .call()
            .warn(
                "WARNING: '%s' is not here, so %s stays as it is; dvc checkout brings it"
                    .formatted(session.shown(out), name));
        continue;
      }
      Output now = recorder.take(out.with(unhashed(out.recorded())));
      recorder.write(stage, out, now);
      session.call().out("Updating DVC file '%s'".formatted(name));
    }
  }

  /** What has no hash gets DVC 3's. */
  private static Output unhashed(Output output) {
    return new Output(
        output.path(),
        Optional.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        false,
        output.cached(),
        output.remote(),
        output.push(),
        List.of(),
        Map.of(),
        output.line());
  }
}
