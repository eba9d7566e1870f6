package io.revfs.command.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import io.revfs.testing.RecordedCall;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Experiments whose parameters are composed as Hydra does: section {@code hydra}. */
class HydraExperimentsTest {
  @TempDir Path directory;
  private DvcProject project;

  @BeforeEach
  void make() throws IOException {
    project = DvcProject.makeWithRevisions(directory);
    project.write("conf/config.yaml", "defaults: [db: mysql]\nseed: 7\n");
    project.write("conf/small.yaml", "seed: 1\n");
    project.write("conf/db/mysql.yaml", "driver: mysql\n");
    project.write("conf/db/postgres.yaml", "driver: postgres\n");
    project.write("params.yaml", "old: 1\n");
    project.write(
        "dvc.yaml", "stages: {s: {cmd: cp params.yaml out, deps: [params.yaml], outs: [out]}}\n");
    String unused = project.ok("config", "name", "hydra.enabled", "value", "true");
    project.commit("base");
  }

  @AfterEach
  void close() {
    project.close();
  }

  private String run(String name, String... settings) throws IOException {
    RecordedCall call = project.run("exp run", "name", name, "set-param", List.of(settings));
    assertEquals("", call.failure());
    return project.read("params.yaml") + String.join("\n", call.warnings());
  }

  @Test
  void parameters_areComposedBeforeEachRun() throws IOException {
    assertEquals("db:\n  driver: mysql\nseed: 7\n", run("plain"));
    assertEquals(
        "db:\n  driver: postgres\nseed: 2\nextra: x\n",
        run("changed", "db=postgres", "seed=2", "+extra=x"));
    assertEquals("seed: 7\n", run("without", "~db"));
    assertEquals(project.read("params.yaml"), project.read("out"));
    String unused = project.ok("config", "name", "hydra.config_name", "value", "small");
    assertEquals("seed: 1\n", run("small"));
    project.sh("mkdir -p other && mv conf/small.yaml other && echo 'seed: 3' > other/small.yaml");
    unused = project.ok("config", "name", "hydra.config_dir", "value", "other");
    assertEquals("seed: 3\n", run("other"));
  }

  @Test
  void withoutHydra_theFileIsChangedAsItIs() throws IOException {
    RecordedCall call =
        project.run("exp run", "name", "n", "no-hydra", true, "set-param", List.of("old=2"));
    assertEquals("", call.failure());
    assertEquals("old: 2\n", project.read("params.yaml"));
  }

  @Test
  void aModule_isADirectoryOfTheProject() throws IOException {
    project.sh("mkdir -p src/app && mv conf src/app/settings && touch src/__init__.py");
    String unused =
        project.ok("config", "name", "hydra.config_module", "value", "src.app.settings");
    assertEquals("db:\n  driver: mysql\nseed: 7\n", run("module"));
    unused = project.ok("config", "name", "hydra.config_module", "value", "no.where");
    project.fails(255, "hydra.config_module 'no.where'", "exp run", "name", "x");
    project.fails(255, "config_source", "config", "name", "hydra.config_dir", "value", "conf");
  }

  @Test
  void plugins_areNotRun_whichIsSaid() throws IOException {
    String unused = project.ok("config", "name", "hydra.plugins_path", "value", "plugins");
    String told = run("plugged");
    assertTrue(told.startsWith("db:\n"), told);
    assertTrue(told.contains("hydra.plugins_path has no effect"), told);
  }

  @Test
  void groupsAndValues_makeAGrid() throws IOException {
    String out =
        project.ok(
            "exp run",
            "queue",
            true,
            "name",
            "g",
            "set-param",
            List.of("db=mysql,postgres", "seed=choice(1,2)"));
    assertTrue(out.contains("'g-4'"), out);
    String third = project.sh("git rev-parse 'refs/exps/celery/stash@{1}'");
    assertEquals(
        "db:\n  driver: postgres\nseed: 1", project.sh("git show " + third + ":params.yaml"));
    project.fails(
        255,
        "there is no configuration 'db/oracle.yaml'",
        "exp run",
        "queue",
        true,
        "set-param",
        List.of("db=mysql,oracle"));
    project.fails(
        255,
        "glob() is not supported",
        "exp run",
        "queue",
        true,
        "set-param",
        List.of("db=glob(*)"));
  }
}
