package io.revfs.mount;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.cache.Cache;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountTable;
import io.revfs.remote.Redaction;
import io.revfs.repository.DataRepositories;
import io.revfs.repository.DataRepository;
import io.revfs.seal.SealedMount;
import io.revfs.tree.RevisionTree;
import io.revfs.tree.ViewFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mounts of one daemon. What is mounted is remembered in a file and mounted again at the next
 * start, also after a crash. Thread-safe.
 */
public final class MountManager implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(MountManager.class);

  private final DataRepositories repositories;
  private final MountRecords records;
  private final KeptSessions kept;
  private final Sealing sealing;
  private final MountOpener opener;

  @GuardedBy("this")
  private final Map<Path, Mounted> mounts = new LinkedHashMap<>();

  @GuardedBy("this")
  private boolean closing;

  /**
   * A mount as others see it.
   *
   * @param state {@code mounted} or {@code failed}
   * @param error why it failed, else empty
   * @param sealed commits that the kernel serves by itself
   * @param notSealed commits that it cannot serve so, and why
   */
  public record MountStatus(
      String repository,
      String directory,
      Map<String, String> views,
      String since,
      String backend,
      String state,
      String error,
      List<String> sealed,
      Map<String, String> notSealed) {}

  /** What {@link #use} did. */
  public record Switch(
      String directory, String view, String revision, String commit, @Nullable String previous) {}

  /**
   * What {@link #unmount} did.
   *
   * @param warning empty, or that files are still open
   */
  public record Unmounted(String directory, boolean wasBusy, String warning) {}

  /** A place below a mount point: what it shows. {@code revision} is empty above the commits. */
  public record Place(
      String repository, DataRepository opened, Optional<String> revision, String path) {}

  /** {@code stateFile} remembers the mounts. */
  public MountManager(
      DataRepositories repositories,
      Cache cache,
      ViewFile views,
      Path stateFile,
      KeptSessions kept,
      Sealing sealing) {
    this.sealing = sealing;
    this.kept = kept;
    this.repositories = repositories;
    this.records = new MountRecords(stateFile);
    this.opener = new MountOpener(cache, views, kept, sealing);
  }

  /**
   * Mounts again what was mounted, and what the configuration wants. Failures are kept to show.
   *
   * @param servedElsewhere the mount points of sessions that are not ours
   */
  public void restore(List<MountRequest> wanted, Set<Path> servedElsewhere) throws IOException {
    Map<String, MountRequest> all = new LinkedHashMap<>();
    for (MountRequest record : records.read()) {
      all.put(record.directory(), record);
    }
    wanted.forEach(request -> all.putIfAbsent(request.directory(), request));
    for (MountRequest record : all.values()) {
      try {
        mount(record);
      } catch (IOException | RuntimeException e) {
        log.error("cannot mount {} again: {}", record.directory(), Redaction.message(e));
        synchronized (this) {
          mounts.put(record.place(), Mounted.failed(record, e));
        }
      }
    }
    abandonUnserved(servedElsewhere);
    sealing.layer().resume(); // now it is known where objects may come from
  }

  /** Sessions that the process before left to us and that cannot be served: an error is better. */
  private synchronized void abandonUnserved(Set<Path> servedElsewhere) throws IOException {
    for (KeptSessions.Inherited session : kept.inherited()) {
      if (mounts.values().stream().noneMatch(m -> m.keptAs().equals(session.name()))
          && !session.mountPoint().equals(sealing.layer().place())
          && !servedElsewhere.contains(session.mountPoint())) {
        kept.abandon(session.name());
        Mounted there = mounts.get(session.mountPoint());
        boolean another = there != null && there.session() != null;
        if (!another && MountTable.read().at(session.mountPoint()).isPresent()) {
          MountTable.detach(session.mountPoint());
        }
      }
    }
  }

  /**
   * Mounts a repository. The directory is made if it is absent. Mounting the same again changes
   * nothing.
   *
   * @throws MountRefusedException saying why it cannot be
   */
  public MountStatus mount(MountRequest request) throws IOException {
    return mount(request, Map.of());
  }

  /**
   * As the other one, for a caller with these variables: its credentials are what remotes are asked
   * with, for this mount only and until this process ends. Whoever mounts the same again brings
   * others.
   *
   * @param environment empty: what this mount had before, or else this process's own
   */
  public MountStatus mount(MountRequest request, Map<String, String> environment)
      throws IOException {
    return mount(request, environment, null);
  }

  /** {@code before} is what it showed before something else than an unmount ended it. */
  private MountStatus mount(
      MountRequest request, Map<String, String> environment, @Nullable DataRepository before)
      throws IOException {
    String repository = request.repository();
    Path at = request.place();
    Mounted already;
    synchronized (this) {
      already = mounts.get(at);
    }
    if (already != null && already.session() != null) {
      if (already.remembered().repository().equals(repository)) {
        call(already.repository(), environment);
        return already.status();
      }
      throw new MountRefusedException(
          at
              + " shows "
              + Redaction.url(already.remembered().repository())
              + " already; unmount it first");
    }
    // Its own, and so are its credentials: if this is refused nobody else has them.
    DataRepository opened = before != null ? before : repositories.openFor(repository, environment);
    String head = opened.resolve("HEAD");
    opened.snapshot(head); // what is wrong with the repository shows now, not at the first look
    synchronized (this) {
      Mounted known = mounts.get(at);
      if (closing || (known != null && known.session() != null)) {
        throw new MountRefusedException(at + " was mounted meanwhile");
      }
      Mounted mounted = opener.open(request, opened);
      mounts.put(at, mounted);
      remember();
      FuseSession session = Objects.requireNonNull(mounted.session());
      session
          .ended()
          .whenComplete((nothing, failure) -> ended(at, session, mounted.keptAs(), failure));
      log.info("{} shows {}", at, opened.location());
      return mounted.status();
    }
  }

  private static void call(@Nullable DataRepository repository, Map<String, String> environment) {
    if (repository != null && !environment.isEmpty()) {
      repository.calledWith(environment);
    }
  }

  private void ended(Path at, FuseSession session, String name, @Nullable Throwable failure) {
    kept.drop(name);
    boolean aborted = MountPlaces.isAborted(at);
    Mounted mounted;
    synchronized (this) {
      mounted = mounts.get(at);
      if (closing || mounted == null || mounted.session() != session) {
        return;
      }
      mounted.sealed().ifPresent(SealedMount::gone);
      if (aborted) {
        log.warn("the connection of {} was ended by force; it is mounted again", at);
        mounts.remove(at);
      } else if (failure == null) {
        mounts.remove(at);
        remember();
        log.info("{} was unmounted by somebody else", at);
        return;
      } else {
        log.error("serving {} failed", at, failure);
        mounts.put(at, Mounted.failed(mounted.remembered(), failure));
        return;
      }
    }
    Mounted before = mounted;
    Thread.ofVirtual().name("mount again " + at).start(() -> mountAgain(before));
  }

  private void mountAgain(Mounted before) {
    try {
      mount(before.remembered(), Map.of(), before.repository());
    } catch (IOException | RuntimeException e) {
      log.error("cannot mount {} again: {}", before.remembered().directory(), e.getMessage());
      synchronized (this) {
        mounts.putIfAbsent(before.remembered().place(), Mounted.failed(before.remembered(), e));
      }
    }
  }

  @GuardedBy("this")
  private void remember() {
    records.write(mounts.values().stream().map(Mounted::remembered).toList());
  }

  /** Returns all mounts. */
  public List<MountStatus> mounts() throws IOException {
    List<Mounted> all;
    synchronized (this) {
      all = List.copyOf(mounts.values());
    }
    List<MountStatus> status = new ArrayList<>();
    for (Mounted mounted : all) {
      status.add(mounted.status());
    }
    return status;
  }

  /** Returns what the mounts show, by their mount points. */
  public synchronized Map<Path, FileTree> trees() {
    Map<Path, FileTree> trees = new LinkedHashMap<>();
    mounts.forEach(
        (place, mounted) -> {
          if (mounted.tree() != null && mounted.session() != null) {
            trees.put(place, mounted.tree());
          }
        });
    return trees;
  }

  /**
   * Takes a mount away and forgets it. A busy one is refused, or with {@code lazy} taken from the
   * name space while its open files go on being served.
   */
  public Unmounted unmount(Path directory, boolean lazy) throws IOException {
    Path at = directory.toAbsolutePath().normalize();
    Mounted mounted;
    synchronized (this) {
      mounted = mounts.remove(at);
      if (mounted == null) {
        throw new UnknownMountException("nothing of ours is mounted at " + at);
      }
    }
    FuseSession session = mounted.session();
    boolean busy = false;
    try {
      if (mounted.sealed().isPresent()) {
        busy = !mounted.sealed().get().unseal(lazy);
      }
      if (session != null) {
        busy |= !MountPlaces.unmount(session, lazy);
      }
    } catch (IOException e) {
      synchronized (this) {
        mounts.putIfAbsent(at, mounted);
      }
      throw new MountRefusedException(
          e.getMessage() + "; close what is open there (lsof +f -- " + at + ") or unmount lazily",
          e);
    }
    synchronized (this) {
      remember();
    }
    return new Unmounted(
        at.toString(),
        busy,
        busy ? "files are open there; they can be read until they are closed" : "");
  }

  /**
   * Points a view to a revision.
   *
   * @param directory the mount; may be absent if there is just one
   */
  public Switch use(String revision, String view, @Nullable Path directory) throws IOException {
    Mounted mounted = only(directory);
    RevisionTree tree = mounted.tree();
    DataRepository repository = mounted.repository();
    if (tree == null || repository == null) {
      throw new UnknownMountException(
          mounted.remembered().directory() + " is not mounted: " + mounted.error());
    }
    String commit = repository.resolve(revision);
    Optional<String> previous = tree.names().use(view, commit);
    FuseSession session = mounted.session();
    if (session != null && !previous.equals(Optional.of(commit))) {
      session.invalidateEntry(FileTree.ROOT, view);
      session.invalidateInode(FileTree.ROOT);
    }
    return new Switch(
        mounted.remembered().directory(), view, revision, commit, previous.orElse(null));
  }

  private synchronized Mounted only(@Nullable Path directory) throws UnknownMountException {
    if (directory != null) {
      Path wanted = directory.toAbsolutePath().normalize();
      for (Path at = wanted; at != null; at = at.getParent()) {
        Mounted mounted = mounts.get(at);
        if (mounted != null) {
          return mounted;
        }
      }
      throw new UnknownMountException("nothing of ours is mounted at " + wanted);
    }
    if (mounts.size() != 1) {
      throw new UnknownMountException(
          mounts.isEmpty()
              ? "nothing is mounted; try: revfs mount REPO DIR"
              : "there are several mounts, say which with --mount: "
                  + String.join(", ", mounts.keySet().stream().map(Path::toString).toList()));
    }
    return mounts.values().iterator().next();
  }

  /** Returns what a path below one of the mounts shows, empty if it is in none. */
  public Optional<Place> locate(Path path) throws IOException {
    Path wanted = path.toAbsolutePath().normalize();
    Mounted mounted = null;
    Path root = wanted;
    synchronized (this) {
      for (Path at = wanted; at != null && mounted == null; at = at.getParent()) {
        mounted = mounts.get(at);
        root = at;
      }
    }
    if (mounted == null || mounted.tree() == null || mounted.repository() == null) {
      return Optional.empty();
    }
    List<String> names = new ArrayList<>();
    root.relativize(wanted).forEach(name -> names.add(name.toString()));
    names.remove("");
    String repository = mounted.remembered().repository();
    for (int n = 1; n <= names.size(); n++) {
      Optional<String> revision = mounted.tree().names().revision(names.subList(0, n));
      if (revision.isPresent()) {
        return Optional.of(
            new Place(
                repository,
                mounted.repository(),
                revision,
                String.join("/", names.subList(n, names.size()))));
      }
    }
    return Optional.of(new Place(repository, mounted.repository(), Optional.empty(), ""));
  }

  /** Brings the mirror of a repository up to date; returns the refs that changed. */
  public List<String> refresh(String repository) throws IOException {
    return repositories.open(repository).refresh();
  }

  /** Brings all mirrors up to date; failures are logged, the next time may be better. */
  public void refreshAll() {
    List<Mounted> all;
    synchronized (this) {
      all = List.copyOf(mounts.values());
    }
    for (Mounted mounted : all) {
      DataRepository repository = mounted.repository();
      if (repository != null) {
        try {
          repository.refresh();
        } catch (IOException | RuntimeException e) {
          log.warn("cannot refresh {}: {}", repository.location(), e.getMessage());
        }
      }
    }
  }

  /**
   * Lets go of what is kept without need: open files, and images of commits that are not sealed.
   */
  public void releaseIdle() throws IOException {
    sealing.sealer().evictImages();
    sealing.layer().closeIdleFiles();
    List<Mounted> all;
    synchronized (this) {
      all = List.copyOf(mounts.values());
    }
    for (Mounted mounted : all) {
      FuseSession session = mounted.session();
      if (session != null) {
        session.closeIdleFiles();
      }
    }
  }

  /** Returns whether a mount of a repository has its commits served by the kernel alone. */
  public synchronized boolean seals(DataRepository repository) {
    return mounts.values().stream().anyMatch(mounted -> isSealing(mounted, repository));
  }

  private static boolean isSealing(Mounted mounted, DataRepository repository) {
    DataRepository its = mounted.repository();
    return mounted.sealed().isPresent()
        && its != null
        && its.location().equals(repository.location());
  }

  /** Makes the kernel look anew for where the bytes of sealed commits are. */
  public void lookAnew() {
    sealing.sealer().lookAnew();
  }

  /** Returns the repositories that are mounted. */
  public synchronized List<DataRepository> repositories() {
    List<DataRepository> all = new ArrayList<>();
    for (Mounted mounted : mounts.values()) {
      if (mounted.repository() != null && !all.contains(mounted.repository())) {
        all.add(mounted.repository());
      }
    }
    return all;
  }

  /** Takes all mounts away, lazily; they are remembered for the next start. */
  @Override
  public void close() {
    List<Mounted> all;
    synchronized (this) {
      closing = true;
      all = List.copyOf(mounts.values());
    }
    for (Mounted mounted : all) {
      FuseSession session = mounted.session();
      if (session != null) {
        try {
          if (mounted.sealed().isPresent()) {
            var unused = mounted.sealed().get().unseal(true);
          }
          session.close();
        } catch (IOException e) {
          log.warn("{}", e.getMessage());
        }
      }
    }
  }
}
