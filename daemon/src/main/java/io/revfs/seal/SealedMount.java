package io.revfs.seal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.overlay.ImageOverlay;
import io.revfs.repository.DataRepository;
import io.revfs.tree.RevisionNames;
import io.revfs.tree.RevisionTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sealed commits of one mount. Thread-safe. Its lock is held while the kernel mounts, which
 * looks names up in the mount: so {@link #entered}, which lookups call, takes no lock.
 */
public final class SealedMount {
  private static final Logger log = LoggerFactory.getLogger(SealedMount.class);

  private final Sealer sealer;
  private final Path mountPoint;
  private final DataRepository repository;
  private final RevisionTree tree;
  private final FuseSession session;

  /** Commits about which nothing is to be done when they are entered. */
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  /** Why commits are not sealed. */
  private final Map<String, Refusal> refusals = new ConcurrentHashMap<>();

  @GuardedBy("this")
  private final Map<String, Sealed> sealed = new LinkedHashMap<>();

  @GuardedBy("this")
  private boolean closed;

  /** {@code layer}: the object layer that the overlay was made with. */
  private record Sealed(Path image, String layer) {}

  private record Refusal(String reason, long sinceNanos) {}

  SealedMount(
      Sealer sealer,
      Path mountPoint,
      DataRepository repository,
      RevisionTree tree,
      FuseSession session) {
    this.sealer = sealer;
    this.mountPoint = mountPoint;
    this.repository = repository;
    this.tree = tree;
    this.session = session;
  }

  private Path place(String commit) {
    return mountPoint.resolve("commits").resolve(commit);
  }

  private String source() {
    return "revfs:" + repository.location();
  }

  /** Takes note that somebody looks into a commit. Quick; called within requests. */
  void entered(String commit) {
    if (!known.contains(commit) && known.add(commit)) {
      sealer.later(() -> seal(commit));
    }
  }

  boolean isAt(String place) {
    return mountPoint.toString().equals(place);
  }

  /**
   * Seals what the process before this one had sealed and the kernel has not any more. What it was
   * about to seal is sealed when somebody enters it: if that was the end of it, it is not to be the
   * end of every process after it.
   */
  void sealAgain(List<SealJournal.Line> lines) {
    sealer.later(() -> tree.commitsBefore().forEach(this::letEnterUnknown));
    lines.forEach(line -> entered(line.commit()));
  }

  private void letEnterUnknown(String commit) {
    if (!known.contains(commit)) {
      letEnter(commit);
    }
  }

  /** The kernel may know all of the commit that somebody will ask for: so it asks us once. */
  private void letEnter(String commit) {
    session.invalidateInode(RevisionNames.commitNode(commit));
  }

  private void seal(String commit) {
    try {
      Path image = sealer.image(repository, commit);
      mount(commit, image);
      refusals.remove(commit);
    } catch (IOException | RuntimeException e) {
      log.info("{} at {} is not sealed: {}", commit, mountPoint, e.getMessage());
      refusals.put(commit, new Refusal(String.valueOf(e.getMessage()), System.nanoTime()));
    }
  }

  private synchronized void mount(String commit, Path image) throws IOException {
    if (closed || MountTable.read().at(mountPoint).filter(MountTable.Mount::isOurs).isEmpty()) {
      return;
    }
    sealed.put(commit, new Sealed(image, sealer.overlay(image, place(commit), source())));
    sealer.remember();
  }

  /**
   * Takes over what the process before this one had sealed and the kernel still has. What it had no
   * time to write down is made anew.
   */
  synchronized void adopt(List<SealJournal.Line> lines) throws IOException {
    for (MountTable.Mount mount : MountTable.read().mounts()) {
      Path place = mount.mountPoint();
      if (!place.startsWith(mountPoint) || !mount.type().equals(ImageOverlay.TYPE)) {
        continue;
      }
      String commit = place.getFileName().toString();
      SealJournal.Line line =
          lines.stream()
              .filter(l -> l.commit().equals(commit))
              .findFirst()
              .orElse(new SealJournal.Line(mountPoint.toString(), commit, "", ""));
      sealer.expect(repository.snapshot(commit));
      known.add(commit);
      sealed.put(commit, new Sealed(Path.of(line.image()), line.layer()));
    }
  }

  /**
   * Puts overlays back that the kernel dropped, and replaces those whose object layer is dead.
   * Tries again what failed a while ago.
   *
   * @param served whether the object layer of an identity is
   */
  synchronized void repair(MountTable table, Predicate<String> served, long retryNanos)
      throws IOException {
    long now = System.nanoTime();
    refusals.forEach(
        (commit, refusal) -> {
          if (now - refusal.sinceNanos() > retryNanos) {
            known.remove(commit);
          }
        });
    if (closed || table.at(mountPoint).filter(MountTable.Mount::isOurs).isEmpty()) {
      return;
    }
    for (Map.Entry<String, Sealed> one : List.copyOf(sealed.entrySet())) {
      Path place = place(one.getKey());
      boolean there = ImageOverlay.at(table, place, source()).isPresent();
      boolean alive = served.test(one.getValue().layer());
      if (there && alive) {
        continue;
      }
      log.info("{} is {}; it is mounted anew", place, there ? "without its objects" : "gone");
      if (there) {
        MountTable.detach(place);
      }
      sealed.remove(one.getKey());
      known.remove(one.getKey());
      entered(one.getKey());
    }
  }

  /** Returns how many commits are sealed. */
  synchronized int count() {
    return sealed.size();
  }

  /** Makes the kernel look anew for where bytes are. */
  synchronized void dropUnused() {
    for (String commit : sealed.keySet()) {
      try {
        ImageOverlay.dropUnused(place(commit));
      } catch (IOException e) {
        log.debug("{}", e.getMessage());
      }
    }
  }

  /**
   * Unseals up to so many commits that were not used since the call before, the first ones first.
   *
   * @return how many
   */
  synchronized int expire(int most) {
    int gone = 0;
    for (String commit : List.copyOf(sealed.keySet())) {
      if (gone < most && ImageOverlay.expire(place(commit))) {
        forget(commit);
        gone++;
      }
    }
    if (gone > 0) {
      sealer.remember();
    }
    return gone;
  }

  @GuardedBy("this")
  private void forget(String commit) {
    sealed.remove(commit);
    known.remove(commit);
    letEnter(commit);
  }

  synchronized void addLines(List<SealJournal.Line> lines) {
    sealed.forEach(
        (commit, one) ->
            lines.add(
                new SealJournal.Line(
                    mountPoint.toString(), commit, one.image().toString(), one.layer())));
  }

  /**
   * Looks whether there are other names in {@code commits}, and if so tells the kernel. Thereby
   * paths to what is sealed need no answer from us, also when we are gone.
   */
  void watchCommits() throws IOException {
    if (count() > 0 ? tree.commitsChanged() : tree.leaveCommits()) {
      session.invalidateInode(RevisionNames.COMMITS_NODE);
    }
  }

  /** Returns the commits that are sealed, and why others are not, for people. */
  public Status status() {
    Map<String, String> reasons = new TreeMap<>();
    refusals.forEach((commit, refusal) -> reasons.put(commit, refusal.reason()));
    synchronized (this) {
      return new Status(new ArrayList<>(sealed.keySet()), reasons);
    }
  }

  /**
   * What is sealed.
   *
   * @param sealed commits, the first sealed first
   * @param refused commits that are not, and why
   */
  public record Status(List<String> sealed, Map<String, String> refused) {}

  /**
   * Takes all overlays away, as comes before unmounting; no commit is sealed any more.
   *
   * @param lazy also those in use, which can be read until they are left
   * @return whether none was in use
   * @throws IOException if one is in use and {@code lazy} is false; commits may be sealed again
   *     then
   */
  public synchronized boolean unseal(boolean lazy) throws IOException {
    closed = true;
    boolean unused = true;
    MountTable table = MountTable.read();
    try {
      for (String commit : List.copyOf(sealed.keySet())) {
        Path place = place(commit);
        if (ImageOverlay.at(table, place, source()).isPresent()) {
          unused &= unmount(place, lazy);
        }
        forget(commit);
      }
    } catch (IOException e) {
      closed = false;
      throw e;
    } finally {
      sealer.remember();
    }
    sealer.closed(this);
    return unused;
  }

  private static boolean unmount(Path place, boolean lazy) throws IOException {
    try {
      MountTable.unmount(place);
      return true;
    } catch (IOException e) {
      if (!lazy) {
        throw e;
      }
      MountTable.detach(place);
      return false;
    }
  }

  /** Takes note that the mount is gone, and its overlays with it. */
  public synchronized void gone() {
    closed = true;
    sealed.clear();
    sealer.remember();
    try {
      sealer.closed(this);
    } catch (IOException e) {
      log.warn("{}", e.getMessage());
    }
  }
}
