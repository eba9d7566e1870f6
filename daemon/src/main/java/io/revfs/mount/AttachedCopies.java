package io.revfs.mount;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.cache.Cache;
import io.revfs.config.DurableFile;
import io.revfs.fuse.FuseMounts;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.HeardTree;
import io.revfs.fuse.MountOptions;
import io.revfs.fuse.WritableTree;
import io.revfs.object.ObjectKey;
import io.revfs.repository.DataRepositories;
import io.revfs.tree.NodeJournal;
import io.revfs.workingcopy.WorkingCopy;
import io.revfs.workspace.ShownOutputs;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final int LEAVE_SECONDS = 10;

  /** How long the kernel keeps what it is told while somebody listens, so that more is heard. */
  private static final double HEARD_SECONDS = 1;

  private final DataRepositories repositories;
  private final Cache cache;
  private final KeptSessions kept;
  private final Path state;
  private final AttachPlaces places;

  @GuardedBy("this")
  private final Map<Path, Attached> copies = new LinkedHashMap<>();

  @GuardedBy("this")
  private boolean closing;

  /**
   * One that is attached, or that should be and failed.
   *
   * @param left completes when nothing of it is left
   */
  private record Attached(
      Path directory,
      Instant since,
      @Nullable WorkingCopy copy,
      @Nullable FuseSession session,
      CopyListeners listeners,
      String error,
      CompletableFuture<Void> left) {
    Attached(
        Path directory,
        @Nullable WorkingCopy copy,
        @Nullable FuseSession session,
        CopyListeners listeners,
        String error) {
      this(directory, Instant.now(), copy, session, listeners, error, new CompletableFuture<>());
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

  /** {@code state}: the directory in which this daemon keeps what outlives it. */
  public AttachedCopies(DataRepositories repositories, Cache cache, KeptSessions kept, Path state) {
    this.repositories = repositories;
    this.cache = cache;
    this.kept = kept;
    this.state = state.resolve("attached");
    this.places = new AttachPlaces(this.state);
  }

  /** Attaches again what was attached; failures are kept to show. */
  public void restore() throws IOException {
    List<String> remembered;
    try {
      remembered =
          JSON.readValue(
              Files.readAllBytes(state.resolve("attached.json")), new TypeReference<>() {});
    } catch (NoSuchFileException e) {
      return;
    }
    for (String directory : remembered) {
      Path at = Path.of(directory);
      try {
        // Where the mount is there already, nobody serves it yet: its path is not to be touched.
        var unused = kept.inherited(at).isPresent() ? attachTop(at) : attach(at);
      } catch (IOException | RuntimeException e) {
        log.error("cannot attach {} again: {}", directory, e.getMessage());
        synchronized (this) {
          copies.put(at, failed(at, String.valueOf(e.getMessage())));
        }
      }
    }
  }

  private static Attached failed(Path at, String error) {
    return new Attached(at, null, null, new CopyListeners(), error);
  }

  /** Returns the directories that are attached, or should be. */
  public synchronized Set<Path> directories() {
    return Set.copyOf(copies.keySet());
  }

  /**
   * Attaches the working copy that a directory is in.
   *
   * @throws MountRefusedException saying why it cannot be
   */
  public CopyStatus attach(Path directory) throws IOException {
    return attachTop(AttachPlaces.top(directory));
  }

  private CopyStatus attachTop(Path at) throws IOException {
    synchronized (this) {
      Attached known = copies.get(at);
      if (closing || (known != null && known.session() != null)) {
        throw new MountRefusedException(at + " is attached already");
      }
      Optional<KeptSessions.Inherited> inherited = kept.inherited(at);
      String name = inherited.map(KeptSessions.Inherited::name).orElseGet(kept::newName);
      Path below = places.below(at, inherited.isPresent());
      Attached attached = open(at, below, name, inherited);
      copies.put(at, attached);
      remember();
      FuseSession session = java.util.Objects.requireNonNull(attached.session());
      kept.keep(name, session);
      var unused =
          session.ended().whenComplete((nothing, failure) -> ended(at, session, name, failure));
      return status(attached);
    }
  }

  private Attached open(
      Path at, Path below, String name, Optional<KeptSessions.Inherited> inherited)
      throws IOException {
    NodeJournal nodes =
        inherited.isPresent()
            ? NodeJournal.restored(kept.nodes(name))
            : NodeJournal.fresh(kept.nodes(name));
    WorkingCopy copy =
        WorkingCopy.open(below, repositories.openBelow(below, at), cache, places.hidden(at), nodes);
    CopyListeners listeners = new CopyListeners();
    HeardTree tree = HeardTree.ofOwnSession(copy.tree(), listeners, HEARD_SECONDS);
    try {
      FuseSession session =
          inherited.isPresent()
              ? FuseMounts.resume(tree, at, inherited.get().survival(), kept.openFiles(name))
              : FuseMounts.mount(
                  tree,
                  at,
                  new MountOptions(
                      "revfs:" + at,
                      places.isRoot(),
                      0,
                      MountOptions.Backend.KERNEL,
                      MountOptions.Serve.PASSTHROUGH,
                      kept.openFiles(name)));
      copy.served(session);
      return new Attached(at, copy, session, listeners, "");
    } catch (IOException e) {
      copy.close();
      places.leave(at);
      throw new MountRefusedException(String.valueOf(e.getMessage()), e);
    }
  }

  private void ended(Path at, FuseSession session, String name, @Nullable Throwable failure) {
    kept.drop(name);
    Attached attached;
    synchronized (this) {
      attached = copies.get(at);
      if (attached == null || attached.session() != session) {
        return;
      }
      if (!closing) {
        copies.remove(at);
        remember();
      }
    }
    if (failure != null) {
      log.error("serving {} failed", at, failure);
    }
    closeCopy(attached);
  }

  private void closeCopy(Attached attached) {
    try {
      WorkingCopy copy = attached.copy();
      if (copy != null) {
        copy.close();
      }
      places.leave(attached.directory());
    } catch (IOException e) {
      log.warn("{}: {}", attached.directory(), e.toString());
    } finally {
      attached.left().complete(null);
    }
  }

  @GuardedBy("this")
  private void remember() {
    try {
      DurableFile.replace(
          state.resolve("attached.json"),
          JSON.writeValueAsBytes(copies.keySet().stream().map(Path::toString).toList()));
    } catch (IOException e) {
      log.warn("attached working copies are not remembered: {}", e.toString());
    }
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
  public synchronized Optional<Served> served(Path top) throws IOException {
    Attached attached = copies.get(top);
    if (attached == null || attached.copy() == null || attached.session() == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Served(
            attached.copy().tree(),
            attached.session(),
            places.below(top, true),
            attached.listeners()));
  }

  /** A place in one of them, and its path from there. */
  private record Inside(Path top, WorkingCopy copy, String path) {}

  private Optional<Inside> inside(Path place) {
    synchronized (this) {
      if (copies.isEmpty()) { // asked for each file of each command
        return Optional.empty();
      }
    }
    Path wanted = place.toAbsolutePath().normalize();
    for (Path at = wanted; at != null; at = at.getParent()) {
      synchronized (this) {
        Attached attached = copies.get(at);
        if (attached != null) {
          WorkingCopy copy = attached.session() == null ? null : attached.copy();
          Path inside = at.relativize(wanted);
          return copy == null || isOfTools(inside)
              ? Optional.empty()
              : Optional.of(new Inside(at, copy, inside.toString()));
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
      inside
          .get()
          .copy()
          .obtainable(inside.get().path(), content)
          .forEach((path, key) -> all.put(inside.get().top().resolve(path), key));
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
    FuseSession session = attached.session();
    WorkingCopy copy = attached.copy();
    return new CopyStatus(
        attached.directory().toString(),
        attached.since().toString(),
        session == null ? "" : session.backend(),
        session == null ? "failed" : "attached",
        attached.error(),
        copy == null ? 0 : copy.outputs());
  }

  /**
   * Takes the mount from a working copy and forgets it: what is below is there again. One that is
   * in use is refused, or with {@code lazy} goes as soon as nobody uses it.
   */
  public Detached detach(Path directory, boolean lazy) throws IOException {
    Path at = directory.toAbsolutePath().normalize();
    Attached attached;
    synchronized (this) {
      while (at != null && !copies.containsKey(at)) {
        at = at.getParent();
      }
      attached = at == null ? null : copies.get(at);
    }
    if (at == null || attached == null) {
      throw new UnknownMountException(
          directory + " is not attached; revfs attach --list shows what is");
    }
    FuseSession session = attached.session();
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

  private static void awaitLeft(Attached attached) {
    try {
      attached.left().get(LEAVE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.warn("{} is not left yet: {}", attached.directory(), e.toString());
    }
  }

  /** Takes all mounts away; they are remembered for the next start. */
  @Override
  public void close() {
    List<Attached> all;
    synchronized (this) {
      closing = true;
      all = new ArrayList<>(copies.values());
    }
    for (Attached attached : all) {
      FuseSession session = attached.session();
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
