package io.revfs.command.record;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.Output;
import io.revfs.dvc.lock.LockEntry;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.stage.Dep;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.transfer.LegacyMigration;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** {@code cache migrate}: from the layout of DVC 2 to that of DVC 3. */
final class CacheMigrateCommand implements Command {
  private final Workspaces workspaces;
  private final StoreStates stores;

  CacheMigrateCommand(Workspaces workspaces, StoreStates stores) {
    this.workspaces = workspaces;
    this.stores = stores;
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

  private static boolean isLegacy(Optional<ObjectKey> key) {
    return key.filter(k -> k.digest().algorithm() == Digest.Algorithm.MD5_DOS2UNIX).isPresent();
  }

  /** Of a stage what it depends on counts too; of an import that is another's business. */
  private static boolean isLegacy(Stage stage) {
    return stage.outs().stream().anyMatch(out -> isLegacy(out.key()))
        || (stage.isPipeline()
            && stage.deps().stream()
                .anyMatch(dep -> dep.place().isInProject() && isLegacy(dep.key())));
  }

  private void files(Session session, boolean dry) throws IOException {
    Invocation call = session.call();
    List<Stage> stages =
        session.index().stages().stream().filter(CacheMigrateCommand::isLegacy).toList();
    if (stages.isEmpty()) {
      call.out("No DVC files in the repo to migrate to the 3.0 format.");
      return;
    }
    if (dry) {
      TreeSet<String> names = new TreeSet<>();
      stages.forEach(stage -> names.add("\t" + file(session, stage)));
      call.out(
          "Entries in following DVC files will be migrated to the 3.0 format:\n"
              + String.join("\n", names));
      return;
    }
    Recorder recorder = new Recorder(session, true, true);
    StageRecorder pipelines = new StageRecorder(session, recorder, stores);
    for (Stage stage : stages) {
      Invocation.checkInterrupted();
      session.checkFree(stage.outs());
      if (stage.isPipeline()) {
        rewrite(session, pipelines, stage);
      } else {
        rewrite(session, recorder, stage);
      }
    }
    recorder.tellGit();
  }

  private static String file(Session session, Stage stage) {
    Path root = session.project().root();
    String file = session.shown(root.resolve(stage.id().file()));
    return stage.isPipeline()
        ? "%s (%s)".formatted(file, session.shown(root.resolve(stage.lockFile())))
        : file;
  }

  private static void rewrite(Session session, StageRecorder recorder, Stage stage)
      throws IOException {
    List<Dep> deps =
        stage.deps().stream()
            .map(dep -> new Dep(dep.owner(), dep.place(), Optional.empty(), dep.source()))
            .toList();
    Stage anew =
        new Stage(
            stage.id(),
            stage.workingDirectory(),
            stage.command(),
            stage.lockedCommand(),
            deps,
            stage.params(),
            stage.outs().stream().map(out -> out.with(unhashed(out.recorded()))).toList(),
            stage.frozen(),
            stage.alwaysChanged(),
            stage.details());
    try {
      LockEntry entry = recorder.entry(anew, recorder.inputs(anew), recorder.outputs(anew));
      recorder.write(anew, entry);
      recorder.remember(anew, entry);
    } catch (CommandFailure e) {
      session
          .call()
          .warn(
              "WARNING: stage '%s' stays as it is: %s"
                  .formatted(stage.id().addressing(session.from()), e.getMessage()));
    }
  }

  private static void rewrite(Session session, Recorder recorder, Stage stage) throws IOException {
    String name = stage.id().addressing(session.from());
    for (Out out : stage.outs()) {
      if (!isLegacy(out.key())) {
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
    return Output.unknown(output.path(), output.line())
        .with(output.cached(), output.remote(), output.push());
  }
}
