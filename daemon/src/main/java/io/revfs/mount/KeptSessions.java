package io.revfs.mount;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.config.DurableFile;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.SessionState;
import io.revfs.fuse.keeper.DescriptorHolder;
import io.revfs.fuse.keeper.Keeper;
import io.revfs.fuse.keeper.SystemdStore;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sessions that outlive this process: what is known of them is in a file, their descriptors are
 * with a {@link Keeper}. Each change starts a keeper with the new set before the one before ends,
 * so the descriptors are never in one process only. Thread-safe.
 */
public final class KeptSessions implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(KeptSessions.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final int NEVER = -1;

  /** How names of what is no session begin with the keeper. */
  private static final String OTHER = "x";

  /** A minute without runs. */
  private static final int SETTLE_BEATS = 60;

  private final Path directory;
  private final DescriptorHolder holder;

  @GuardedBy("this")
  private final Map<String, Kept> sessions = new LinkedHashMap<>();

  @GuardedBy("this")
  private final Set<String> fromBefore = new HashSet<>();

  @GuardedBy("this")
  private long lastName;

  @GuardedBy("this")
  private boolean closed;

  /** Descriptors of no session, by their names: they are kept as long as any session is. */
  @GuardedBy("this")
  private final Map<String, Integer> others = new LinkedHashMap<>();

  @GuardedBy("this")
  private boolean othersChanged;

  /** What is held for the length of a process that has ended: the keeper is to have it. */
  @GuardedBy("this")
  private final Set<String> outliving = new HashSet<>();

  /** After so many beats the keeper is to have what is kept, and no more. */
  @GuardedBy("this")
  private int settleIn = NEVER;

  /**
   * One session, by a name of its own.
   *
   * @param beside descriptors that are not the session's, and needed all the same
   */
  private record Kept(
      Path mountPoint,
      String mark,
      SessionState state,
      List<Integer> descriptors,
      List<Integer> beside) {
    Kept(Path mountPoint, String mark, FuseSession.Survival survival, List<Integer> beside) {
      this(mountPoint, mark, survival.state(), survival.descriptors(), List.copyOf(beside));
    }

    List<Integer> all() {
      return Stream.concat(descriptors.stream(), beside.stream()).toList();
    }
  }

  /** What the file says of a session. */
  private record Remembered(
      String name, String mountPoint, @Nullable String mark, SessionState state) {}

  /**
   * A session that came from the process before.
   *
   * @param name of its files
   * @param mark as {@link #keep} was told
   * @param beside what was kept beside it
   */
  public record Inherited(
      String name,
      Path mountPoint,
      String mark,
      FuseSession.Survival survival,
      List<Integer> beside) {}

  /**
   * A session of a mount that this process does not see.
   *
   * @param name of its files
   * @param place by which {@link #inherited} finds it: a path where nothing is ever mounted
   * @param device of the mount, {@code major:minor}
   * @param process whose end is the session's, or comes before it
   * @param beside descriptors that are not the session's, and needed all the same
   */
  public record Elsewhere(
      String name,
      Path place,
      String device,
      FuseSession session,
      int process,
      List<Integer> beside) {
    public Elsewhere {
      beside = List.copyOf(beside);
    }
  }

  private KeptSessions(Path directory, DescriptorHolder holder) {
    this.directory = directory;
    this.holder = holder;
  }

  /**
   * Takes over what another process left to us.
   *
   * @param directory where what is known of sessions is kept
   * @param environment says which descriptors this process inherited, and from whom
   */
  public static KeptSessions open(
      Path directory, DescriptorHolder holder, Map<String, String> environment) throws IOException {
    Files.createDirectories(directory);
    KeptSessions kept = new KeptSessions(directory, holder);
    kept.takeOver(environment);
    return kept;
  }

  private synchronized void takeOver(Map<String, String> environment) throws IOException {
    Map<String, List<Integer>> inherited =
        Keeper.inherited(
            environment.getOrDefault(Keeper.SESSIONS, "") + SystemdStore.inherited(environment));
    Keeper.takeHeld(directory)
        .forEach(
            (name, descriptors) -> {
              if (inherited.putIfAbsent(name, descriptors) != null) {
                Keeper.abandon(descriptors); // the keeper had them as well
              }
            });
    for (Remembered session : read()) {
      List<Integer> descriptors = inherited.remove(session.name());
      if (descriptors != null) {
        Map<Boolean, List<Integer>> kinds =
            descriptors.stream().collect(Collectors.partitioningBy(Below::isOne));
        sessions.put(
            session.name(),
            new Kept(
                Path.of(session.mountPoint()),
                Objects.requireNonNullElse(session.mark(), ""),
                session.state(),
                kinds.getOrDefault(false, List.of()),
                kinds.getOrDefault(true, List.of())));
        fromBefore.add(session.name());
        lastName = Math.max(lastName, Long.parseLong(session.name().substring(1)));
      }
    }
    for (String name : List.copyOf(inherited.keySet())) {
      if (name.startsWith(OTHER)) {
        others.put(name.substring(OTHER.length()), inherited.remove(name).getFirst());
      }
    }
    inherited.values().forEach(Keeper::abandon);
    renew();
    Keeper.dismiss(environment.getOrDefault(Keeper.KEEPER, ""));
    Keeper.dismissHolders(directory);
    deleteFilesOfOthers();
  }

  private List<Remembered> read() throws IOException {
    try {
      return JSON.readValue(
          Files.readAllBytes(directory.resolve("sessions.json")), new TypeReference<>() {});
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  @GuardedBy("this")
  private void deleteFilesOfOthers() throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        int dot = name.indexOf('.');
        if (name.matches("m\\d+\\..*") && !sessions.containsKey(name.substring(0, dot))) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** Starts a keeper for what is kept now; the file is written first. */
  @GuardedBy("this")
  private void renew() throws IOException {
    remember();
    Map<String, DescriptorHolder.Held> held = new LinkedHashMap<>();
    MountTable mounts = MountTable.read();
    sessions.forEach((name, kept) -> held.put(name, held(mounts, kept)));
    if (!held.isEmpty()) {
      others.forEach(
          (name, fd) -> held.put(OTHER + name, new DescriptorHolder.Held("", List.of(fd))));
    }
    othersChanged = false;
    settleIn = NEVER;
    holder.hold(held);
    Path pid = directory.resolve(Keeper.PID_FILE);
    if (holder.pid() == 0) {
      Files.deleteIfExists(pid);
      Files.deleteIfExists(directory.resolve(Keeper.GUARD_FILE));
    } else {
      DurableFile.replace(pid, Long.toString(holder.pid()).getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static DescriptorHolder.Held held(MountTable mounts, Kept kept) {
    return new DescriptorHolder.Held(device(mounts, kept), kept.all());
  }

  @GuardedBy("this")
  private void remember() throws IOException {
    List<Remembered> all = new ArrayList<>();
    sessions.forEach(
        (name, kept) ->
            all.add(new Remembered(name, kept.mountPoint().toString(), kept.mark(), kept.state())));
    DurableFile.replace(directory.resolve("sessions.json"), JSON.writeValueAsBytes(all));
  }

  private static String device(MountTable mounts, Kept kept) {
    return kept.mark().isEmpty()
        ? mounts.at(kept.mountPoint()).map(MountTable.Mount::device).orElse("")
        : kept.mark().substring(kept.mark().indexOf(' ') + 1);
  }

  /** Returns a name for a session that is about to begin; its files are called so. */
  public synchronized String newName() {
    return "m" + ++lastName;
  }

  /** Returns the file in which a session keeps what is open. */
  public Path openFiles(String name) {
    return directory.resolve(name + ".open");
  }

  /** Returns the file in which a tree remembers its nodes. */
  public Path nodes(String name) {
    return directory.resolve(name + ".nodes");
  }

  /**
   * Returns the session at a mount point that the process before this one served and nobody has
   * taken up since. Of several the latest: those before it were detached while files were open.
   */
  public Optional<Inherited> inherited(Path mountPoint) {
    return inherited().stream()
        .filter(s -> s.mountPoint().equals(mountPoint))
        .reduce((before, after) -> after);
  }

  /**
   * Returns the sessions that the process before this one served, that are not over, and that
   * nobody has taken up ({@link #keep}) since.
   */
  synchronized List<Inherited> inherited() {
    List<Inherited> all = new ArrayList<>();
    sessions.forEach(
        (name, session) -> {
          if (fromBefore.contains(name)) {
            all.add(
                new Inherited(
                    name,
                    session.mountPoint(),
                    session.mark(),
                    new FuseSession.Survival(session.state(), session.descriptors()),
                    session.beside()));
          }
        });
    return all;
  }

  /** Keeps a session from now on, if it can outlive this process. */
  void keep(String name, FuseSession session) {
    keep(name, session, "", List.of());
  }

  /** As {@link #keep(String, FuseSession)}, with open directories that are needed beside it. */
  void keep(String name, FuseSession session, List<Integer> beside) {
    keep(name, session, "", beside);
  }

  /**
   * Keeps a session whose mount is in no table.
   *
   * @param mark which mount that is: its number, a space, its device (the number may lack)
   */
  void keep(String name, FuseSession session, String mark) {
    keep(name, session, mark, List.of());
  }

  private void keep(String name, FuseSession session, String mark, List<Integer> beside) {
    session
        .survival()
        .ifPresent(
            survival -> {
              synchronized (this) {
                sessions.put(name, new Kept(session.mountPoint(), mark, survival, beside));
                fromBefore.remove(name);
                tryRenew();
              }
            });
  }

  /** Keeps sessions of mounts that this process does not see, those that can outlive it. */
  public synchronized void keepElsewhere(List<Elsewhere> more) {
    Map<String, Integer> processes = new LinkedHashMap<>();
    for (Elsewhere one : more) {
      Optional<FuseSession.Survival> survival = one.session().survival();
      if (closed || survival.isEmpty() || one.session().ended().toCompletableFuture().isDone()) {
        continue;
      }
      sessions.put(one.name(), new Kept(one.place(), one.device(), survival.get(), one.beside()));
      processes.put(one.name(), one.process());
    }
    MountTable mounts;
    try {
      remember();
      mounts = MountTable.read();
    } catch (IOException e) {
      log.warn("a run ends with this process now: {}", e.toString());
      return;
    }
    for (Map.Entry<String, Integer> each : processes.entrySet()) {
      Kept kept = java.util.Objects.requireNonNull(sessions.get(each.getKey()));
      if (!holder.holdMore(each.getKey(), held(mounts, kept), each.getValue())) {
        tryRenew();
        return;
      }
    }
  }

  /** Returns the descriptors of no session that a process before this one kept, by their names. */
  public synchronized Map<String, Integer> others() {
    return Map.copyOf(others);
  }

  /**
   * Keeps a descriptor from the next beat on, as long as any session is kept.
   *
   * @param name of letters and digits
   * @param fd negative: no more; one that came from a process before is closed then
   */
  public synchronized void keepOther(String name, int fd) {
    if (fd >= 0) {
      others.put(name, fd);
      othersChanged = true;
      return;
    }
    Integer before = others.remove(name);
    if (before != null) {
      othersChanged = true;
      Keeper.abandon(List.of(before));
    }
  }

  /** A session goes on, though the process that it was thought to end with has ended. */
  public synchronized void outlives(String name) {
    outliving.add(name);
  }

  /**
   * Keeps a session no longer: it is over, or never began. The keeper may have its descriptors for
   * a while yet, so that the next run finds one.
   */
  public synchronized void forget(String name) {
    if (sessions.remove(name) != null) {
      holder.letGo(name);
      settleIn = SETTLE_BEATS;
    }
    deleteFiles(name);
  }

  /** Keeps a session no longer: it is over. */
  synchronized void drop(String name) {
    if (sessions.remove(name) != null) {
      tryRenew();
    }
    deleteFiles(name);
  }

  private void deleteFiles(String name) {
    try {
      Files.deleteIfExists(openFiles(name));
      Files.deleteIfExists(nodes(name));
    } catch (IOException e) {
      log.debug("{}", e.toString());
    }
  }

  /** Gives up a session that cannot be served any more. */
  public synchronized void abandon(String name) {
    Kept kept = sessions.remove(name);
    if (kept != null) {
      tryRenew();
      Keeper.abandon(kept.all());
      deleteFiles(name);
    }
  }

  @GuardedBy("this")
  private void tryRenew() {
    try {
      renew();
    } catch (IOException e) {
      log.warn("mounts end with this process now: {}", e.toString());
    }
  }

  /** Returns whether another process can go on with what is served here. */
  public synchronized boolean isKept() {
    return !sessions.isEmpty();
  }

  /** Tells the keeper that this process is well; to be called every second or so. */
  public synchronized void beat() {
    outliving.retainAll(sessions.keySet());
    if (!outliving.isEmpty()
        || (othersChanged && !sessions.isEmpty())
        || (settleIn != NEVER && --settleIn == 0)) {
      outliving.clear();
      tryRenew();
    }
    if (!holder.beat()) {
      log.warn("the keeper of the mounts is gone; another is started");
      tryRenew();
    }
  }

  /** Ends the keeper; the sessions are over, or end now. */
  @Override
  public synchronized void close() {
    closed = true;
    sessions.clear();
    tryRenew();
  }
}
