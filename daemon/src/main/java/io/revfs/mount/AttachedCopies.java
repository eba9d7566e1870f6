package io.revfs.mount;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.cache.Cache;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountOptions;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.MountTable.Mount;
import io.revfs.fuse.WritableTree;
import io.revfs.object.ObjectKey;
import io.revfs.reach.Passages;
import io.revfs.repository.DataRepositories;
import io.revfs.workingcopy.WorkingCopy;
import io.revfs.workspace.ShownOutputs;
import io.revfs.workspace.TreeReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The attached working copies of one daemon: remembered in a file, attached again at the next
 * start, and served on where the process before this one died. Thread-safe.
 */
public final class AttachedCopies implements ShownOutputs, Closeable {
  private static final Logger log = LoggerFactory.getLogger(AttachedCopies.class);
  private static final int LEAVE_SECONDS = 60;

  private final KeptSessions kept;
  private final AttachRecords records;
  private final AttachPlaces places;
  private final AttachOpener opener;

  @GuardedBy("this")
  private final Map<Path, Attached> copies = new LinkedHashMap<>();

  /** Those that are detached and of which something is left. */
  @GuardedBy("this")
  private final List<Attached> leaving = new ArrayList<>();

  @GuardedBy("this")
  private boolean closing;

  /**
   * One that is attached, or that should be and failed.
   *
   * @param serving what serves it; null of one that failed
   * @param left completes when nothing of it is left
   */
  private record Attached(
      AttachRecords.One wanted,
      Instant since,
      @Nullable Serving serving,
      String error,
      CompletableFuture<Void> left) {
    Attached(AttachRecords.One wanted, @Nullable Serving serving, String error) {
      this(wanted, Instant.now(), serving, error, new CompletableFuture<>());
    }
  }

  /**
   * A working copy as others see it.
   *
   * @param state {@code attached} or {@code failed}
   * @param error why it failed, else empty
   * @param outputs how many outputs its files name
   */
  public record CopyStatus(
      String directory, String since, String backend, String state, String error, int outputs) {}

  /**
   * What {@link #detach} did.
   *
   * @param warning empty, or that files are still open
   */
  public record Detached(String directory, String warning) {}

  /**
   * @param reader reads what was written, and remembers it for all
   * @param state the directory in which this daemon keeps what outlives it
   */
  public AttachedCopies(
      DataRepositories repositories,
      Cache cache,
      TreeReader reader,
      KeptSessions kept,
      Path state) {
    this.kept = kept;
    Path own = state.resolve("attached");
    this.records = new AttachRecords(own.resolve("attached.json"));
    this.places = new AttachPlaces(own);
    this.opener = new AttachOpener(repositories, cache, reader, kept, places);
  }

  /** Attaches again what was attached; failures are kept to show. */
  public void restore() throws IOException {
    for (AttachRecords.One one : records.read()) {
      Path at = one.place();
      try {
        // Where the mount is there already, nobody serves it yet: its path is not to be touched.
        var unused =
            attachTop(
                kept.inherited(at).isPresent() ? at : AttachPlaces.top(at),
                one.backend(),
                Map.of());
      } catch (IOException | RuntimeException e) {
        log.error("cannot attach {} again: {}", at, e.getMessage());
        synchronized (this) {
          copies.put(at, new Attached(one, null, String.valueOf(e.getMessage())));
        }
      }
    }
  }

  /** Returns the directories that are attached, or should be. */
  public synchronized Set<Path> directories() {
    return Set.copyOf(copies.keySet());
  }

  /**
   * Attaches the working copy that a directory is in.
   *
   * @param backend who speaks with the kernel
   * @throws MountRefusedException saying why it cannot be
   */
  public CopyStatus attach(Path directory, MountOptions.Backend backend) throws IOException {
    return attach(directory, backend, Map.of());
  }

  /**
   * As the other one, for a caller with these variables: its credentials are what remotes are asked
   * with, for this copy only and until this process ends. Whoever attaches it again is refused, but
   * brings others.
   */
  public CopyStatus attach(
      Path directory, MountOptions.Backend backend, Map<String, String> environment)
      throws IOException {
    Path top = AttachPlaces.top(directory);
    Optional<Serving> already;
    synchronized (this) {
      already = serving(top);
    }
    already.ifPresent(serving -> serving.calledWith(environment));
    return attachTop(top, backend, environment);
  }

  private CopyStatus attachTop(
      Path at, MountOptions.Backend backend, Map<String, String> environment) throws IOException {
    synchronized (this) {
      Attached known = copies.get(at);
      if (closing || (known != null && known.serving() != null)) {
        throw new MountRefusedException(at + " is attached already");
      }
      Serving serving = opener.open(at, backend, environment);
      Attached attached = new Attached(AttachRecords.One.of(at, backend), serving, "");
      copies.put(at, attached);
      remember();
      FuseSession session = serving.session();
      String name = serving.keptAs();
      kept.keep(name, session, serving.below().descriptors());
      var unused =
          session.ended().whenComplete((nothing, failure) -> ended(at, session, name, failure));
      return status(attached);
    }
  }

  private void ended(Path at, FuseSession session, String name, @Nullable Throwable failure) {
    kept.drop(name);
    Attached attached;
    synchronized (this) {
      attached = copies.get(at);
      if (attached == null || !serves(attached, session)) {
        return;
      }
      if (!closing) {
        copies.remove(at);
        leaving.add(attached);
        remember();
      }
    }
    if (failure != null) {
      log.error("serving {} failed", at, failure);
    }
    closeCopy(attached);
    synchronized (this) {
      leaving.remove(attached);
    }
  }

  private static boolean serves(Attached attached, FuseSession session) {
    return attached.serving() != null && attached.serving().session() == session;
  }

  private void closeCopy(Attached attached) {
    Serving serving = attached.serving();
    try {
      if (serving != null) {
        serving.passage().close();
        serving.copy().close();
        places.leave(attached.wanted().place(), serving.below());
      }
    } catch (IOException e) {
      log.warn("{}: {}", attached.wanted().directory(), e.toString());
    } finally {
      attached.left().complete(null);
    }
  }

  @GuardedBy("this")
  private void remember() {
    records.write(copies.values().stream().map(Attached::wanted).toList());
  }

  /**
   * A working copy that is attached, for another session over it.
   *
   * @param tree what the mount shows
   * @param session that serves it
   * @param below leads to the directory past the mount
   * @param listeners hear what is done by way of the mount
   */
  public record Served(
      WritableTree tree, FuseSession session, Path below, CopyListeners listeners) {}

  /** Returns the working copy with this top, if it is attached. */
  public synchronized Optional<Served> served(Path top) {
    return serving(top)
        .map(
            serving ->
                new Served(
                    serving.copy().tree(),
                    serving.session(),
                    serving.below().path(),
                    serving.listeners()));
  }

  @GuardedBy("this")
  private Optional<Serving> serving(@Nullable Path top) {
    Attached attached = top == null ? null : copies.get(top);
    return attached == null ? Optional.empty() : Optional.ofNullable(attached.serving());
  }

  /** A place in one of them, and its path from there. */
  private record Inside(Path top, WorkingCopy copy, String path) {}

  private Optional<Inside> inside(Path place) {
    synchronized (this) {
      if (copies.isEmpty()) { // asked for each file of each command
        return Optional.empty();
      }
    }
    Path wanted = Passages.shown(place.toAbsolutePath().normalize());
    for (Path at = wanted; at != null; at = at.getParent()) {
      synchronized (this) {
        if (copies.containsKey(at)) {
          Path top = at;
          Path inside = top.relativize(wanted);
          return isOfTools(inside)
              ? Optional.empty()
              : serving(at).map(serving -> new Inside(top, serving.copy(), inside.toString()));
        }
      }
    }
    return Optional.empty();
  }

  /** Nothing is shown there; work trees of experiments are. */
  private static boolean isOfTools(Path inside) {
    for (Path part : inside) {
      if (part.toString().equals(".dvc") || part.toString().equals(".git")) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Optional<ObjectKey> shown(Path place) {
    return inside(place).flatMap(inside -> inside.copy().shown(inside.path()));
  }

  @Override
  public boolean isAttached(Path place) {
    return inside(place).isPresent();
  }

  @Override
  public Map<Path, ObjectKey> obtainable(Path file, byte[] content) throws IOException {
    Map<Path, ObjectKey> all = new LinkedHashMap<>();
    Optional<Inside> inside = inside(file);
    if (inside.isPresent()) {
      // Places as who asks has them.
      boolean past = Passages.at(file).isPresent();
      Path top = past ? Passages.below(inside.get().top()) : inside.get().top();
      inside
          .get()
          .copy()
          .obtainable(inside.get().path(), content)
          .forEach((path, key) -> all.put(top.resolve(path), key));
    }
    return all;
  }

  @Override
  public Optional<byte[]> small(Path file, byte[] content, ObjectKey key) throws IOException {
    Optional<Inside> inside = inside(file);
    return inside.isEmpty()
        ? Optional.empty()
        : inside.get().copy().small(inside.get().path(), content, key);
  }

  @Override
  public void showAgain(Path place) throws IOException {
    Optional<Inside> inside = inside(place);
    if (inside.isPresent()) {
      inside.get().copy().showAgain(inside.get().path());
    }
  }

  @Override
  public boolean takeAway(Path place) throws IOException {
    Optional<Inside> inside = inside(place);
    if (inside.isPresent()) {
      inside.get().copy().takeAway(inside.get().path());
    }
    return inside.isPresent();
  }

  /** Returns all. */
  public synchronized List<CopyStatus> list() {
    return copies.values().stream().map(AttachedCopies::status).toList();
  }

  private static CopyStatus status(Attached attached) {
    Serving serving = attached.serving();
    return new CopyStatus(
        attached.wanted().directory(),
        attached.since().toString(),
        serving == null ? "" : serving.session().backend(),
        serving == null ? "failed" : "attached",
        attached.error(),
        serving == null ? 0 : serving.copy().outputs());
  }

  /**
   * Takes the mount from a working copy and forgets it: what is below is there again. One that is
   * in use is refused, or with {@code lazy} goes as soon as nobody uses it.
   */
  public Detached detach(Path directory, boolean lazy) throws IOException {
    Path given = directory.toAbsolutePath().normalize();
    MountTable table = MountTable.read();
    Path at;
    Attached attached;
    synchronized (this) {
      at = attachedAbove(given, table);
      attached = at == null ? null : copies.get(at);
    }
    if (at == null || attached == null) {
      throw new UnknownMountException(
          directory + " is not attached; revfs attach --list shows what is");
    }
    FuseSession session = session(attached);
    boolean busy = false;
    if (session != null) {
      try {
        busy = !MountPlaces.unmount(session, lazy);
      } catch (IOException e) {
        throw new MountRefusedException(
            e.getMessage() + "; leave the directory and close what is open, or detach --lazy", e);
      }
    }
    synchronized (this) {
      if (session == null) {
        copies.remove(at);
      }
      remember();
    }
    if (session != null && !busy) {
      session.close();
      awaitLeft(attached); // so that it can be attached again at once
    }
    return new Detached(
        at.toString(), busy ? "it is in use; it goes when what is open is closed" : "");
  }

  /** Also where a directory above it was renamed since: the mount says of what it is. */
  @GuardedBy("this")
  private @Nullable Path attachedAbove(Path given, MountTable table) {
    for (Path at = given; at != null; at = at.getParent()) {
      if (copies.containsKey(at)) {
        return at;
      }
      String source = table.at(at).filter(Mount::isOurs).map(Mount::source).orElse("");
      for (Path known : copies.keySet()) {
        if (source.equals(AttachOpener.source(known))) {
          return known;
        }
      }
    }
    return null;
  }

  private static @Nullable FuseSession session(Attached attached) {
    return attached.serving() == null ? null : attached.serving().session();
  }

  private static void awaitLeft(Attached attached) {
    try {
      attached.left().get(LEAVE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.warn("{} is not left yet: {}", attached.wanted().directory(), e.toString());
    }
  }

  /** Takes all mounts away; they are remembered for the next start. */
  @Override
  public void close() {
    List<Attached> all;
    List<Attached> left;
    synchronized (this) {
      closing = true;
      all = new ArrayList<>(copies.values());
      left = List.copyOf(leaving);
    }
    left.forEach(AttachedCopies::awaitLeft);
    for (Attached attached : all) {
      FuseSession session = session(attached);
      if (session != null) {
        try {
          session.close();
          awaitLeft(attached);
        } catch (IOException e) {
          log.warn("{}", e.getMessage());
        }
      }
    }
  }
}
