package io.revfs.fuse.keeper;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.device.NativeCalls;
import io.revfs.posix.Processes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process of our own as the holder: a shell script that waits, and a second one that takes its
 * place when it is killed. What they hold is fixed when they start; another set takes another pair,
 * begun before the one before ends. Thread-safe.
 */
public final class Keeper implements DescriptorHolder {
  /** Names the sessions that a process inherits: {@code NAME.N=DESCRIPTOR} separated by spaces. */
  public static final String SESSIONS = "REVFS_SESSIONS";

  /** Names the keeper that started this process, and its guard, by their process ids. */
  public static final String KEEPER = "REVFS_KEEPER";

  /** The file with the keeper's process id, beside the command's. */
  public static final String PID_FILE = "keeper.pid";

  /** The file with the guard's process id, which the guard writes. */
  public static final String GUARD_FILE = "guard.pid";

  private static final Logger log = LoggerFactory.getLogger(Keeper.class);
  private static final Pattern NAME = Pattern.compile("\0revfs-(keeper|guard)\0");

  private static final Duration GUARD = Duration.ofSeconds(5);

  private final Settings settings;

  @GuardedBy("this")
  private int pid;

  /** Holders of sessions that the keeper does not have, by the sessions' names. */
  @GuardedBy("this")
  private final Map<String, Integer> holders = new HashMap<>();

  /** The end of the pipe to the process; negative if there is none. */
  @GuardedBy("this")
  private int pipe = -1;

  /** A keeper that holds nothing yet, so there is no process either. */
  public Keeper(Settings settings) {
    this.settings = settings;
  }

  /**
   * What a keeper needs to know.
   *
   * @param commandFile holds the command that starts a server, each word ended by a NUL
   * @param log where the server's output goes before it has a log of its own
   * @param watchdogSeconds without a heartbeat after which blocked processes are freed; 0: never
   */
  public record Settings(Path commandFile, Path log, long watchdogSeconds) {}

  @Override
  public synchronized void hold(Map<String, Held> sessions) throws IOException {
    int pidBefore = pid;
    int pipeBefore = pipe;
    pid = 0;
    pipe = -1;
    try {
      if (!sessions.isEmpty()) {
        start(sessions);
      }
    } finally {
      if (pipeBefore >= 0) {
        quit(pidBefore, pipeBefore);
      }
    }
    // Only now: if we are killed before, the keeper of before may start the next server, and has
    // not what the holders have.
    for (String name : List.copyOf(holders.keySet())) {
      letGo(name);
    }
  }

  @GuardedBy("this")
  private void start(Map<String, Held> sessions) throws IOException {
    int[] ends = Processes.pipe();
    int[] ready = Processes.pipe();
    List<Integer> inherited = new ArrayList<>(List.of(ends[0], ready[1]));
    List<String> words =
        new ArrayList<>(
            List.of(
                "setsid",
                "bash",
                "-c",
                script(),
                "revfs-keeper",
                "keeper",
                Integer.toString(ends[0]),
                Integer.toString(ready[1]),
                Long.toString(settings.watchdogSeconds()),
                settings.commandFile().toString(),
                settings.log().toString()));
    for (var session : sessions.entrySet()) {
      Held held = session.getValue();
      String device = held.device().isEmpty() ? "0:0" : held.device();
      int n = 0;
      for (int fd : held.descriptors()) {
        inherited.add(fd);
        words.add(
            "%s.%d=%d:%s"
                .formatted(session.getKey(), n++, fd, device.substring(device.indexOf(':') + 1)));
      }
    }
    try {
      pid = Processes.spawn(words, environment(), inherited);
      pipe = ends[1];
    } catch (IOException e) {
      NativeCalls.close(ends[1]);
      throw e;
    } finally {
      NativeCalls.close(ends[0]);
      NativeCalls.close(ready[1]);
      awaitGuard(ready[0]);
    }
  }

  private static Map<String, String> environment() {
    Map<String, String> environment = new LinkedHashMap<>(System.getenv());
    environment.remove(SESSIONS);
    return environment;
  }

  /**
   * Where a keeper is, which starts another server, a process that holds them is enough. Only root
   * may take them out of it for sure (Yama's ptrace_scope).
   */
  @Override
  public synchronized boolean holdMore(String name, Held session, int process) {
    if (pid == 0 || !"root".equals(System.getProperty("user.name"))) {
      return false;
    }
    try {
      holders.put(name, Holders.start(directory(), name, session.descriptors(), process));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private Path directory() {
    return settings.commandFile().toAbsolutePath().resolveSibling("");
  }

  @Override
  public synchronized void letGo(String name) {
    Integer holder = holders.remove(name);
    if (holder != null) {
      Holders.end(directory(), name, holder);
    }
  }

  /**
   * Returns what holders of a server before this one have, by session, with this process's
   * descriptors.
   *
   * @param directory of the command's file
   */
  public static Map<String, List<Integer>> takeHeld(Path directory) throws IOException {
    return Holders.takeAll(directory);
  }

  /** Ends holders of a server before this one: what they hold, we and our own keeper hold. */
  public static void dismissHolders(Path directory) throws IOException {
    Holders.endAll(directory);
  }

  /**
   * Waits until both are there, before those of before are told to quit; but not for ever: a thread
   * that mounts may have a copy of the pipe, and wait for what is only answered afterwards.
   */
  private static void awaitGuard(int ready) {
    Thread waiting =
        Thread.ofPlatform()
            .daemon()
            .name("guard")
            .start(
                () -> {
                  Processes.awaitEnd(ready);
                  NativeCalls.close(ready);
                });
    try {
      boolean unused = waiting.join(GUARD);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String script() throws IOException {
    try (InputStream in = Keeper.class.getResourceAsStream("keeper.sh")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /**
   * Reads the descriptors that this process inherited.
   *
   * @param value of {@link #SESSIONS}
   */
  public static Map<String, List<Integer>> inherited(String value) {
    Map<String, TreeMap<Integer, Integer>> found = new LinkedHashMap<>();
    for (String word : value.split(" ")) {
      if (word.matches("\\w+\\.\\d{1,4}=\\d{1,7}")) {
        int dot = word.indexOf('.');
        int equals = word.indexOf('=');
        int fd = Integer.parseInt(word.substring(equals + 1));
        Processes.setInherited(fd, false);
        found
            .computeIfAbsent(word.substring(0, dot), name -> new TreeMap<>())
            .put(Integer.parseInt(word.substring(dot + 1, equals)), fd);
      }
    }
    Map<String, List<Integer>> sessions = new LinkedHashMap<>();
    found.forEach((name, descriptors) -> sessions.put(name, List.copyOf(descriptors.values())));
    return sessions;
  }

  /**
   * Returns the process, keeper or guard, that starts another server when there is none.
   *
   * @param directory of the command's file
   */
  public static OptionalLong alive(Path directory) {
    for (String file : List.of(PID_FILE, GUARD_FILE)) {
      try {
        String pid = Files.readString(directory.resolve(file)).strip();
        String words =
            Files.readString(Path.of("/proc", pid, "cmdline"), StandardCharsets.US_ASCII);
        if (NAME.matcher(words).find()) {
          return OptionalLong.of(Long.parseLong(pid));
        }
      } catch (IOException | NumberFormatException e) {
        // There is none of this kind.
      }
    }
    return OptionalLong.empty();
  }

  /** Ends those who started this process: what they hold, we and our own keeper hold. */
  public static void dismiss(String keepers) {
    for (String pid : keepers.split(" ")) {
      if (pid.matches("\\d{1,9}")) {
        ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroy);
      }
    }
  }

  /** Closes descriptors of a session that nobody serves any more. */
  public static void abandon(List<Integer> descriptors) {
    descriptors.forEach(NativeCalls::close);
  }

  @Override
  public synchronized long pid() {
    return pid;
  }

  @Override
  public synchronized boolean beat() {
    // The guard has the pipe too, so that it can be written to says nothing of the keeper.
    return pipe < 0 || (Processes.lives(pid) && Processes.say(pipe, "beat\n"));
  }

  private static void quit(int pid, int pipe) {
    Processes.say(pipe, "quit\n");
    NativeCalls.close(pipe);
    Processes.await(pid);
  }

  /**
   * Processes that do nothing but have the descriptors of one session each, and end soon after the
   * process that the session is for. A file for each, {@code holder-NAME}, has the process id and
   * the numbers of its descriptors, separated by spaces; a server that follows takes them out of
   * the process (pidfd_getfd(2)). Beside a keeper they cost a hundredth of another one.
   * Thread-safe.
   */
  private static final class Holders {
    private static final String FILE = "holder-";

    /** The next server is to find the descriptors, also if the process has ended meanwhile. */
    private static final String SECONDS = "30";

    private Holders() {}

    /** Starts one; returns its process id. */
    static int start(Path directory, String name, List<Integer> descriptors, int process)
        throws IOException {
      int pid =
          Processes.spawn(
              List.of("setsid", "tail", watched(process), "-s", SECONDS, "-f", "/dev/null"),
              environment(),
              descriptors);
      StringBuilder text = new StringBuilder().append(pid).append(' ').append(process);
      descriptors.forEach(fd -> text.append(' ').append(fd));
      Path fresh = directory.resolve(FILE + name + ".new");
      Files.writeString(fresh, text, StandardCharsets.US_ASCII);
      Files.move(
          fresh, directory.resolve(FILE + name), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
      return pid;
    }

    private static String watched(int process) {
      return "--pid=" + process;
    }

    /** Ends one that this process has started. */
    static void end(Path directory, String name, int pid) {
      delete(directory.resolve(FILE + name));
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
      Processes.await(pid);
    }

    private static void delete(Path file) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        log.warn("{} stays: {}", file, e.toString());
      }
    }

    /** Returns what the holders of a server before this one have, by session. */
    static Map<String, List<Integer>> takeAll(Path directory) throws IOException {
      Map<String, List<Integer>> sessions = new LinkedHashMap<>();
      for (Path file : files(directory)) {
        List<Integer> taken = take(file);
        if (!taken.isEmpty()) {
          sessions.put(file.getFileName().toString().substring(FILE.length()), taken);
        }
      }
      return sessions;
    }

    private static List<Path> files(Path directory) throws IOException {
      try (Stream<Path> files = Files.list(directory)) {
        return files
            .filter(file -> file.getFileName().toString().matches(FILE + "\\w+"))
            .sorted()
            .toList();
      } catch (NoSuchFileException e) {
        return List.of();
      }
    }

    static void endAll(Path directory) throws IOException {
      for (Path file : files(directory)) {
        String[] words = Files.readString(file, StandardCharsets.US_ASCII).split(" ");
        int pid = Integer.parseInt(words[0]);
        if (isHolder(pid, Integer.parseInt(words[1]))) {
          ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
        delete(file);
      }
    }

    private static List<Integer> take(Path file) throws IOException {
      String[] words = Files.readString(file, StandardCharsets.US_ASCII).split(" ");
      List<Integer> taken = new ArrayList<>();
      int pid = Integer.parseInt(words[0]);
      if (!isHolder(pid, Integer.parseInt(words[1]))) {
        return taken;
      }
      for (int i = 2; i < words.length; i++) {
        int fd = NativeCalls.take(pid, Integer.parseInt(words[i]));
        if (fd < 0) {
          taken.forEach(NativeCalls::close);
          return List.of(); // it has just ended
        }
        taken.add(fd);
      }
      return taken;
    }

    /** Another process may have its number by now. */
    private static boolean isHolder(int pid, int process) {
      try {
        return Files.readString(Path.of("/proc", "" + pid, "cmdline"), StandardCharsets.ISO_8859_1)
            .contains("tail\0" + watched(process) + "\0");
      } catch (IOException e) {
        return false;
      }
    }
  }
}
