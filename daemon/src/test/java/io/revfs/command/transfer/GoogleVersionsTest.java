package io.revfs.command.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import io.revfs.testing.FakeGcsServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cloud-versioned remote on a store whose versions are Google's generations. */
class GoogleVersionsTest {
  @TempDir Path directory;
  private FakeGcsServer server;
  private DvcProject project;

  @BeforeEach
  void make() throws IOException {
    server = FakeGcsServer.start();
    project = DvcProject.make(directory);
    project.ok("remote add", "name", "r", "url", "gs://bucket/data", "default", true);
    for (List<String> option :
        List.of(
            List.of("endpointurl", server.url()),
            List.of("allow_anonymous_login", "true"),
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
    checkHas("a.dvc", "      version_id: '1'\n");
    checkHas("d.dvc", "  - relpath: b\n");
    project.commit("v1");
    project.write("a", "changed\n");
    project.add("a");
    project.ok("push");
    checkHas("a.dvc", "      version_id: '2'\n");
    project.sh("git checkout -qf v1 && rm -rf .dvc/cache a d");
    project.ok("pull");
    assertEquals("1\n", project.read("a"));
    assertEquals("2\n", project.read("d/b"));
    assertEquals("{}", project.run("status").json().toString());
  }

  @Test
  void outputsOfStages_haveTheirVersionsInTheLockFile() throws IOException {
    project.write(
        "dvc.yaml",
        """
        stages:
          one:
            cmd: echo x > out.txt && mkdir -p d && echo y > d/y
            outs: [d, out.txt]
        """);
    project.ok("repro");
    project.ok("push");
    String lock = project.read("dvc.lock");
    assertEquals(
        """
            outs:
            - path: d
              hash: md5
              files:
              - relpath: y
                md5: 009520053b00386d1173f3988c55d192
                size: 2
                cloud:
                  r:
                    version_id: '1'
            - path: out.txt
              hash: md5
              md5: 401b30e3b8b5d629635a5c613cdb7919
              size: 2
              cloud:
                r:
                  version_id: '1'
        """,
        lock.substring(lock.indexOf("    outs:")).replaceAll(" *etag: .*\n", ""));
    project.commit("v1");
    project.sh("rm -rf .dvc/cache out.txt d");
    project.ok("pull");
    assertEquals("y\n", project.read("d/y"));
    assertEquals("{}", project.run("status").json().toString());
  }
}
