package io.revfs.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.Await;
import io.revfs.fuse.Shell;
import io.revfs.testing.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon as a unit of a real systemd, which is the first process of a process namespace with
 * mounts of its own. Not run where the machine's own first process is systemd: a second one would
 * share its control groups; nor where no such namespace can be made.
 */
@EnabledIf("possible")
class SystemdTest {
  private static final Path SYSTEMD = Path.of("/lib/systemd/systemd");

  @TempDir Path directory;
  private TestData data;
  private Process machine;
  private final byte[] big = new byte[5_000_000];

  static boolean possible() throws IOException {
    return Shell.isRoot()
        && Files.exists(SYSTEMD)
        && !Files.exists(Path.of("/run/systemd/system"))
        && Shell.run(Path.of("/"), "unshare -m -p -f -u -i mount -t proc proc /proc").exit() == 0;
  }

  @BeforeEach
  void makeData() throws Exception {
    data = new TestData(directory.resolve("data"), directory.resolve("data/store").toString());
    new Random(3).nextBytes(big);
    data.directory("set", Map.of("big", big, "small", new byte[] {1, 2}));
    data.commit("v1");
    Files.createDirectories(directory.resolve("run"));
    Files.createDirectories(directory.resolve("mnt"));
    Files.writeString(
        directory.resolve("daemon.sh"),
        """
        export REVFS_SOCKET=$D/run/s REVFS_CACHE_DIR=$D/cache REVFS_STATE_DIR=$D/state HOME=$D
        exec '%s/bin/java' %s -Xmx256m -XX:+UseSerialGC -cp '%s' io.revfs.daemon.DaemonMain
        """
            .formatted(
                System.getProperty("java.home"),
                System.getProperty("revfs.jvm.flags"),
                System.getProperty("java.class.path"))
            .replace("$D", directory.toString()));
  }

  private void boot(String service) throws Exception {
    Files.writeString(
        directory.resolve("revfs.service"),
        """
        [Unit]
        DefaultDependencies=no
        [Service]
        StandardOutput=append:$D/output
        StandardError=append:$D/output
        """
                .replace("$D", directory.toString())
            + service.replace("$D", directory.toString()));
    Files.writeString(
        directory.resolve("boot.sh"),
        """
        set -e
        mount --make-rprivate /
        mount -t proc proc /proc
        for d in /run /etc/systemd/system /usr/lib/systemd/system-generators \\
            /usr/lib/systemd/system-environment-generators; do mount -t tmpfs tmpfs $d; done
        cp %s/revfs.service /etc/systemd/system/
        export container=test
        exec %s --system --unit=revfs.service --log-target=console --show-status=no
        """
            .formatted(directory, SYSTEMD));
    machine =
        new ProcessBuilder(
                "setpriv",
                "--pdeathsig",
                "KILL",
                "--", //
                "unshare",
                "-m",
                "-p",
                "-f",
                "-u",
                "-i",
                "--kill-child", //
                "sh",
                directory.resolve("boot.sh").toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("machine").toFile())
            .start();
    await("curl -sf -o /dev/null --unix-socket %s/run/s http://d/v1/mounts".formatted(directory));
  }

  @AfterEach
  void end() throws Exception {
    machine.descendants().forEach(ProcessHandle::destroyForcibly);
    machine.destroyForcibly();
    assertTrue(machine.waitFor(60, TimeUnit.SECONDS));
    // What systemd made of control groups and nobody is in any more.
    for (String group : new String[] {"system.slice/revfs.service", "system.slice", "init.scope"}) {
      Shell.run(Path.of("/"), "rmdir /sys/fs/cgroup/systemd/" + group + " 2>/dev/null");
    }
  }

  private void await(String condition) throws Exception {
    Await.until(
        this::said,
        () -> {
          assertTrue(machine.isAlive(), this::said);
          return Shell.run(directory, condition).exit() == 0;
        });
  }

  private String said() {
    return Shell.contents(directory.resolve("machine"))
        + Shell.contents(directory.resolve("output"));
  }

  /** Runs a script where systemd runs. */
  private String inside(String script) throws Exception {
    long init = machine.children().findFirst().orElseThrow().pid();
    Path file = directory.resolve("inside.sh");
    Files.writeString(file, "cd " + directory + "\n" + script);
    return Shell.run(directory, "nsenter -t %d -m -p -- bash %s".formatted(init, file)).output();
  }

  private String daemonPid() throws Exception {
    return Files.readString(directory.resolve("run/daemon.pid")).strip();
  }

  private String mount() throws Exception {
    return inside(
        "curl -s --unix-socket run/s -X POST -d '{\"repository\":\"%s\",\"directory\":\"%s/mnt\",\"seal\":\"auto\"}' http://d/v1/mounts"
            .formatted(data.repository(), directory));
  }

  /** Kills the daemon while a file is open, and reads on. */
  private void killAndRead() throws Exception {
    String sum = TestData.md5(big) + "  -";
    String before = daemonPid();
    assertEquals(
        sum + "\n" + sum + "\n2",
        inside(
            """
            exec 3<mnt/tags/v1/set/big
            kill -9 %s
            md5sum <&3
            md5sum <mnt/tags/v1/set/big
            wc -c <mnt/tags/v1/set/small
            """
                .formatted(before)));
    await("[ \"$(cat run/daemon.pid)\" != %s ]".formatted(before));
    assertNotEquals(before, daemonPid());
  }

  @Test
  void killed_systemdStartsItAgain_andReadersSeeAPauseOnly() throws Exception {
    boot(
        """
        Type=notify
        ExecStart=/bin/sh $D/daemon.sh
        Restart=always
        RestartSec=0
        FileDescriptorStoreMax=1024
        WatchdogSec=60
        """);
    String mounted = mount();
    assertTrue(mounted.contains("\"kernel, "), mounted);
    assertEquals("0", inside("pgrep -fc revfs-keeper"));
    for (int round = 0; round < 3; round++) {
      killAndRead();
    }
    assertEquals("1", inside("grep -c ' %s/mnt ' /proc/self/mountinfo".formatted(directory)));
    inside("systemctl stop revfs.service");
    assertEquals("0", inside("grep -c %s/mnt /proc/self/mountinfo".formatted(directory)));
  }

  @Test
  void aUnitThatLeavesTheMountsToTheKeeper_mayBeSealed() throws Exception {
    boot(
        """
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=/bin/sh -c 'setsid sh $D/daemon.sh &'
        KillMode=process
        """);
    mount();
    inside("ls mnt/tags/v1/set");
    String sealed = "grep -c ' %s/mnt/commits/.* overlay ' /proc/self/mountinfo";
    Await.equal("1", () -> inside(sealed.formatted(directory)));
    Await.equal("1", () -> inside("pgrep -fc revfs-keeper")); // the one before it is told to end
    for (int round = 0; round < 3; round++) {
      killAndRead();
    }
  }
}
