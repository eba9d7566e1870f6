package io.revfs.command.plots;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import io.revfs.testing.RecordedCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are no project's are shown too, in a Git repository or in none. */
class OutsideOfProjectsTest {
  private static final String AWAY = "../away";

  @TempDir Path directory;

  private DvcProject project() throws IOException {
    DvcProject project = DvcProject.makeWithRevisions(directory);
    Path away = Files.createDirectories(directory.resolve("away"));
    Files.writeString(away.resolve("loss.csv"), "step,loss\n0,1\n1,0.5\n");
    Files.writeString(away.resolve("m.json"), "{\"acc\": 0.5}\n");
    Files.writeString(away.resolve("params.yaml"), "lr: 1\n");
    return project;
  }

  @Test
  void withoutGit_filesThatAreNamedAreShown() throws IOException {
    try (DvcProject project = project()) {
      RecordedCall plots =
          project.runIn(AWAY, "plots show", "targets", List.of("loss.csv"), "json", true);
      assertEquals("0 ", plots.exit() + " " + plots.failure());
      assertEquals("[\"workspace\"]", plots.json().at("/data/loss.csv/0/revisions").toString());
      RecordedCall page = project.runIn(AWAY, "plots show", "targets", List.of("loss.csv"));
      assertTrue(page.out().strip().endsWith("away/dvc_plots/index.html"), page.out());
      RecordedCall metrics = project.runIn(AWAY, "metrics show", "targets", List.of("m.json"));
      assertTrue(metrics.out().contains("0.5"), metrics.out() + metrics.failure());
      RecordedCall none = project.runIn(AWAY, "plots show");
      assertEquals(0, none.exit(), none.failure());
      assertTrue(String.join("", none.warnings()).contains("No plots were loaded"));
      assertFalse(Files.exists(directory.resolve("away/.dvc")), "nothing of DVC's is made");
    }
  }

  @Test
  void inGit_revisionsAreComparedToo() throws IOException {
    try (DvcProject project = project()) {
      project.sh(
          "cd ../away && git init -q && git config user.name t && git config user.email t@e"
              + " && git add -A && git commit -qm one && echo '{\"acc\": 0.7}' > m.json"
              + " && echo 'lr: 2' > params.yaml && echo '2,0.1' >> loss.csv");
      RecordedCall plots =
          project.runIn(AWAY, "plots diff", "targets", List.of("loss.csv"), "json", true);
      assertEquals("0 ", plots.exit() + " " + plots.failure());
      assertTrue(plots.json().toString().contains("HEAD"), plots.json().toString());
      RecordedCall metrics =
          project.runIn(AWAY, "metrics diff", "targets", List.of("m.json"), "json", true);
      assertEquals(0.7, metrics.json().at("/m.json/acc/new").asDouble(), metrics.failure());
      RecordedCall params =
          project.runIn(AWAY, "params diff", "targets", List.of("params.yaml"), "json", true);
      assertEquals(2, params.json().at("/params.yaml/lr/new").asInt(), params.failure());
      assertFalse(Files.exists(directory.resolve("away/.dvc")));
    }
  }
}
