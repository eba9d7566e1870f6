package io.revfs.cli.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.revfs.cli.client.Client;
import io.revfs.cli.client.DaemonProcess;
import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.mount.MountsCommand;
import io.revfs.cli.terminal.CommandException;
import io.revfs.cli.terminal.Output;
import io.revfs.config.Directories;
import io.revfs.fuse.overlay.ImageOverlay;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;

/**
 * {@code revfs doctor}. Works without a daemon and without FUSE; exit code 1 if something lacks.
 */
@Command(
    name = "doctor",
    description = "Say what is missing on this machine and how to get it.",
    footer = {"", "Example: revfs doctor"})
public final class DoctorCommand extends RevfsCommand {
  private static final long LEAST_FREE_BYTES = 1L << 30;

  private final List<Finding> findings = new ArrayList<>();

  private enum State {
    OK,
    NOTE,
    MISSING
  }

  private record Finding(State state, String what, String remedy) {}

  private void check(boolean good, String what, String remedy) {
    findings.add(new Finding(good ? State.OK : State.MISSING, what, good ? "" : remedy));
  }

  private void note(String what, String remedy) {
    findings.add(new Finding(State.NOTE, what, remedy));
  }

  @Override
  protected int run() throws IOException {
    check(
        Runtime.version().feature() >= 25,
        "Java " + Runtime.version().feature(),
        "install a JDK 25, for instance Temurin from adoptium.net, and set REVFS_JDK");
    check(onPath("git"), "git", "apt-get install git");
    fuse();
    DaemonProcess process = new DaemonProcess(false);
    Directories directories = process.directories();
    Path cache = directories.cache();
    if (process.answers()) {
      cache = daemon(directories, cache);
    } else {
      note("no daemon runs at " + directories.socket(), "any command starts it");
    }
    disk(cache);
    return report();
  }

  private void fuse() throws IOException {
    Path device = Path.of("/dev/fuse");
    check(
        Files.exists(device),
        "/dev/fuse",
        "mounts need it: modprobe fuse; in a container: --device /dev/fuse --cap-add SYS_ADMIN."
            + " ls, cat and get work without");
    if (Files.exists(device)) {
      check(
          Files.isReadable(device) && Files.isWritable(device),
          "/dev/fuse can be opened",
          "as root: chmod 666 /dev/fuse");
    }
    boolean helper = onPath("fusermount3") || onPath("fusermount");
    check(isRoot() || helper, "fusermount, for mounts without root", "apt-get install fuse3");
    if (System.getProperty("user.name", "?").equals("?")) {
      check(
          isRoot(),
          "a name for this user, which fusermount asks for",
          "add a line for the user's number to /etc/passwd");
    }
    if (!hasLibrary("libfuse.so.2")) {
      note("no libfuse 2: there is no --backend jnr", "apt-get install libfuse2, if you want it");
    }
    String release = Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
    note("kernel " + release, "");
    if (!atLeast(release, 6, 9)) {
      note(
          "the kernel is older than 6.9: mounts end with the daemon, and bytes pass through it",
          "a newer kernel");
    } else if (isRoot()) {
      note("mount and attach: the kernel session; the kernel reads local files by itself", "");
    } else {
      note(
          "mount and attach, without root: the kernel session by fusermount; bytes pass through"
              + " the daemon, and an attached copy is for you only",
          "as root the kernel reads local files by itself");
    }
    seal();
    wakeUps();
    Path fuseConf = Path.of("/etc/fuse.conf");
    boolean allowed =
        isRoot()
            || (Files.isReadable(fuseConf)
                && Files.readAllLines(fuseConf).stream()
                    .anyMatch(line -> line.strip().equals("user_allow_other")));
    if (!allowed) {
      note(
          "mounts of yours are for you only",
          "for --allow-other: add user_allow_other to /etc/fuse.conf");
    }
  }

  private void seal() throws IOException {
    Optional<String> obstacle = ImageOverlay.obstacle();
    if (obstacle.isPresent()) {
      note(
          "commits cannot be sealed (the kernel serves them by itself): " + obstacle.get(),
          "it needs root and Linux 6.5 with erofs and overlay; without, all works as well, slower");
    } else {
      check(true, "commits can be sealed: the kernel serves them by itself", "");
    }
  }

  /** A virtual machine's processors that sleep at once are woken by the host, which takes long. */
  private void wakeUps() throws IOException {
    Path polling = Path.of("/sys/module/haltpoll/parameters/guest_halt_poll_ns");
    Path governor = Path.of("/sys/devices/system/cpu/cpuidle/current_governor");
    if (!isRoot()
        && Files.isReadable(polling)
        && Files.isReadable(governor)
        && Files.readString(governor).strip().equals("haltpoll")
        && Files.readString(polling).strip().equals("0")) {
      note(
          "this virtual machine's processors sleep as soon as they are idle, so each question of"
              + " the kernel's takes 20 microseconds longer",
          "a daemon of root's keeps them awake while it is busy; else, as root: echo 200000 > "
              + polling);
    }
  }

  private static boolean atLeast(String release, int major, int minor) {
    String[] numbers = release.split("[^0-9]+", 3);
    int first = Integer.parseInt(numbers[0]);
    return first > major || (first == major && Integer.parseInt(numbers[1]) >= minor);
  }

  private static boolean isRoot() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }

  private static boolean onPath(String program) {
    for (String directory : (System.getenv("PATH") + ":/usr/sbin:/sbin").split(":")) {
      if (!directory.isEmpty() && Files.isExecutable(Path.of(directory, program))) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasLibrary(String name) {
    for (String command : List.of("ldconfig", "/sbin/ldconfig")) {
      try {
        Process process = new ProcessBuilder(command, "-p").redirectErrorStream(true).start();
        String known = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor(10, TimeUnit.SECONDS) && known.contains(name)) {
          return true;
        }
      } catch (IOException e) {
        // the other name may be there
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return false;
  }

  private Path daemon(Directories directories, Path otherwise) throws IOException {
    try (Client client = Client.connect(directories.socket())) {
      JsonNode status = client.get("/v1/status", Map.of());
      check(true, "the daemon answers, pid " + status.path("pid").asText(), "");
      for (JsonNode mount : status.path("mounts")) {
        if (mount.path("backend").asText().endsWith("served")) {
          note(
              "the kernel does not read the cache by itself for "
                  + mount.path("directory").asText(),
              "it needs Linux 6.9 and a cache on a file system that is not stacked (overlayfs)");
        }
        for (Map.Entry<String, JsonNode> refused : mount.path("notSealed").properties()) {
          note(
              "commit %s in %s is not sealed: %s"
                  .formatted(
                      refused.getKey(),
                      mount.path("directory").asText(),
                      refused.getValue().asText()),
              "it is served as others are; it is tried again when it is entered");
        }
        check(
            mount.path("error").asText().isEmpty(),
            "mount " + MountsCommand.line(mount),
            "correct what it says, then mount again");
      }
      for (JsonNode remote : status.path("remotes")) {
        check(
            remote.path("lastError").asText().isEmpty(),
            "remote " + remote.path("name").asText() + " " + remote.path("lastError").asText(),
            "check the network, the address and the credentials of "
                + remote.path("url").asText()
                + "; a mount has those of the shell that called revfs mount or attach: call it"
                + " again where they are set");
      }
      return Path.of(status.path("cache").path("directory").asText(otherwise.toString()));
    }
  }

  private void disk(Path cache) throws IOException {
    Path there = cache;
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    long free = Files.getFileStore(there).getUsableSpace();
    check(
        free >= LEAST_FREE_BYTES,
        "%s free for the cache %s".formatted(Output.size(free), cache),
        "free some space, or move the cache: cache.directory in config.yaml");
  }

  private int report() {
    boolean well = true;
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (Finding finding : findings) {
      well &= finding.state() != State.MISSING;
      String state = finding.state().name().toLowerCase(java.util.Locale.ROOT);
      if (json) {
        list.addObject()
            .put("state", state)
            .put("what", finding.what())
            .put("remedy", finding.remedy());
      } else if (!quiet || finding.state() == State.MISSING) {
        output.line(
            "%-8s %s%s"
                .formatted(
                    state,
                    finding.what(),
                    finding.remedy().isEmpty() ? "" : ": " + finding.remedy()));
      }
    }
    if (json) {
      output.json(list);
    }
    return well ? CommandException.OK : CommandException.FAILED;
  }
}
