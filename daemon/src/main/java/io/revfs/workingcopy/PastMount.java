package io.revfs.workingcopy;

import io.revfs.dvc.manifest.ManifestReader;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.WritableTree;
import io.revfs.fuse.local.LocalTree;
import io.revfs.fuse.local.StaleNodes;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.Origins;
import io.revfs.posix.FileCalls;
import io.revfs.posix.Posix;
import io.revfs.reach.Covered;
import io.revfs.reach.OnlyShown;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.OpenFileStream;
import io.revfs.workingcopy.output.OutputPlaces;
import io.revfs.workingcopy.output.Outputs;
import io.revfs.workingcopy.output.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An attached working copy for commands that run in this process. Thread-safe.
 *
 * <p>Long, as each question of {@link Covered} is answered from the same few parts of one copy.
 */
final class PastMount implements Covered {
  private static final RequestContext US = RequestContext.INTERNAL;
  private static final ExecutorService SETTLING =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("settle-", 0).factory());
  private static final long SECOND = 1_000_000_000L;

  /** A clock of files may be behind ours by a tick. */
  private static final long TICKS = 50_000_000L;

  private final Path shown;
  private final Path root;
  private final LocalTree below;
  private final WritableTree tree;
  private final Outputs outputs;
  private final Hidden hidden;
  private final ShownNodes shownNodes;
  private final ShownFiles files;
  private final Follower follower;

  /** What was changed before this has been told to the kernel, nanoseconds since 1970. */
  private final AtomicLong told = new AtomicLong(now());

  /** {@code root}: where the working copy is reached past its mount. */
  PastMount(
      Path shown,
      Path root,
      LocalTree below,
      WritableTree tree,
      Outputs outputs,
      Hidden hidden,
      ShownNodes shownNodes,
      ShownFiles files,
      Follower follower) {
    this.shown = shown;
    this.root = root.normalize(); // it is made longer, and compared, by what is normalized
    this.below = below;
    this.tree = tree;
    this.outputs = outputs;
    this.hidden = hidden;
    this.shownNodes = shownNodes;
    this.files = files;
    this.follower = follower;
  }

  @Override
  public Path shown() {
    return shown;
  }

  @Override
  public Path below() {
    return root;
  }

  private static List<String> names(String path) {
    return path.isEmpty() ? List.of() : Arrays.asList(path.split("/"));
  }

  private static List<String> with(List<String> path, String name) {
    List<String> longer = new ArrayList<>(path);
    longer.add(name);
    return longer;
  }

  private boolean isBelow(String path) {
    return Files.exists(root.resolve(path), LinkOption.NOFOLLOW_LINKS);
  }

  /** Returns whether what lies around a path below, if anything, is directories. */
  private boolean hasRoomBelow(String path) {
    for (Path at = root.resolve(path).getParent();
        at != null && at.startsWith(root) && !at.equals(root); // that may be a link
        at = at.getParent()) {
      if (Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
        return Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS);
      }
    }
    return true;
  }

  @Override
  public Optional<OnlyShown> find(String path) throws IOException {
    List<String> names = names(path);
    OutputPlaces places = outputs.places();
    if (places.isEmpty() || hidden.has(names) || isBelow(path) || !hasRoomBelow(path)) {
      return Optional.empty();
    }
    return places.find(names).map(this::only);
  }

  private OnlyShown only(Shown at) {
    Optional<Entry> entry = at.entry();
    return new OnlyShown(
        String.join("/", at.path()),
        entry.flatMap(Entry::key),
        at.isDirectory(),
        entry.map(Entry::executable).orElse(false),
        () -> entry.isEmpty() || at.isDirectory() ? 0 : files.size(entry.get()),
        () -> open(entry.orElseThrow()));
  }

  private InputStream open(Entry entry) throws IOException {
    try {
      OpenFile file = files.open(entry);
      return new java.io.FilterInputStream(new OpenFileStream(file)) {
        @Override
        public void close() throws IOException {
          file.close();
        }
      };
    } catch (FuseException e) {
      throw failed(e);
    }
  }

  private static IOException failed(FuseException e) {
    return e.getCause() instanceof IOException io ? io : new IOException(e.getMessage(), e);
  }

  @Override
  public List<OnlyShown> list(String directory) throws IOException {
    List<OnlyShown> all = new ArrayList<>();
    Optional<Shown> at = shownDirectory(directory);
    if (at.isPresent()) {
      Map<String, Boolean> there = namesBelow(directory);
      children(
          at.get(),
          child -> {
            if (!there.containsKey(child.path().getLast()) && !hidden.has(child.path())) {
              all.add(only(child));
            }
          });
    }
    return all;
  }

  private Optional<Shown> shownDirectory(String path) throws IOException {
    List<String> names = names(path);
    OutputPlaces places = outputs.places();
    if (places.isEmpty() || hidden.has(names) || (!isBelow(path) && !hasRoomBelow(path))) {
      return Optional.empty();
    }
    return places.find(names).filter(Shown::isDirectory);
  }

  /** Returns the names in a directory below, each with whether it is a directory. */
  private Map<String, Boolean> namesBelow(String directory) throws IOException {
    Map<String, Boolean> names = new HashMap<>();
    int fd =
        Posix.open(
            Posix.AT_FDCWD,
            FileNames.encode(root.resolve(directory).toString()),
            Posix.O_RDONLY | Posix.O_DIRECTORY,
            0);
    if (fd >= 0) {
      int listed =
          FileCalls.list(
              fd,
              (name, type) -> names.put(FileNames.decode(name), type == FileCalls.TYPE_DIRECTORY));
      int unused = Posix.close(fd);
      io.revfs.posix.PosixFailure.check(listed, directory);
    }
    return names;
  }

  /** Takes what a directory shows. */
  @FunctionalInterface
  private interface Children {
    void take(Shown child) throws IOException;
  }

  private static void children(Shown directory, Children children) throws IOException {
    if (directory.below().isPresent()) {
      for (String name : directory.below().get().names()) {
        Shown child = directory.below().get().find(List.of(name)).orElseThrow();
        children.take(
            new Shown(with(directory.path(), name), child.output(), child.entry(), child.below()));
      }
      return;
    }
    if (directory.entry().flatMap(Entry::directory).isPresent()) {
      directory
          .entry()
          .flatMap(Entry::directory)
          .get()
          .list(
              0,
              entry -> {
                children.take(
                    new Shown(
                        with(directory.path(), entry.name()),
                        directory.output(),
                        Optional.of(entry),
                        Optional.empty()));
                return true;
              });
    }
  }

  @Override
  public void visit(String directory, Visitor visitor) throws IOException {
    Optional<Shown> at = shownDirectory(directory);
    if (at.isPresent()) {
      visit(at.get(), isBelow(directory), visitor);
    }
  }

  private void visit(Shown directory, boolean isBelow, Visitor visitor) throws IOException {
    Map<String, Boolean> there =
        isBelow ? namesBelow(String.join("/", directory.path())) : Map.of();
    children(
        directory,
        child -> {
          Boolean isDirectory = there.get(child.path().getLast());
          boolean seen = isDirectory == null || (isDirectory && child.isDirectory());
          if (!seen || hidden.has(child.path())) {
            return;
          }
          if (child.isDirectory()) {
            visit(child, isDirectory != null, visitor);
          } else {
            visitor.visit(only(child));
          }
        });
  }

  @Override
  public Optional<ObjectKey> recorded(String path) throws IOException {
    OutputPlaces places = outputs.places();
    return places.isEmpty()
        ? Optional.empty()
        : places.find(names(path)).flatMap(Shown::entry).flatMap(Entry::key);
  }

  @Override
  public boolean isRecorded(String path) throws IOException {
    OutputPlaces places = outputs.places();
    return !places.isEmpty() && places.find(names(path)).isPresent();
  }

  @Override
  public Optional<List<OnlyShown>> named(ObjectKey manifest) throws IOException {
    Optional<Entry> entry = outputs.withKey(manifest);
    if (entry.isEmpty()) {
      return namedBefore(manifest);
    }
    List<OnlyShown> all = new ArrayList<>();
    addFiles(new Shown(List.of(), "", entry, Optional.empty()), all);
    return Optional.of(all);
  }

  /** A manifest that outputs had before comes from where those of now come from. */
  private Optional<List<OnlyShown>> namedBefore(ObjectKey manifest) throws IOException {
    for (Origins origins : outputs.origins()) {
      Optional<List<OnlyShown>> named = named(manifest, origins);
      if (named.isPresent()) {
        return named;
      }
    }
    return Optional.empty();
  }

  private Optional<List<OnlyShown>> named(ObjectKey manifest, Origins origins) throws IOException {
    List<OnlyShown> all = new ArrayList<>();
    try (InputStream in = open(file(manifest, origins))) {
      ManifestReader.read(
          in,
          manifest.name(),
          (path, hex, size, executable) -> {
            Digest digest = new Digest(manifest.digest().algorithm(), hex);
            Entry file = file(ObjectKey.file(digest), origins);
            all.add(only(new Shown(names(path), "", Optional.of(file), Optional.empty())));
          });
      return Optional.of(all);
    } catch (ObjectMissingException e) {
      return Optional.empty(); // it may come from elsewhere
    }
  }

  private static Entry file(ObjectKey key, Origins origins) {
    return new Entry(
        key.name(),
        Entry.Kind.FILE,
        false,
        Optional.of(key),
        origins,
        -1,
        Entry.Tracking.INSIDE_OUTPUT,
        Optional.empty(),
        Optional.empty());
  }

  private void addFiles(Shown directory, List<OnlyShown> all) throws IOException {
    children(
        directory,
        child -> {
          if (child.isDirectory()) {
            addFiles(child, all);
          } else {
            all.add(only(child));
          }
        });
  }

  @Override
  public boolean isOutput(String path, ObjectKey key) {
    return outputs.output(path).flatMap(Entry::key).filter(key::equals).isPresent();
  }

  @Override
  public boolean isUntouched(String path, ObjectKey key) {
    return isOutput(path, key) && !isBelow(path) && deleted(path).isEmpty();
  }

  @Override
  public List<String> deleted(String output) {
    return hidden.has(names(output)) ? List.of(output) : hidden.at(output);
  }

  @Override
  public boolean show(String path, Digest digest) throws IOException {
    if (!recorded(path).equals(Optional.of(ObjectKey.file(digest)))) {
      return false;
    }
    unhide(names(path));
    Path place = root.resolve(path);
    if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
      try (var all = Files.walk(place)) {
        for (Path one : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(one);
        }
      }
    } else {
      Files.deleteIfExists(place);
    }
    follower.forgetName(path);
    return true;
  }

  /** A directory on the way that was deleted comes back, without what else was in it. */
  private void unhide(List<String> path) throws IOException {
    for (int length = 1; length <= path.size(); length++) {
      List<String> at = path.subList(0, length);
      String name = String.join("/", at);
      if (!hidden.at(name).contains(name)) {
        continue;
      }
      if (length < path.size()) {
        String next = path.get(length);
        Optional<Shown> directory = outputs.places().find(at);
        if (directory.isPresent()) {
          children(
              directory.get(),
              child -> {
                if (!child.path().getLast().equals(next)) {
                  hidden.hide(child.path());
                }
              });
        }
        hidden.hide(path.subList(0, length + 1));
      }
      hidden.show(name);
      follower.forgetName(name);
    }
  }

  @Override
  public void hide(String path) throws IOException {
    if (outputs.places().isInside(names(path)) && isRecorded(path)) {
      hidden.hide(names(path));
      follower.forgetName(path);
    }
  }

  @Override
  public void bringBelow(String path) throws IOException {
    Optional<OnlyShown> only = find(path);
    if (only.isPresent() && !only.get().directory()) {
      bring(path);
      return;
    }
    List<String> all = new ArrayList<>();
    visit(path, file -> all.add(file.path()));
    for (String file : all) {
      bring(file);
    }
  }

  private void bring(String path) throws IOException {
    List<Long> held = new ArrayList<>();
    try {
      long node = FileTree.ROOT;
      for (String name : names(path)) {
        node = tree.lookup(US, node, name).node();
        held.add(node);
      }
      tree.open(US, node, WritableTree.READ_WRITE, false).close();
    } catch (FuseException e) {
      if (e.errno() != Errno.ESTALE) {
        throw failed(e);
      } // so the kernel hears that it is below now
    } finally {
      held.reversed().forEach(node -> tree.forget(node, 1));
    }
    follower.forgetName(path);
  }

  @Override
  public void changed(String path) {
    if (!path.isEmpty()) {
      follower.forgetName(path);
    }
  }

  private static long now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * SECOND + now.getNano() - TICKS;
  }

  @Override
  public void beforeOthersLook() throws IOException {
    if (Files.isSymbolicLink(root)) { // others who follow it are led to the mount
      settle(told.get());
    }
  }

  @Override
  public void settle(long since) throws IOException {
    long begun = now();
    long before = told.get();
    tellApart(since);
    if (since <= before) {
      told.accumulateAndGet(begun, Math::max);
    }
  }

  /** It waits for the kernel, which virtual threads are too few for; and is not broken off. */
  private void tellApart(long since) throws IOException {
    CompletableFuture<Void> end = new CompletableFuture<>();
    SETTLING.execute(
        () -> {
          try {
            tell(since);
            end.complete(null);
          } catch (IOException | RuntimeException e) {
            end.completeExceptionally(e);
          }
        });
    try {
      end.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e);
    }
  }

  private void tell(long since) throws IOException {
    follower.changedBelow();
    Optional<FuseSession> session = follower.session();
    adopt(session);
    if (session.isPresent()) {
      FuseSession served = session.get();
      below.staleSince(
          since,
          new StaleNodes.Sink() {
            @Override
            public void entry(long directory, String name) {
              served.invalidateEntry(directory, name);
            }

            @Override
            public void node(long node) {
              served.invalidateInode(node);
            }
          });
    }
  }

  /** What was only shown and is below now: directories keep their nodes, files are others. */
  private void adopt(Optional<FuseSession> session) throws IOException {
    Map<List<String>, Boolean> directories = new HashMap<>();
    for (ShownNodes.Held held : shownNodes.all()) {
      List<String> parent = held.path().subList(0, held.path().size() - 1);
      boolean around = directories.computeIfAbsent(parent, path -> below.nodeAt(path).isPresent());
      Path place = root.resolve(String.join("/", held.path()));
      if (!around || !Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
        continue;
      }
      if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)
          && (held.entry().isEmpty() || held.entry().get().directory().isPresent())) {
        try {
          below.adopt(held.node(), held.parent(), held.name(), held.references());
          shownNodes.drop(held.node());
          session.ifPresent(served -> served.invalidateInode(held.node()));
        } catch (FuseException e) {
          throw failed(e);
        }
      } else {
        session.ifPresent(served -> served.invalidateEntry(held.parent(), held.name()));
      }
    }
  }
}
