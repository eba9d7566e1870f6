package io.revfs.command.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import io.revfs.testing.FakeAzureServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cloud-versioned remote on a store whose versions are Azure's, named by times. */
class AzureVersionsTest {
  @TempDir Path directory;
  private FakeAzureServer server;
  private DvcProject project;

  @BeforeEach
  void make() throws IOException {
    server = FakeAzureServer.start();
    project = DvcProject.make(directory);
    project.ok("remote add", "name", "r", "url", "azure://container/data", "default", true);
    for (List<String> option :
        List.of(
            List.of("connection_string", server.connectionString("right")),
            List.of("version_aware", "true"))) {
      project.ok("remote modify", "name", "r", "option", option.get(0), "value", option.get(1));
    }
  }

  @AfterEach
  void close() {
    project.close();
    server.close();
  }

  private void checkHas(String file, String text) throws IOException {
    assertTrue(project.read(file).contains(text), project.read(file));
  }

  @Test
  void whatWasPushed_comesBackInItsVersion() throws IOException {
    project.write("a", "1\n");
    project.write("d/b", "2\n");
    project.add("a", "d");
    project.ok("push");
    checkHas("a.dvc", "      version_id: '2026-01-02T03:04:05.0000001Z'\n");
    checkHas("d.dvc", "  - relpath: b\n");
    project.commit("v1");
    project.write("a", "changed\n");
    project.add("a");
    project.ok("push");
    checkHas("a.dvc", "      version_id: '2026-01-02T03:04:05.0000003Z'\n");
    project.sh("git checkout -qf v1 && rm -rf .dvc/cache a d");
    project.ok("pull");
    assertEquals("1\n", project.read("a"));
    assertEquals("2\n", project.read("d/b"));
    assertEquals("{}", project.run("status").json().toString());
  }
}
