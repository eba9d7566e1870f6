package io.revfs.daemon;

import io.revfs.api.Api;
import io.revfs.browse.Places;
import io.revfs.cache.local.LocalCache;
import io.revfs.command.Command;
import io.revfs.command.Commands;
import io.revfs.command.config.ConfigCommands;
import io.revfs.command.experiment.ExperimentCommands;
import io.revfs.command.experiment.run.LazyViews;
import io.revfs.command.hooks.HookCommands;
import io.revfs.command.imports.ImportCommands;
import io.revfs.command.look.LookCommands;
import io.revfs.command.pipeline.ParamStatuses;
import io.revfs.command.pipeline.PipelineCommands;
import io.revfs.command.plots.PlotsCommands;
import io.revfs.command.project.ProjectCommands;
import io.revfs.command.record.RecordCommands;
import io.revfs.command.repro.ReproCommand;
import io.revfs.command.repro.ReproExplainer;
import io.revfs.command.repro.StageAddCommand;
import io.revfs.command.trace.StageTraces;
import io.revfs.command.trace.TraceCommands;
import io.revfs.command.tracking.TrackingCommands;
import io.revfs.command.transfer.FetchSources;
import io.revfs.command.transfer.RemoteQuestions;
import io.revfs.command.transfer.TransferCommands;
import io.revfs.command.transfer.WorktreeUpdate;
import io.revfs.config.Configuration;
import io.revfs.config.Directories;
import io.revfs.config.DurableFile;
import io.revfs.fuse.keeper.DescriptorHolder;
import io.revfs.fuse.keeper.Keeper;
import io.revfs.fuse.keeper.SystemdStore;
import io.revfs.fuse.keeper.SystemdUnit;
import io.revfs.fuse.serve.FuseMounts;
import io.revfs.index.Index;
import io.revfs.metric.Revisions;
import io.revfs.mount.AttachedCopies;
import io.revfs.mount.KeptSessions;
import io.revfs.mount.MountManager;
import io.revfs.mount.MountRequest;
import io.revfs.mount.ObjectMount;
import io.revfs.mount.Sealing;
import io.revfs.object.ObjectSource;
import io.revfs.origin.DvcCacheSource;
import io.revfs.posix.OwnerLock;
import io.revfs.repository.DataRepositories;
import io.revfs.seal.Objects;
import io.revfs.seal.Sealer;
import io.revfs.snapshot.FileContents;
import io.revfs.trace.TraceStore;
import io.revfs.trace.run.SessionTrees;
import io.revfs.trace.run.TracedRuns;
import io.revfs.trace.run.WorkingCopyTrees;
import io.revfs.tree.ViewFile;
import io.revfs.url.ExternalUrls;
import io.revfs.workingcopy.UnmountedCopies;
import io.revfs.workspace.Workspaces;
import io.revfs.workspace.watch.KeptWatches;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All parts of a running daemon, put together. It serves from {@link #start} until {@link #close};
 * what was opened first is closed last.
 */
final class Daemon implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(Daemon.class);
  private static final long SNAPSHOT_MAP_BYTES = 64 << 20;

  private static final int CANNOT_SERVE = 255;
  private static final long HAND_OVER_MILLISECONDS = 100;

  private final Deque<Closeable> parts = new ArrayDeque<>();
  private final CountDownLatch end;
  private final Instant started = Instant.now();
  private final Directories directories;
  private final Optional<SystemdUnit> unit = SystemdUnit.ofThisProcess(System.getenv());
  private @Nullable KeptSessions keptSessions;

  private Daemon(Directories directories, CountDownLatch end) {
    this.directories = directories;
    this.end = end;
  }

  /**
   * Starts to serve.
   *
   * @param system whether other users may look
   * @param errors the latest errors, for {@code status}
   * @param end is counted down when somebody asks it to end
   * @throws AlreadyRunningException if another daemon has the socket or the cache
   */
  static Daemon start(
      Directories directories,
      Configuration configuration,
      boolean system,
      Supplier<List<Map<String, String>>> errors,
      CountDownLatch end)
      throws IOException {
    Daemon daemon = new Daemon(directories, end);
    try {
      daemon.open(configuration, system, errors);
      return daemon;
    } catch (IOException | RuntimeException e) {
      KeptSessions kept = daemon.keptSessions;
      if (kept != null && kept.isKept()) {
        log.error("cannot serve; the keeper tries again", e);
        Runtime.getRuntime().halt(CANNOT_SERVE); // in order, it would end the mounts
      }
      daemon.close();
      throw e;
    }
  }

  private <T extends Closeable> T add(T part) {
    parts.push(part);
    return part;
  }

  private void open(
      Configuration configuration, boolean system, Supplier<List<Map<String, String>>> errors)
      throws IOException {
    lockSocket(system);
    FuseMounts.keepAwake(configuration.keepAwake() == Configuration.KeepAwake.WHEN_BUSY);
    KeptSessions kept = keptSessions(configuration);
    LocalCache cache = add(LocalCache.open(configuration.cache()));
    Path directory = configuration.cache().directory();
    Index snapshots =
        add(Index.openOrRebuild(directory.resolve("index/snapshots"), SNAPSHOT_MAP_BYTES));
    DataRepositories repositories =
        add(
            new DataRepositories(
                directory.resolve("mirrors"), configuration.remotes(), cache, snapshots));
    Objects objects = new Objects(cache);
    ObjectMount layer = add(new ObjectMount(kept, directories.state().resolve("objects"), objects));
    Sealer sealer =
        add(
            new Sealer(
                configuration.seal(),
                cache,
                directory,
                objects,
                layer,
                directories.state().resolve("sealed.json"),
                mustNotSeal()));
    MountManager mounts =
        add(
            new MountManager(
                repositories,
                cache,
                new ViewFile(directories.views()),
                directories.mounts(),
                kept,
                new Sealing(sealer, layer)));
    Workspaces workspaces =
        add(
            Workspaces.open(
                directory.resolve("index/files"),
                new KeptWatches(
                    directories.state().resolve("watches"), kept.others(), kept::keepOther)));
    TraceStore traces =
        add(
            TraceStore.open(
                directory.resolve("index/traces"),
                configuration.traces().keep(),
                configuration.traces().bytes()));
    ScheduledExecutorService clock =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("clock").factory());
    add(clock::shutdownNow);
    AttachedCopies attached =
        add(
            new AttachedCopies(
                repositories, cache, workspaces.reader(), kept, directories.state()));
    UnmountedCopies unmounted = new UnmountedCopies(repositories, cache, workspaces.reader());
    workspaces.show(attached.and(unmounted));
    attached.restore();
    mounts.restore(
        configuration.mounts().stream()
            .map(
                m ->
                    new MountRequest(
                        m.repository(),
                        m.directory().toString(),
                        false,
                        m.backend(),
                        m.serve(),
                        m.seal(),
                        false))
            .toList(),
        elsewhere(attached, directories.state().resolve("runs"))); // found with the daemon
    SessionTrees trees =
        new WorkingCopyTrees(
            workspaces.reader(), attached::served, unmounted, () -> revisions(mounts));
    TracedRuns runs =
        add(
            new TracedRuns(
                directories.state().resolve("runs"), trees, traces, kept, Clock.systemUTC()));
    runs.resume();
    ScheduledExecutorService heart =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("heartbeat").factory());
    add(heart::shutdownNow);
    var unusedBeat = heart.scheduleAtFixedRate(kept::beat, 0, 1, TimeUnit.SECONDS);
    Api api =
        new Api(
            mounts,
            attached,
            repositories,
            cache,
            new Commands(
                commands(
                    mounts,
                    repositories,
                    cache,
                    configuration,
                    workspaces,
                    new LazyViews(unmounted, runs),
                    runs)),
            traces,
            () -> process(errors.get(), workspaces),
            end::countDown,
            command -> handOver(kept, command));
    notePid(directories.pid()); // whoever has an answer reads there who gave it
    add(() -> Files.deleteIfExists(directories.pid()));
    add(api.serve(directories.socket(), system));
    DurableFile.replace(
        directories.announcement(),
        directories.socket().toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8));
    if (unit.isPresent()) {
      new SystemdStore(unit.get()).ready();
    }
    Duration period = configuration.mirrorRefresh();
    if (!period.isZero()) {
      var unused =
          clock.scheduleWithFixedDelay(
              mounts::refreshAll, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }
    log.info("serving on {} with the cache {}", directories.socket(), directory);
  }

  /** At once, so that nobody reads half a number. */
  private static void notePid(Path file) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, ProcessHandle.current().pid() + "\n");
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Returns the places of sessions that are no mounts of revisions. */
  private static Set<Path> elsewhere(AttachedCopies attached, Path runs) throws IOException {
    Set<Path> all = new HashSet<>(attached.directories());
    all.addAll(TracedRuns.places(runs));
    return all;
  }

  private static List<SessionTrees.Revisions> revisions(MountManager mounts) {
    List<SessionTrees.Revisions> all = new ArrayList<>();
    mounts.trees().forEach((place, tree) -> all.add(new SessionTrees.Revisions(place, tree)));
    return all;
  }

  /** Returns the commands, an area a line. */
  private static List<Command> commands(
      MountManager mounts,
      DataRepositories repositories,
      LocalCache cache,
      Configuration configuration,
      Workspaces workspaces,
      LazyViews views,
      TracedRuns runs) {
    List<Command> all = new ArrayList<>();
    Optional<ObjectSource> nearer =
        Optional.of(new DvcCacheSource(configuration.cache().directory()));
    Places places = new Places(mounts::locate, repositories);
    FileContents contents = new FileContents(cache);
    ExternalUrls urls = new ExternalUrls(configuration.remotes());
    ImportCommands imports =
        new ImportCommands(workspaces, places, contents, urls, configuration.remotes());
    all.addAll(imports.all(new WorktreeUpdate(configuration.remotes())));
    all.addAll(
        TrackingCommands.all(
            workspaces,
            new ParamStatuses(imports.statuses()),
            new RemoteQuestions(workspaces, configuration.remotes(), nearer),
            new ReproExplainer(new ParamStatuses(imports.statuses()), imports.states())));
    all.add(
        new StageAddCommand(workspaces, new ParamStatuses(imports.statuses()), imports.states()));
    FetchSources sources = new FetchSources(configuration.remotes(), nearer, imports.fetched());
    all.add(
        new ReproCommand(
            workspaces,
            new ParamStatuses(imports.statuses()),
            new ReproCommand.Helpers(
                imports.states(),
                TransferCommands.pulls(sources),
                imports.updates(),
                new StageTraces(runs))));
    all.addAll(RecordCommands.all(workspaces, imports.states(), imports.elsewhere()));
    all.addAll(TransferCommands.all(workspaces, sources));
    all.addAll(ProjectCommands.all(workspaces));
    all.addAll(ConfigCommands.all());
    all.addAll(LookCommands.all(places, contents, urls));
    all.addAll(TraceCommands.all(runs, workspaces, List.copyOf(all)));
    Revisions revisions = new Revisions(repositories, contents);
    all.addAll(PipelineCommands.all(revisions));
    all.addAll(PlotsCommands.all(revisions, workspaces));
    all.addAll(
        ExperimentCommands.all(workspaces, revisions, new Commands(all), Optional.of(views)));
    all.addAll(HookCommands.all(workspaces, List.copyOf(all)));
    return all;
  }

  /**
   * Why commits are not to be sealed: systemd starts the next process when the unit's main one is
   * gone, and a thread that was killed while it mounts is gone only when the next process has
   * answered it.
   */
  private Optional<String> mustNotSeal() {
    return unit.filter(SystemdUnit::isMain)
        .map(
            alone ->
                "the daemon is the main process of its unit, and systemd could not start another if"
                    + " it were killed while it mounts; write ExecStart as the documentation does"
                    + " (revfs daemon start --system --unit)");
  }

  /** Takes over the sessions of a process before this one; they outlive this one too. */
  private KeptSessions keptSessions(Configuration configuration) throws IOException {
    Path own = directories.state().resolve("sessions");
    Map<String, String> environment = System.getenv();
    if (!environment.containsKey(Keeper.KEEPER)) {
      OptionalLong keeper = Keeper.alive(own);
      if (keeper.isPresent()) {
        throw new AlreadyRunningException(
            "the keeper of the mounts, pid %d, is starting a daemon already"
                .formatted(keeper.getAsLong()));
      }
    }
    Path command = own.resolve("command");
    DurableFile.replace(command, Files.readAllBytes(Path.of("/proc/self/cmdline")));
    DescriptorHolder holder =
        unit.isPresent()
            ? new SystemdStore(unit.get())
            : new Keeper(
                new Keeper.Settings(
                    command,
                    directories.state().resolve("keeper.log"),
                    configuration.watchdog().toSeconds()));
    KeptSessions kept = KeptSessions.open(own, holder, environment);
    add(kept);
    this.keptSessions = kept;
    return kept;
  }

  /**
   * Ends this process so that another goes on with its mounts.
   *
   * @param command what to start; empty for the same as now
   * @return false if the mounts would end with this process
   */
  private boolean handOver(KeptSessions kept, List<String> command) throws IOException {
    if (!kept.isKept()) {
      return false;
    }
    if (!command.isEmpty()) {
      String words = String.join("\0", command) + "\0";
      DurableFile.replace(
          directories.state().resolve("sessions/command"), words.getBytes(StandardCharsets.UTF_8));
    }
    // As a crash: whatever state that leaves is served from anyway, and no reader sees an error.
    Thread.ofPlatform()
        .start(
            () -> {
              try {
                Thread.sleep(HAND_OVER_MILLISECONDS); // for the answer to who asked
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              log.info("another process goes on with the mounts");
              Runtime.getRuntime().halt(0);
            });
    return true;
  }

  /** The socket's directory is ours alone, and of its users one at a time. */
  private void lockSocket(boolean system) throws IOException {
    Path directory = directories.socket().resolveSibling("").toAbsolutePath();
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(
              PosixFilePermissions.fromString(system ? "rwxr-xr-x" : "rwx------")));
    }
    Object owner = Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    if (!owner.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
      throw new IOException(directory + " belongs to somebody else; set " + Directories.SOCKET);
    }
    var unused =
        add(
            OwnerLock.take(
                    directories
                        .socket()
                        .resolveSibling(directories.socket().getFileName() + ".lock"))
                .orElseThrow(
                    () ->
                        new AlreadyRunningException(
                            "a daemon serves %s already (see revfs daemon status)"
                                .formatted(directories.socket()))));
  }

  /** Another daemon is there. */
  static final class AlreadyRunningException extends IOException {
    private static final long serialVersionUID = 1L;

    AlreadyRunningException(String message) {
      super(message);
    }
  }

  private Map<String, Object> process(List<Map<String, String>> errors, Workspaces workspaces) {
    Runtime runtime = Runtime.getRuntime();
    Map<String, Object> process = new LinkedHashMap<>();
    process.put("pid", ProcessHandle.current().pid());
    process.put("version", version());
    process.put("socket", directories.socket().toString());
    process.put("log", directories.log().toString());
    process.put("startedAt", started.toString());
    process.put("uptimeSeconds", Duration.between(started, Instant.now()).toSeconds());
    process.put("java", Runtime.version().toString());
    process.put(
        "memory",
        Map.of(
            "heapUsedBytes",
            runtime.totalMemory() - runtime.freeMemory(),
            "heapMaxBytes",
            runtime.maxMemory()));
    process.put("errors", errors);
    process.put("workFiles", workspaces.figures());
    return process;
  }

  static String version() {
    String version = Daemon.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (IOException | RuntimeException e) {
        log.warn("while stopping: {}", e.getMessage());
      }
    }
  }
}
