package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.revfs.fuse.Await;
import io.revfs.fuse.ForceUser;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.Shell;
import io.revfs.fuse.overlay.ImageOverlay;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon without rights, and one on a machine without FUSE. Root makes both. */
class MachinesTest {
  private static final int NOBODY = 65534;

  @TempDir Path directory;
  private TestData data;

  @BeforeEach
  void makeData() throws Exception {
    assumeTrue(Shell.isRoot(), "another user, and another /dev, take root");
    data = new TestData(directory.resolve("data"));
    data.file("set.bin", "bytes".getBytes(StandardCharsets.UTF_8));
    data.commit("v1");
  }

  /** Returns a command that runs another as an ordinary user, who may read the class path. */
  private static List<String> asNobody() {
    return List.of(
        "setpriv",
        "--reuid=" + NOBODY,
        "--regid=" + NOBODY,
        "--clear-groups",
        "--inh-caps=-all,+dac_read_search",
        "--ambient-caps=-all,+dac_read_search");
  }

  private Path homeOfNobody() throws Exception {
    Path home = Files.createDirectories(directory.resolve("nobody"));
    Shell.run(directory, "chown -R %1$d:%1$d nobody data && chmod a+x .".formatted(NOBODY));
    return home;
  }

  private static String force(Path mount) throws Exception {
    List<String> command = new ArrayList<>(asNobody());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ForceUser.class.getName(), mount.toString()));
    return Shell.run(Path.of("/"), "'" + String.join("' '", command) + "'").output();
  }

  @Test
  void anOrdinaryUser_mountsReadsAndUnmounts() throws Exception {
    Path home = homeOfNobody();
    try (TestDaemon daemon = TestDaemon.startUnder(home, asNobody())) {
      Path mount = daemon.mount(data.repository().toString(), "mnt");
      String backend = daemon.get("/v1/mounts").json().at("/mounts/0/backend").asText();
      assertEquals("kernel, page-cache", backend);
      List<String> read = new ArrayList<>(asNobody());
      read.addAll(List.of("cat", mount.resolve("tags/v1/set.bin").toString()));
      assertEquals("bytes", Shell.run(Path.of("/"), String.join(" ", read)).output());
      daemon.crash();
      daemon.awaitSuccessor();
      assertEquals("bytes", Shell.run(Path.of("/"), String.join(" ", read)).output());
      read.set(read.size() - 1, mount.resolve("current/set.bin").toString());
      assertEquals("bytes", Shell.run(Path.of("/"), String.join(" ", read)).output());
      assertEquals(200, daemon.delete("/v1/mounts?directory=" + mount).status());
      assertTrue(MountTable.read().at(mount).isEmpty());
      TestDaemon.Answer shared =
          daemon.post(
              "/v1/mounts",
              "{\"repository\":\"%s\",\"directory\":\"%s\",\"allowOther\":true}"
                  .formatted(data.repository(), mount));
      assertTrue(
          shared.status() == 200 || shared.body().contains("as root add the line user_allow_other"),
          shared.body());
    }
  }

  @Test
  void anOrdinaryUser_withoutFusermount_hearsWhatIsMissing() throws Exception {
    Path home = homeOfNobody();
    Path programs = Files.createDirectory(directory.resolve("programs"));
    for (String program : List.of("bash", "git", "env", "setpriv", "stat", "setsid")) {
      Shell.run(programs, "ln -s \"$(command -v %1$s)\" %1$s".formatted(program));
    }
    List<String> wrapper = new ArrayList<>(asNobody());
    wrapper.addAll(List.of("env", "PATH=" + programs));
    try (TestDaemon daemon = TestDaemon.startUnder(home, wrapper)) {
      for (String route : List.of("/v1/mounts", "/v1/attached")) {
        TestDaemon.Answer refused =
            daemon.post(
                route,
                "{\"repository\":\"%1$s\",\"directory\":\"%2$s\"}"
                    .formatted(
                        data.repository(),
                        route.equals("/v1/mounts") ? home.resolve("mnt") : data.repository()));
        assertTrue(refused.status() >= 400, refused.toString());
        assertTrue(
            refused.body().contains("fusermount3, which is not installed (apt-get install fuse3)"),
            refused.body());
      }
    }
  }

  /** Sealing takes the right to mount: where it must be, that is said, else FUSE serves alone. */
  @Test
  void anOrdinaryUser_hasNothingSealed_andHearsWhy() throws Exception {
    Path home = homeOfNobody();
    try (TestDaemon daemon = TestDaemon.startUnder(home, asNobody())) {
      String wanted = "{\"repository\":\"%s\",\"directory\":\"%s\",\"seal\":\"%s\"}";
      TestDaemon.Answer must =
          daemon.post(
              "/v1/mounts", wanted.formatted(data.repository(), home.resolve("must"), "on"));
      assertTrue(must.status() >= 400, must.toString());
      assertTrue(must.body().contains("commits cannot be sealed: "), must.body());
      Path mount = home.resolve("may");
      assertEquals(
          200,
          daemon.post("/v1/mounts", wanted.formatted(data.repository(), mount, "auto")).status());
      List<String> read = new ArrayList<>(asNobody());
      read.addAll(List.of("cat", mount.resolve("tags/v1/set.bin").toString()));
      assertEquals("bytes", Shell.run(Path.of("/"), String.join(" ", read)).output());
      assertEquals("[]", daemon.get("/v1/mounts").json().at("/mounts/0/sealed").toString());
    }
  }

  /** Root may be without it too, in a container. */
  @Test
  void withoutTheRightToMount_theObstacleIsKnown() throws Exception {
    List<String> command = new ArrayList<>(List.of("setpriv", "--bounding-set=-sys_admin"));
    command.add("--inh-caps=-sys_admin");
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(System.getProperty("revfs.jvm.flags").split(" ")));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(SealObstacle.class.getName());
    assertEquals(
        "this process may not mount (CAP_SYS_ADMIN)",
        Shell.run(Path.of("/"), "'" + String.join("' '", command) + "'").output());
  }

  /** Prints what keeps its process from sealing commits. */
  static final class SealObstacle {
    public static void main(String[] words) throws IOException {
      System.out.println(ImageOverlay.obstacle().orElse("nothing"));
    }
  }

  @Test
  void anOrdinaryUser_forcesAMount_andHearsOfTheConnectionThatIsLeft() throws Exception {
    Path home = homeOfNobody();
    try (TestDaemon daemon = TestDaemon.startUnder(home, asNobody())) {
      Path mount = daemon.mount(data.repository().toString(), "mnt");
      String device = MountTable.read().at(mount).orElseThrow().device();
      Shell.run(home, "kill -STOP " + daemon.pid());
      try {
        String left = device.substring(device.indexOf(':') + 1);
        assertEquals("OptionalInt[" + left + "]", force(mount));
        assertTrue(MountTable.read().at(mount).isEmpty());
      } finally {
        Shell.run(home, "kill -CONT " + daemon.pid());
      }
    }
  }

  @Test
  void withoutFuse_mountSaysSo_andTheRestWorks() throws Exception {
    Path devices = Files.createDirectories(directory.resolve("dev"));
    String script =
        "mount -t tmpfs none '%1$s' && cp -a /dev/null /dev/zero /dev/random /dev/urandom '%1$s'"
            + " && mount --move '%1$s' /dev && exec \"$@\"";
    try (TestDaemon daemon =
        TestDaemon.startUnder(
            directory.resolve("daemon"),
            List.of("unshare", "-m", "sh", "-c", script.formatted(devices), "sh"))) {
      String where = "repository=" + data.repository() + "&rev=v1";
      TestDaemon.Answer refused =
          daemon.post(
              "/v1/mounts",
              "{\"repository\":\"%s\",\"directory\":\"%s\"}"
                  .formatted(data.repository(), directory.resolve("mnt")));
      assertEquals(409, refused.status(), refused.toString());
      assertTrue(
          refused.json().at("/error/message").asText().contains("/dev/fuse"), refused.toString());
      assertEquals("see: revfs doctor", refused.json().at("/error/hint").asText());
      assertFalse(refused.json().at("/error/message").asText().contains("Exception"));
      assertEquals(5, daemon.get("/v1/info?path=set.bin&" + where).json().at("/size").asInt());
      assertEquals(200, daemon.get("/v1/ls?" + where).status());
      assertEquals(200, daemon.get("/v1/tree?path=&" + where).status());
    }
  }

  /** As in a container, where overlays lie below the cache. */
  @Test
  void theCacheOnAStackedFileSystem_isServed_andTheMountSaysSo() throws Exception {
    Path stacked = Files.createDirectories(directory.resolve("stacked"));
    Shell.Result overlay =
        Shell.run(
            directory,
            """
            set -e
            mkdir a b c lower upper work
            mount -t overlay none -o lowerdir=a:b lower
            mount -t overlay none -o lowerdir=lower:c,upperdir=upper,workdir=work stacked
            """);
    assertEquals(0, overlay.exit(), overlay.output());
    try (TestDaemon daemon =
        TestDaemon.start(directory.resolve("daemon"), "", stacked.resolve("cache"))) {
      Path mount = daemon.mount(data.repository().toString(), "mnt", "kernel", "passthrough");
      String read = "cat tags/v1/set.bin";
      Await.equal(
          "kernel, served",
          () -> {
            assertEquals("bytes", Shell.run(mount, read).output()); // some time it is complete
            return daemon.get("/v1/mounts").json().at("/mounts/0/backend").asText();
          });
      assertEquals("[]", daemon.get("/v1/status").json().get("errors").toString());
    } finally {
      assertEquals("", Shell.run(directory, "umount stacked lower").output());
    }
  }

  /** Whoever reads a directory changes its time of access; the start of a daemon does not. */
  @Test
  void starting_readsNoDirectoryOfTheCache() throws Exception {
    Path home = directory.resolve("daemon");
    try (TestDaemon daemon = TestDaemon.start(home, "")) {
      Shell.run(daemon.mount(data.repository().toString(), "mnt"), "cat tags/v1/set.bin");
    }
    String old = "find cache -type d -exec touch -a -d '3 days ago' {} +";
    assertEquals(
        "", Shell.run(home, old + "; mkdir control; touch -a -d '3 days ago' control").output());
    assertEquals("", Shell.run(home, "ls control").output());
    String seen = "find %s -maxdepth 0 -atime -1";
    assumeTrue(
        Shell.run(home, seen.formatted("control")).output().equals("control"),
        "this file system keeps no times of access");
    try (TestDaemon daemon = TestDaemon.start(home, "")) {
      assertEquals("", Shell.run(home, "find cache/files -maxdepth 0 -atime -1").output());
      assertEquals("", Shell.run(home, "find cache/files/md5 -maxdepth 0 -atime -1").output());
      assertEquals("", Shell.run(home, "find cache/files/md5/* -maxdepth 0 -atime -1").output());
    }
  }
}
