package io.revfs.command.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.revfs.testing.server.FakeGcsServer;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A cloud-versioned remote on a store whose versions are Google's generations. */
class GoogleVersionsTest extends StoreVersionsContract {
  private FakeGcsServer server;

  @BeforeEach
  void make() throws IOException {
    server = FakeGcsServer.start();
    make("gs://bucket/data", Map.of("endpointurl", server.url(), "allow_anonymous_login", "true"));
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Override
  String first() {
    return "1";
  }

  @Override
  String changed() {
    return "2";
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
