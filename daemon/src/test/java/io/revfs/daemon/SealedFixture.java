package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.fuse.Await;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.Shell;
import io.revfs.testing.KernelCaches;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A repository, a daemon, and what tests of sealed commits ask of them. */
abstract class SealedFixture {
  private static final int FILES = 200;

  @TempDir Path directory;
  TestData data;
  TestDaemon daemon;
  Path mount;
  String commit;
  KernelCaches caches;
  final Map<String, byte[]> files = new TreeMap<>();

  @BeforeEach
  void start() throws Exception {
    data = new TestData(Files.createDirectories(directory.resolve("data")));
    Random random = new Random(5);
    StringBuilder sums = new StringBuilder();
    for (int i = 0; i < FILES; i++) {
      byte[] bytes = new byte[i == 0 ? 0 : random.nextInt(30_000)];
      random.nextBytes(bytes);
      files.put("d%d/f%03d".formatted(i % 7, i), bytes);
    }
    byte[] big = new byte[3_000_000];
    random.nextBytes(big);
    files.put("big", big);
    data.directory("set", files);
    files.forEach(
        (name, bytes) -> sums.append(TestData.md5(bytes)).append("  ").append(name).append('\n'));
    Files.writeString(directory.resolve("sums"), sums);
    data.write("blob", "x".repeat(200_000)); // more than an image takes in
    data.write("small", "small\n");
    commit = data.commit("v1");
    caches = KernelCaches.keep();
    daemon = TestDaemon.start(directory.resolve("daemon"), "daemon:\n  watchdog: 10m\n");
  }

  @AfterEach
  void stop() throws Exception {
    try (KernelCaches kept = caches) {
      daemon.close();
    }
  }

  void mount(String seal) throws Exception {
    mountWith("\"seal\":\"" + seal + "\"");
  }

  /** Mounts as a JSON object's members say. */
  void mountWith(String members) throws Exception {
    mount = directory.resolve("daemon/mnt");
    TestDaemon.Answer answer =
        daemon.post(
            "/v1/mounts",
            "{\"repository\":\"%s\",\"directory\":\"%s\",%s}"
                .formatted(data.repository(), mount, members));
    assertEquals(200, answer.status(), answer.toString());
  }

  String in(String script) throws Exception {
    return Shell.run(mount, script).output();
  }

  boolean isMounted(String commit) throws Exception {
    return MountTable.read().at(mount.resolve("commits").resolve(commit)).isPresent();
  }

  void eventually(String what, Await.Condition condition) throws Exception {
    Await.until(() -> what + ": " + state(), condition);
  }

  private String state() {
    try {
      return daemon.get("/v1/mounts").json() + daemon.output();
    } catch (IOException e) {
      return e.toString();
    }
  }

  void sealed(String wanted) throws Exception {
    in("ls commits/" + wanted);
    eventually(wanted + " is not sealed", () -> isMounted(wanted) && statesSealed(wanted));
  }

  boolean statesSealed(String wanted) throws Exception {
    for (JsonNode one : daemon.get("/v1/mounts").json().at("/mounts/0/sealed")) {
      if (one.asText().equals(wanted)) {
        return true;
      }
    }
    return false;
  }

  String check(String path) throws Exception {
    return in("cd " + path + " && md5sum --quiet -c " + directory.resolve("sums") + " 2>&1");
  }

  /** With the daemon stopped nothing but the kernel can answer. */
  String withoutDaemon(String script) throws Exception {
    return withoutDaemon(script, 100);
  }

  /**
   * What has come is read natively once the daemon has seen that no more comes. It is given the
   * time to: stopped, it would not look.
   */
  void readNatively(String script, String end) throws Exception {
    String said = "";
    for (int i = 0; i < 15 && !said.endsWith(end); i++) {
      Thread.sleep(2500);
      said = withoutDaemon(script, 4 + i); // the busier the machine, the longer reading takes
    }
    assertTrue(said.endsWith(end), "what has come is not read natively: " + said);
  }

  /**
   * Who waits for an answer cannot be killed, so the daemon goes on by itself when the time is over
   * for everybody who could.
   */
  private String withoutDaemon(String script, int seconds) throws Exception {
    Shell.run(directory, "kill -STOP " + daemon.pid());
    ProcessBuilder wake =
        new ProcessBuilder(
            "sh", "-c", "sleep $0; kill -CONT $1", seconds + 5 + "", daemon.pid() + "");
    Process late = wake.start();
    try {
      return in("timeout -s KILL " + seconds + " bash -c '" + script + "' 2>&1; echo $?");
    } finally {
      late.destroy();
      Shell.run(directory, "kill -CONT " + daemon.pid());
    }
  }

  void leavesNothing() throws Exception {
    for (MountTable.Mount left : MountTable.read().mounts()) {
      assertFalse(left.mountPoint().startsWith(directory), left.toString());
    }
  }
}
