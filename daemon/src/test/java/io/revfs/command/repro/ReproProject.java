package io.revfs.command.repro;

import io.revfs.testing.DvcProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A project of three stages, which write down that they run. */
abstract class ReproProject {
  static final String UP_TO_DATE = "Data and pipelines are up to date.\n";

  @TempDir Path directory;
  DvcProject project;

  @BeforeEach
  void make() throws IOException {
    project = DvcProject.make(directory);
    project.write("in.txt", "1\n");
    project.write("params.yaml", "scale: 2\nother: 1\n");
    project.write(
        "dvc.yaml",
        """
        stages:
          first:
            cmd: echo $DVC_STAGE >> runs; sed s/^/a/ in.txt > a.txt
            deps: [in.txt]
            outs: [a.txt]
          second:
            cmd:
            - echo $DVC_STAGE >> runs
            - sed s/^/b/ a.txt > b.txt && echo '{"n":1}' > m.json
            deps: [a.txt]
            params: [scale]
            outs: [b.txt]
            metrics:
            - m.json:
                cache: false
          alone:
            cmd: echo $DVC_STAGE >> runs; echo x > c.txt
            outs: [c.txt]
        """);
    project.write(".gitignore", "/runs\n");
  }

  @AfterEach
  void close() {
    project.close();
  }

  final String repro(Object... pairs) throws IOException {
    Files.deleteIfExists(project.path("runs"));
    String out = project.ok("repro", pairs);
    return project.has("runs") ? project.read("runs").strip().replace("\n", " ") : out;
  }
}
