package io.revfs.workingcopy;

import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.local.LocalTree;
import io.revfs.repository.ShownOutput;
import io.revfs.snapshot.Entry;
import io.revfs.workingcopy.output.NamingFiles;
import io.revfs.workingcopy.output.NamingWalk;
import io.revfs.workingcopy.output.OutputPlaces;
import io.revfs.workingcopy.output.Outputs;
import io.revfs.workingcopy.output.OutputsOf;
import io.revfs.workingcopy.output.Shown;
import io.revfs.workingcopy.output.TrackedPaths;
import io.revfs.workspace.Checkout;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the outputs follow the files that name them. What is shown changes at once; then, in the
 * order of the changes and on one thread, what an output left below goes ({@link Superseded}) and
 * the kernel forgets what it knows of it. Thread-safe.
 */
final class Follower implements NamingFiles, Closeable {
  private static final Logger log = LoggerFactory.getLogger(Follower.class);

  private final Path root;
  private final OutputsOf files;
  private final LocalTree below;
  private final Outputs outputs;
  private final Hidden hidden;
  private final ShownNodes shownNodes;
  private final Superseded superseded;
  private final TrackedPaths tracked;
  private final ExecutorService after =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("outputs").factory());
  private volatile @Nullable FuseSession session;

  /** What was read first is also what is known first. */
  private final Lock reading = new ReentrantLock();

  /** {@code root}: where the working copy is reached past its mount. */
  Follower(
      Path root,
      OutputsOf files,
      LocalTree below,
      Outputs outputs,
      Hidden hidden,
      ShownNodes shownNodes,
      Superseded superseded) {
    this.root = root;
    this.files = files;
    this.below = below;
    this.outputs = outputs;
    this.hidden = hidden;
    this.shownNodes = shownNodes;
    this.superseded = superseded;
    this.tracked = new TrackedPaths(root);
  }

  /** Returns whether a path is in an output, also in one that nobody has made yet. */
  boolean isTracked(List<String> path) throws IOException {
    return tracked.isTracked(path, projects());
  }

  /** From here on the kernel is told. */
  void begin(FuseSession served) {
    session = served;
  }

  @Override
  public void written(List<String> path) throws FuseException {
    if (isNaming(path)) {
      tracked.changed();
      CompletableFuture<Void> done = follow(FuseException.translating(() -> reread(path)));
      FuseException.translating(() -> await(done));
    }
  }

  private static boolean await(CompletableFuture<Void> done) throws IOException {
    try {
      done.get();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false; // who closes does not wait any longer; it goes on all the same
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  @Override
  public void renamed(List<String> path) throws FuseException {
    if (isNaming(path)) {
      tracked.changed();
      var unused = follow(FuseException.translating(() -> reread(path)));
    } else if (outputs.areNamedBelow(String.join("/", path))) {
      var unused =
          follow(FuseException.translating(this::readAll)); // a directory with such files moved
    }
  }

  private static boolean isNaming(List<String> path) {
    return !path.isEmpty()
        && NamingFiles.isOne(path.getLast())
        && path.stream().noneMatch(NamingWalk.NOT_LOOKED_INTO::contains);
  }

  /** Reads one file anew; {@code dvc.yaml} says what of {@code dvc.lock} counts. */
  private Outputs.Change reread(List<String> path) throws IOException {
    reading.lock();
    try {
      return rereadNow(path);
    } finally {
      reading.unlock();
    }
  }

  private Outputs.Change rereadNow(List<String> path) throws IOException {
    List<String> file = path;
    if (path.getLast().equals("dvc.yaml")) {
      file = new ArrayList<>(path.subList(0, path.size() - 1));
      file.add("dvc.lock");
    }
    String name = String.join("/", file);
    return outputs.set(name, named(name, projects()));
  }

  private List<ShownOutput> named(String file, Set<String> projects) throws IOException {
    Optional<byte[]> content = read(file);
    return content.isEmpty() ? List.of() : files.outputs(file, content.get(), this::read, projects);
  }

  /** Returns what a file would name if it had these bytes. */
  List<ShownOutput> wouldName(String file, byte[] content) throws IOException {
    return files.outputs(file, content, this::read, projects());
  }

  /** Takes away what is below of an output and shows all of it. */
  void showAgain(String output) throws IOException {
    removeBelow(output, () -> hidden.showAll(output));
  }

  /** Takes away what is below of an output, and shows nothing of it. */
  void takeAway(String output) throws IOException {
    removeBelow(
        output,
        () -> {
          if (outputs.output(output).isPresent()) {
            hidden.hide(Arrays.asList(output.split("/")));
          }
        });
  }

  /** Something that the journal of what is hidden is told. */
  private interface Noted {
    void run() throws IOException;
  }

  /** In its turn: what was begun before comes first. */
  private void removeBelow(String output, Noted noted) throws IOException {
    CompletableFuture<Void> done =
        CompletableFuture.runAsync(
            () -> {
              try {
                Checkout.remove(root.resolve(output));
                noted.run();
                forget(output);
                forgetName(output);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            after);
    var unused = await(done);
  }

  private Optional<byte[]> read(String path) throws IOException {
    Path file = root.resolve(path);
    try {
      return Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Optional.empty();
    }
  }

  private volatile Set<String> projects = Set.of("");

  /** Returns the directories of DVC's projects, the root as the empty path. */
  Set<String> projects() {
    return projects;
  }

  /** Looks for all files that name outputs. Outputs themselves are not looked into. */
  Outputs.Change readAll() throws IOException {
    reading.lock();
    try {
      return readAllNow();
    } finally {
      reading.unlock();
    }
  }

  private Outputs.Change readAllNow() throws IOException {
    tracked.changed();
    NamingWalk walk = NamingWalk.of(root, outputs.places());
    projects = walk.projects();
    Map<String, List<ShownOutput>> all = new TreeMap<>();
    for (String file : walk.files()) {
      all.put(file, named(file, projects));
    }
    return outputs.setAll(all);
  }

  private List<String> names(Path place) {
    String path = root.relativize(place).toString();
    return path.isEmpty() ? List.of() : Arrays.asList(path.split("/"));
  }

  /** Does what a change brings with it; what was begun before comes first. */
  private CompletableFuture<Void> follow(Outputs.Change change) {
    return follow(change, false);
  }

  /** {@code byUs}: a command of this process recorded what is there. */
  private CompletableFuture<Void> follow(Outputs.Change change, boolean byUs) {
    if (change.isEmpty()) {
      return CompletableFuture.runAsync(() -> {}, after); // what was begun before is done by then
    }
    return CompletableFuture.runAsync(() -> followNow(change, byUs), after);
  }

  private void followNow(Outputs.Change change, boolean byUs) {
    Set<String> changed = new HashSet<>(change.before().keySet());
    changed.addAll(change.after().keySet());
    for (String output : changed) {
      try {
        Entry before = change.before().get(output);
        if (before == null) {
          hidden.follow(output);
        } else {
          Optional<Entry> now = outputs.output(output);
          followDeletions(output, before, now, byUs);
          if (!byUs) { // a command sees to its files itself
            superseded.remove(output, before, now).forEach(this::forgetName);
          }
        }
      } catch (IOException | RuntimeException e) {
        log.warn("{}: what was below stays: {}", output, e.toString());
      }
      forget(output);
    }
  }

  /** Follows files that name outputs and were changed past the mount; waits until it is done. */
  void changedBelow() throws IOException {
    boolean unused = await(follow(readAll(), true));
  }

  /** Returns who serves the working copy; empty until it is served. */
  Optional<FuseSession> session() {
    return Optional.ofNullable(session);
  }

  /** The kernel forgets a name, whether or not it found something under it. */
  void forgetName(String path) {
    FuseSession served = session;
    List<String> names = Arrays.asList(path.split("/"));
    List<String> parent = names.subList(0, names.size() - 1);
    if (served != null) {
      long node = node(parent);
      served.invalidateEntry(node, names.getLast());
      served.invalidateInode(node);
    }
  }

  private long node(List<String> directory) {
    return directory.isEmpty()
        ? FileTree.ROOT
        : below
            .nodeAt(directory)
            .orElseGet(
                () ->
                    ShownNodes.number(
                        new Shown(
                            directory, "", Optional.empty(), Optional.of(new OutputPlaces()))));
  }

  /**
   * What was deleted from the output as it was before stays so, for when it is that again; unless
   * just that was recorded: then it is no deletion any more.
   */
  private void followDeletions(String output, Entry before, Optional<Entry> now, boolean byUs)
      throws IOException {
    String version = Outputs.version(before);
    List<String> deleted = hidden.deletedFrom(output, version);
    boolean recorded = !deleted.isEmpty() && now.isPresent();
    for (String path : deleted) {
      recorded =
          recorded && (byUs || outputs.places().find(Arrays.asList(path.split("/"))).isEmpty());
    }
    if (recorded) {
      hidden.forgetAll(output, version);
    } else {
      hidden.follow(output);
    }
  }

  /** The kernel forgets what it knows of an output; directories that stay are listed anew. */
  private void forget(String output) {
    FuseSession served = session;
    if (served == null) {
      return;
    }
    List<String> path = Arrays.asList(output.split("/"));
    OutputPlaces now = outputs.places();
    for (ShownNodes.Held held : shownNodes.inside(path)) {
      if (isSameDirectory(held, now)) {
        served.invalidateInode(held.node());
      } else {
        served.invalidateEntry(held.parent(), held.name());
      }
    }
    for (List<String> directory : directoriesBelow(path)) {
      below.nodeAt(directory).ifPresent(served::invalidateInode);
    }
    for (int length = path.size(); length > 0; length--) {
      if (length == path.size() || below.nodeAt(path.subList(0, length)).isEmpty()) {
        forgetUnlessDirectory(path.subList(0, length), now);
      }
    }
  }

  /** A name that was absent, or a file, is asked for again; a directory's listing is. */
  private void forgetUnlessDirectory(List<String> path, OutputPlaces now) {
    FuseSession served = session;
    boolean held = below.nodeAt(path).isPresent();
    if (served != null && !held) {
      boolean known =
          shownNodes.inside(path).stream()
              .anyMatch(one -> one.path().equals(path) && isSameDirectory(one, now));
      long parent = node(path.subList(0, path.size() - 1));
      if (!known) {
        served.invalidateEntry(parent, path.getLast());
      }
      served.invalidateInode(parent);
    }
  }

  private static boolean isSameDirectory(ShownNodes.Held held, OutputPlaces now) {
    boolean directory = held.entry().isEmpty() || held.entry().get().directory().isPresent();
    if (!directory) {
      return false;
    }
    try {
      return now.isReady(held.path())
          && now.find(held.path()).map(Shown::isDirectory).orElse(false);
    } catch (IOException e) {
      return false;
    }
  }

  private List<List<String>> directoriesBelow(List<String> path) {
    List<List<String>> all = new ArrayList<>();
    Path place = root.resolve(String.join("/", path));
    if (!Files.isDirectory(place)) {
      return all;
    }
    try (var directories = Files.walk(place)) {
      directories.filter(Files::isDirectory).forEach(directory -> all.add(names(directory)));
    } catch (IOException | UncheckedIOException e) {
      log.warn("{}: {}", place, e.toString());
    }
    return all;
  }

  @Override
  public void close() {
    after.shutdown();
  }
}
