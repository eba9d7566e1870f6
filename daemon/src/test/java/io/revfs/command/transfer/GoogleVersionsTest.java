package io.revfs.command.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import io.revfs.testing.FakeGcsServer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cloud-versioned remote on a store whose versions are Google's generations. */
class GoogleVersionsTest {
  @TempDir Path directory;

  @Test
  void whatWasPushed_comesBackInItsVersion() throws Exception {
    try (FakeGcsServer server = FakeGcsServer.start();
        DvcProject project = DvcProject.make(directory)) {
      project.ok("remote add", "name", "r", "url", "gs://bucket/data", "default", true);
      for (List<String> option :
          List.of(
              List.of("endpointurl", server.url()),
              List.of("allow_anonymous_login", "true"),
              List.of("version_aware", "true"))) {
        project.ok("remote modify", "name", "r", "option", option.get(0), "value", option.get(1));
      }
      project.write("a", "1\n");
      project.write("d/b", "2\n");
      project.add("a", "d");
      project.ok("push");
      assertTrue(project.read("a.dvc").contains("      version_id: '1'\n"), project.read("a.dvc"));
      assertTrue(project.read("d.dvc").contains("  - relpath: b\n"), project.read("d.dvc"));
      project.commit("v1");
      project.write("a", "changed\n");
      project.add("a");
      project.ok("push");
      assertTrue(project.read("a.dvc").contains("      version_id: '2'\n"), project.read("a.dvc"));
      project.sh("git checkout -qf v1 && rm -rf .dvc/cache a d");
      project.ok("pull");
      assertEquals("1\n", project.read("a"));
      assertEquals("2\n", project.read("d/b"));
      assertEquals("{}", project.run("status").json().toString());
    }
  }
}
