package io.revfs.cli.replay;

import io.revfs.testing.server.ServerProcess;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A cluster of Slurm on this machine, with nodes that are processes; one of them, in a partition of
 * its own, sees no processes of others, as another machine would. Root.
 */
final class SlurmCluster implements Closeable {
  private static final long LIMIT_SECONDS = 180;

  /** The node that is like another machine, and its partition. */
  static final String AWAY = "away";

  private final Path directory;
  private final List<Process> processes = new ArrayList<>();
  private final Map<String, Process> nodes = new TreeMap<>();

  /** Starts one with nodes {@code n1}, {@code n2}, …. */
  SlurmCluster(Path directory, int count) throws IOException {
    this.directory = Files.createDirectories(directory);
    try {
      start(count);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Returns the file that {@code SLURM_CONF} must name. */
  Path configuration() {
    return directory.resolve("slurm.conf");
  }

  private void start(int count) throws IOException {
    byte[] key = new byte[128];
    new SecureRandom().nextBytes(key);
    Path keyFile = directory.resolve("munge.key");
    Files.createFile(
        keyFile,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(keyFile, key);
    Path socket = directory.resolve("munge");
    processes.add(
        process(
            "munged",
            List.of(
                "munged",
                "--foreground",
                "--force",
                "--key-file=" + keyFile,
                "--socket=" + socket,
                "--pid-file=" + directory.resolve("munged.pid"),
                "--seed-file=" + directory.resolve("munge.seed"),
                "--log-file=" + directory.resolve("munged.log"))));
    configure(count, socket);
    await("munge does not answer", "munge", "-S", socket.toString(), "--no-input");
    processes.add(process("slurmctld", List.of("slurmctld", "-D")));
    for (int i = 1; i <= count; i++) {
      nodes.put("n" + i, process("n" + i, List.of("slurmd", "-D", "-N", "n" + i)));
    }
    processes.add(
        process(
            AWAY,
            List.of(
                "unshare",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc",
                "--",
                "slurmd",
                "-D",
                "-N",
                AWAY)));
    await(
        "the nodes do not come up",
        "sh",
        "-c",
        "[ $(sinfo --noheader --Node --format='%N %t' | sort -u | grep -c ' idle$') = "
            + (count + 1)
            + " ]");
  }

  private void configure(int count, Path socket) throws IOException {
    String host = InetAddress.getLocalHost().getHostName().replaceFirst("\\..*", "");
    StringBuilder text =
        new StringBuilder(
            """
            ClusterName=revfs
            SlurmctldHost=%1$s(127.0.0.1)
            SlurmctldPort=%2$d
            AuthType=auth/munge
            AuthInfo=socket=%3$s
            CredType=cred/munge
            SlurmUser=root
            SlurmdUser=root
            StateSaveLocation=%4$s/state
            SlurmdSpoolDir=%4$s/spool.%%n
            SlurmctldPidFile=%4$s/ctld.pid
            SlurmdPidFile=%4$s/slurmd.%%n.pid
            SlurmctldLogFile=%4$s/ctld.log
            SlurmdLogFile=%4$s/slurmd.%%n.log
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            SwitchType=switch/none
            MpiDefault=none
            ReturnToService=2
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU_Memory
            SlurmdParameters=config_overrides
            SchedulerParameters=batch_sched_delay=0,sched_min_interval=10000
            JobAcctGatherType=jobacct_gather/linux
            JobAcctGatherFrequency=task=1
            JobAcctGatherParams=OverMemoryKill
            KillWait=2
            SlurmdTimeout=12
            MessageTimeout=10
            """
                .formatted(host, ServerProcess.freePort(), socket, directory));
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      names.add("n" + i);
    }
    String near = String.join(",", names);
    names.add(AWAY);
    for (String name : names) {
      text.append(
          "NodeName=%s NodeHostname=%s NodeAddr=127.0.0.1 Port=%d CPUs=4 RealMemory=4000\n"
              .formatted(name, host, ServerProcess.freePort()));
      Files.createDirectories(directory.resolve("spool." + name));
    }
    text.append(
        "PartitionName=main Nodes=%s Default=YES MaxTime=INFINITE State=UP\n".formatted(near));
    text.append("PartitionName=other Nodes=%s MaxTime=INFINITE State=UP\n".formatted(near));
    text.append("PartitionName=%1$s Nodes=%1$s MaxTime=INFINITE State=UP\n".formatted(AWAY));
    text.append("PartitionName=first Nodes=n1 MaxTime=INFINITE State=UP\n");
    text.append("PartitionName=second Nodes=n2 MaxTime=INFINITE State=UP\n");
    Files.createDirectories(directory.resolve("state"));
    Files.writeString(configuration(), text);
    // So that no control groups are looked for.
    Files.writeString(directory.resolve("cgroup.conf"), "CgroupPlugin=cgroup/v1\n");
  }

  private Process process(String name, List<String> command) throws IOException {
    List<String> words = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "--"));
    words.addAll(command);
    return builder(words).redirectOutput(directory.resolve(name + ".out").toFile()).start();
  }

  private ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.put("SLURM_CONF", configuration().toString());
    environment.put("PATH", environment.getOrDefault("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin");
    return builder;
  }

  private void await(String failure, String... command) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (run(command).exit() != 0) {
      if (System.nanoTime() > end) {
        throw new IOException(failure + ": see " + directory);
      }
      try {
        TimeUnit.MILLISECONDS.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
    }
  }

  /** What a command did. */
  record Outcome(int exit, String out) {}

  /** Runs one of Slurm's commands. */
  Outcome run(String... command) throws IOException {
    Process process = builder(List.of(command)).start();
    String out =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return new Outcome(process.onExit().join().exitValue(), out);
  }

  /** Takes a node away, with all that runs on it: the machine is dead. */
  void kill(String node) {
    Process slurmd = nodes.get(node);
    if (slurmd != null) {
      List<ProcessHandle> all = new ArrayList<>(slurmd.descendants().toList());
      slurmd.destroyForcibly();
      all.forEach(ProcessHandle::destroyForcibly);
      // Steps are no children of their node's daemon any more.
      ProcessHandle.allProcesses()
          .filter(one -> one.info().commandLine().orElse("").contains("slurmstepd"))
          .filter(one -> isOf(one, node))
          .forEach(
              one -> {
                List<ProcessHandle> below = one.descendants().toList();
                one.destroyForcibly();
                below.forEach(ProcessHandle::destroyForcibly);
              });
    }
  }

  private boolean isOf(ProcessHandle step, String node) {
    try {
      String environment =
          Files.readString(
              Path.of("/proc", Long.toString(step.pid()), "environ"), StandardCharsets.ISO_8859_1);
      String descriptors = String.join(" ", open(step));
      return environment.contains(configuration().toString())
          && (environment.contains("spool." + node) || descriptors.contains("slurmd." + node));
    } catch (IOException e) {
      return false;
    }
  }

  private static List<String> open(ProcessHandle process) throws IOException {
    List<String> names = new ArrayList<>();
    try (var all = Files.newDirectoryStream(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
      for (Path one : all) {
        names.add(Files.readSymbolicLink(one).toString());
      }
    } catch (NoSuchFileException | DirectoryIteratorException e) {
      return names; // it closes some, or ends
    }
    return names;
  }

  @Override
  public void close() throws IOException {
    if (Files.exists(configuration())) {
      run("scancel", "--state=RUNNING", "--user=root");
      run("scancel", "--state=PENDING", "--user=root");
    }
    List<Process> all = new ArrayList<>(nodes.values());
    all.addAll(processes.reversed());
    for (Process process : all) {
      process.destroy();
      if (process.info().commandLine().orElse("").contains("--kill-child")) {
        process.destroyForcibly(); // it does not hear the other signal
      }
      try {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
