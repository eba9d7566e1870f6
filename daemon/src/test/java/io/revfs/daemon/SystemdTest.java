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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon as a unit of a real systemd, which is the first process of a process namespace with
 * mounts and control groups (of version 2, where there are such) of its own. Not run where the
 * machine's own first process is systemd: a second one would share its control groups; nor where no
 * such namespace can be made.
 */
@EnabledIf("possible")
class SystemdTest {
  private static final int SEALED = 8;
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

  /** The control group that systemd takes for the root of all. */
  private String group() {
    return "revfs-test-" + directory.getFileName();
  }

  private void boot(String service) throws Exception {
    Files.writeString(
        directory.resolve("revfs.service"),
        """
        [Unit]
        DefaultDependencies=no
        StartLimitIntervalSec=0
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
        if [ -z "$GROUPS_OF_ITS_OWN" ] && mount -t cgroup2 cgroup2 $D/groups; then
          mkdir $D/groups/$NAME && echo 0 >$D/groups/$NAME/cgroup.procs
          umount $D/groups
          GROUPS_OF_ITS_OWN=1 exec unshare -C sh $D/boot.sh
        fi
        [ -z "$GROUPS_OF_ITS_OWN" ] || mount -t cgroup2 cgroup2 /sys/fs/cgroup
        for d in /run /etc/systemd/system /usr/lib/systemd/system-generators \\
            /usr/lib/systemd/system-environment-generators; do mount -t tmpfs tmpfs $d; done
        cp $D/revfs.service /etc/systemd/system/
        export container=test
        exec $SYSTEMD --system --unit=revfs.service --log-target=console --show-status=no
        """
            .replace("$D", directory.toString())
            .replace("$NAME", group())
            .replace("$SYSTEMD", SYSTEMD.toString()));
    Files.createDirectories(directory.resolve("groups"));
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
    String remove =
        "unshare -m sh -c 'mount -t cgroup2 cgroup2 groups || exit 0;"
            + " cd groups; [ ! -d %1$s ] || find %1$s -depth -type d -exec rmdir {} \\;'";
    Await.equal("", () -> Shell.run(directory, remove.formatted(group())).output());
    for (String group : new String[] {"system.slice/revfs.service", "system.slice", "init.scope"}) {
      Shell.run(Path.of("/"), "rmdir /sys/fs/cgroup/systemd/" + group + " 2>/dev/null");
    }
  }

  private void await(String condition) throws Exception {
    await(() -> Shell.run(directory, condition).exit() == 0);
  }

  private void await(Await.Condition condition) throws Exception {
    Await.until(
        this::said,
        () -> {
          assertTrue(machine.isAlive(), this::said);
          return condition.holds();
        });
  }

  private String said() {
    return Shell.contents(directory.resolve("machine"))
        + Shell.contents(directory.resolve("output"))
        + Shell.contents(directory.resolve("state/daemon.0.log"));
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

  private boolean isInside(String script, String wanted) throws Exception {
    return inside(script).equals(wanted);
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
    for (int round = 0; round < 2; round++) {
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
    killAndRead();
  }

  @Test
  void killedWhileItSeals_sealedCommitsGoOn_andWhatIsNotCachedArrives() throws Exception {
    killWhileItSeals(3);
  }

  @Test
  @Tag("slow")
  void killedWhileItSeals_manyTimes() throws Exception {
    killWhileItSeals(100);
  }

  /** As the documentation has the unit. */
  private void killWhileItSeals(int rounds) throws Exception {
    long seed = Long.getLong("revfs.seed", System.nanoTime());
    Random random = new Random(seed);
    Map<String, byte[]> files = new TreeMap<>();
    for (int i = 0; i <= rounds; i++) {
      byte[] bytes = new byte[i % 2 == 0 ? 100_000 : 1_200_000]; // a chunk, and more than one
      random.nextBytes(bytes);
      files.put("f" + i, bytes);
    }
    data.directory("more", files);
    List<String> commits = new ArrayList<>();
    for (int i = 0; i < SEALED; i++) {
      commits.add(data.commit("c" + i));
    }
    Path main = Path.of("../cli/src/main/dist/bin/revfs-unit").toAbsolutePath().normalize();
    boot(
        """
        Type=notify
        ExecStart=/bin/bash %s /bin/sh $D/daemon.sh
        Restart=always
        RestartSec=0
        KillMode=process
        FileDescriptorStoreMax=1024
        WatchdogSec=60
        """
            .formatted(main));
    mount();
    inside("ls mnt/commits/" + commits.getFirst());
    String overlays = "grep -c ' %s/mnt/commits/.* overlay ' /proc/self/mountinfo";
    String count = overlays.formatted(directory);
    await(() -> isInside(count, "1"));
    for (int round = 0; round < rounds; round++) {
      killInTheMiddle(commits, round, random.nextInt(250), files, "seed " + seed);
    }
    String enter = String.join(" ", commits.stream().map(c -> "mnt/commits/" + c).toList());
    await(() -> isInside("ls " + enter + " >/dev/null;" + count, Integer.toString(SEALED)));
    assertEquals("1", inside("grep -c ' %s/mnt ' /proc/self/mountinfo".formatted(directory)));
    assertEquals("1", inside("pgrep -fc DaemonMain"));
    assertEquals("0", inside("pgrep -fc revfs-keeper"));
    inside("systemctl stop revfs.service");
    assertEquals("success", inside("systemctl show -p Result --value revfs.service"));
    assertEquals("0", inside("grep -c %s/mnt /proc/self/mountinfo".formatted(directory)));
    assertEquals("0", inside("pgrep -fc DaemonMain"));
  }

  /**
   * Has commits sealed, kills a process or all of the unit meanwhile, and reads in a commit that is
   * sealed and in one that is not, or about to be.
   */
  private void killInTheMiddle(
      List<String> commits, int round, int milliseconds, Map<String, byte[]> files, String seed)
      throws Exception {
    String before = daemonPid();
    String kill =
        switch (round % 3) {
          case 1 -> "systemctl kill -s KILL revfs.service"; // all of them: systemd has the mounts
          case 2 -> "kill -9 $(systemctl show -p MainPID --value revfs.service)";
          default -> "kill -9 " + before;
        };
    String file = "more/f" + round;
    String sum = TestData.md5(files.get("f" + round)) + "  -";
    String said =
        inside(
            """
            cd mnt/commits
            for commit in %1$s; do umount -l $commit; timeout -s KILL 100 ls $commit; done >$D/entered 2>&1 &
            sleep 0.%2$03d
            %3$s
            timeout -s KILL 100 md5sum <%4$s/%6$s
            timeout -s KILL 100 md5sum <%5$s/%6$s
            wait
            """
                .formatted(
                    String.join(" ", commits.subList(1, commits.size())),
                    milliseconds,
                    kill,
                    commits.getFirst(),
                    commits.get(1 + round % (commits.size() - 1)),
                    file)
                .replace("$D", directory.toString()));
    assertEquals(sum + "\n" + sum, said, () -> seed + ", round " + round + said());
    await("[ \"$(cat run/daemon.pid)\" != %s ]".formatted(before));
  }
}
