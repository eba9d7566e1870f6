package io.revfs.workspace;

import io.revfs.dvc.Output;
import io.revfs.dvc.OutputFile;
import io.revfs.dvc.manifest.ManifestWriter;
import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import io.revfs.reach.Passages;
import io.revfs.stage.Dep;
import io.revfs.stage.Out;
import io.revfs.workspace.store.ManifestItem;
import io.revfs.workspace.store.ObjectStore;
import io.revfs.workspace.store.Parallel;
import io.revfs.workspace.store.Progress;
import io.revfs.workspace.store.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Outputs and dependencies of stages as files: what they hold against what is recorded, saved,
 * checked out. Thread-safe; one for each command.
 */
public final class OutFiles {
  private static final int OBJECTS_AT_ONCE = 4096;

  private final Workspace workspace;
  private final Path root;
  private final TreeReader reader;
  private final Progress progress;
  private final CleanOutputs clean;
  private final PartlyShown partly;

  /**
   * @param root of the project
   * @param ignored what is not seen inside of outputs
   */
  public OutFiles(Workspace workspace, Path root, IgnoreFilter ignored, Progress progress) {
    this.workspace = workspace;
    this.root = root;
    this.reader = workspace.reader().ignoring(ignored).telling(progress);
    this.progress = progress;
    this.clean = new CleanOutputs(workspace.cleanTrees(), workspace.store(), root, reader);
    this.partly = new PartlyShown(reader);
  }

  /** Returns the project's work tree and cache. */
  public Workspace workspace() {
    return workspace;
  }

  /** Returns where an output is. */
  public Path place(Out out) {
    return out.place().file(root);
  }

  /** Returns how an output is hashed: as it was, and new ones by MD5. */
  public static Digest.Algorithm algorithm(Out out) {
    return out.key().map(key -> key.digest().algorithm()).orElse(Digest.Algorithm.MD5);
  }

  /**
   * Returns the object that is recorded. For a directory whose files are listed in place it is the
   * manifest that they would have, which is put into the cache.
   */
  public Optional<ObjectKey> key(Out out) throws IOException {
    if (out.recorded().files().isEmpty()) {
      return out.key();
    }
    ManifestWriter manifest = new ManifestWriter();
    for (OutputFile file : out.recorded().files()) {
      if (file.md5().isEmpty()) {
        return Optional.empty();
      }
      manifest.add(file.path(), file.md5().get().hex());
    }
    byte[] bytes = manifest.toBytes();
    Hasher hasher = Hasher.of(Digest.Algorithm.MD5, bytes.length).orElseThrow();
    hasher.update(ByteBuffer.wrap(bytes));
    ObjectKey key = new ObjectKey(hasher.finish(), true);
    workspace.store().put(key, bytes);
    return Optional.of(key);
  }

  /** Returns what an output holds now; empty if nothing is there. */
  public Optional<Contents> contents(Out out) throws IOException {
    return reader.by(algorithm(out)).read(place(out));
  }

  /** Returns what a place holds now; empty if nothing is there. */
  public Optional<Contents> contents(Path place, Digest.Algorithm algorithm) throws IOException {
    return reader.by(algorithm).read(place);
  }

  /** Returns how an output differs from what is recorded, and whether the cache has that. */
  public Optional<OutStatus> status(Out out) throws IOException {
    Optional<ObjectKey> key = key(out);
    if (key.isPresent()) {
      Optional<Optional<OutStatus>> shown = shown(place(out), key.get(), out.cached());
      if (shown.isPresent()) {
        return shown.get();
      }
    }
    if (key.isEmpty() || !out.cached()) {
      return compare(place(out), key, algorithm(out));
    }
    if (!key.get().manifest()) {
      return workspace.store().check(key.get())
          ? compare(place(out), key, algorithm(out))
          : Optional.of(OutStatus.NOT_IN_CACHE);
    }
    return switch (clean.known(place(out), key.get(), true)) {
      case CLEAN -> Optional.empty();
      case MODIFIED -> Optional.of(OutStatus.MODIFIED);
      case NOTHING ->
          switch (clean.find(place(out), key.get(), true)) {
            case CLEAN -> Optional.empty();
            case NOT_IN_CACHE -> Optional.of(OutStatus.NOT_IN_CACHE);
            case ABSENT -> notCachedOr(key.get(), OutStatus.DELETED);
            case MODIFIED -> notCachedOr(key.get(), OutStatus.MODIFIED);
          };
    };
  }

  private Optional<OutStatus> notCachedOr(ObjectKey key, OutStatus otherwise) throws IOException {
    return Optional.of(isCached(key) ? otherwise : OutStatus.NOT_IN_CACHE);
  }

  /** Returns how an output differs from what is recorded. */
  public Optional<OutStatus> workStatus(Out out) throws IOException {
    return compare(place(out), key(out), algorithm(out));
  }

  /** Returns how a dependency on this machine differs from what is recorded. */
  public Optional<OutStatus> status(Dep dep) throws IOException {
    Digest.Algorithm algorithm =
        dep.key().map(key -> key.digest().algorithm()).orElse(Digest.Algorithm.MD5);
    return compare(dep.place().file(root), dep.key(), algorithm);
  }

  /** As {@link PartlyShown#status}; all that is below and was not written is known, too. */
  private Optional<Optional<OutStatus>> shown(Path place, ObjectKey key, boolean cached)
      throws IOException {
    if (!PartlyShown.isOutput(place, key)) {
      return Optional.empty();
    }
    if (isShown(place, key)) {
      return Optional.of(Optional.empty());
    }
    if (key.manifest()) {
      CleanOutputs.Known known = clean.known(place, key, cached);
      if (known == CleanOutputs.Known.CLEAN) {
        return Optional.of(Optional.empty());
      }
      if (known == CleanOutputs.Known.NOTHING) {
        CleanOutputs.Found found = clean.find(place, key, cached);
        if (found == CleanOutputs.Found.CLEAN) {
          return Optional.of(Optional.empty());
        }
        if (found == CleanOutputs.Found.NOT_IN_CACHE) {
          return Optional.of(Optional.of(OutStatus.NOT_IN_CACHE));
        }
      }
      return partly.status(place, key);
    }
    Optional<Optional<OutStatus>> status = partly.status(place, key);
    boolean clean = status.isPresent() && status.get().isEmpty();
    boolean lost = cached && clean && !workspace.store().exists(key);
    return lost ? Optional.of(Optional.of(OutStatus.NOT_IN_CACHE)) : status;
  }

  /** Returns whether an output is only shown, all of it, as it is recorded. */
  public static boolean isShown(Path place, ObjectKey key) {
    return Passages.at(place).filter(at -> at.covered().isUntouched(at.path(), key)).isPresent();
  }

  /** Returns whether an object is in the cache, or can be shown as a place has it recorded. */
  public boolean isHere(Path place, ObjectKey key) throws IOException {
    if (workspace.store().exists(key)) {
      return true;
    }
    Optional<Passages.Place> at = Passages.at(place);
    return at.isPresent() && at.get().covered().recorded(at.get().path()).equals(Optional.of(key));
  }

  /** Returns what a place in an attached working copy shows, if it holds just that. */
  public Optional<ObjectKey> shown(Path place) {
    return workspace.shown().shown(place);
  }

  /** Returns who knows of outputs that are only shown. */
  public ShownOutputs shownOutputs() {
    return workspace.shown();
  }

  private Optional<OutStatus> compare(
      Path place, Optional<ObjectKey> recorded, Digest.Algorithm algorithm) throws IOException {
    Optional<ObjectKey> only = shown(place);
    if (only.isPresent()) { // to read it would be to fetch it
      return only.equals(recorded) ? Optional.empty() : Optional.of(OutStatus.MODIFIED);
    }
    if (recorded.isPresent()) {
      Optional<Optional<OutStatus>> shown = shown(place, recorded.get(), false);
      if (shown.isPresent()) {
        return shown.get();
      }
    }
    if (recorded.isPresent() && recorded.get().manifest()) {
      return compareDirectory(place, recorded.get());
    }
    Optional<Digest> known = reader.by(algorithm).known(place);
    if (known.isPresent() && recorded.isPresent()) {
      return known.get().equals(recorded.get().digest())
          ? Optional.empty()
          : Optional.of(OutStatus.MODIFIED);
    }
    Optional<Contents> now = reader.by(algorithm).read(place);
    if (now.isEmpty()) {
      return Optional.of(OutStatus.DELETED);
    }
    // Also of what nothing is recorded of: DVC calls that modified, not new.
    return Optional.of(now.get().key()).equals(recorded)
        ? Optional.empty()
        : Optional.of(OutStatus.MODIFIED);
  }

  private Optional<OutStatus> compareDirectory(Path place, ObjectKey key) throws IOException {
    return switch (clean.known(place, key, false)) {
      case CLEAN -> Optional.empty();
      case MODIFIED -> Optional.of(OutStatus.MODIFIED);
      case NOTHING ->
          switch (clean.find(place, key, false)) {
            case ABSENT -> Optional.of(OutStatus.DELETED);
            case MODIFIED -> Optional.of(OutStatus.MODIFIED);
            case CLEAN, NOT_IN_CACHE -> Optional.empty();
          };
    };
  }

  /** Returns whether the cache has an object and, if it is a manifest, all that it names. */
  public boolean isCached(ObjectKey key) throws IOException {
    ObjectStore store = workspace.store();
    if (!store.check(key)) {
      return false;
    }
    if (!key.manifest()) {
      return true;
    }
    Optional<List<ManifestItem>> items = items(key);
    if (items.isEmpty()) {
      return false;
    }
    AtomicBoolean all = new AtomicBoolean(true);
    List<List<ManifestItem>> pieces = new ArrayList<>();
    for (int at = 0; at < items.get().size(); at += OBJECTS_AT_ONCE) {
      int end = Math.min(items.get().size(), at + OBJECTS_AT_ONCE);
      pieces.add(items.get().subList(at, end));
    }
    if (pieces.size() == 1) {
      return hasAll(pieces.getFirst(), all);
    }
    Parallel.run(
        pieces,
        () ->
            (piece, more) -> {
              if (!hasAll(piece, all)) {
                all.set(false);
              }
            });
    return all.get();
  }

  private boolean hasAll(List<ManifestItem> items, AtomicBoolean all) throws IOException {
    for (ManifestItem item : items) {
      if (!all.get() || !workspace.store().check(ObjectKey.file(item.digest()))) {
        return false;
      }
    }
    return true;
  }

  /** Returns what a manifest names, in its order; empty if the cache lacks it. */
  public Optional<List<ManifestItem>> items(ObjectKey manifest) throws IOException {
    return PartlyShown.items(workspace.store(), manifest);
  }

  /** Returns what {@code recorded} becomes when its output holds these contents. */
  public static Output recorded(Output recorded, Contents contents) {
    return new Output(
        recorded.path(),
        Optional.of(contents.key()),
        OptionalLong.of(contents.size()),
        contents instanceof Contents.Directory directory
            ? OptionalLong.of(directory.entries().size())
            : OptionalLong.empty(),
        contents instanceof Contents.File file && file.entry().isExecutable(),
        recorded.cached(),
        recorded.remote(),
        recorded.push(),
        java.util.List.of(),
        Map.of(),
        recorded.line());
  }

  /**
   * Returns what an output holds, put into the cache with all it has inside.
   *
   * @param relink whether its files may become links to the cache; a single file that may be
   *     executed never does, since an object has no mode but its own
   */
  public Optional<Contents> store(Path place, Digest.Algorithm algorithm, boolean relink)
      throws IOException {
    boolean executable = Files.isRegularFile(place) && Files.isExecutable(place);
    boolean asLinks = relink && !executable && !workspace.linker().typeFor(place).isOwn();
    return reader.by(algorithm).storing(workspace.store(), asLinks).read(place);
  }

  /**
   * Replaces a part of a directory by what is there now, as {@code add} of a path inside does.
   *
   * @param recorded the directory's manifest
   * @param inside the part, from the directory; whatever is there: a file, a directory, nothing
   * @param part what was found there, by {@link #store}
   * @return the directory's new contents, stored; sizes are those of the part only
   */
  public Contents.Directory replaced(
      Optional<ObjectKey> recorded, String inside, Optional<Contents> part, boolean store)
      throws IOException {
    Map<String, FileEntry> entries = new HashMap<>();
    Digest.Algorithm algorithm = Digest.Algorithm.MD5;
    if (recorded.isPresent()) {
      ObjectKey manifest = recorded.get();
      algorithm = manifest.digest().algorithm();
      List<ManifestItem> items =
          items(manifest)
              .orElseThrow(
                  () ->
                      new RefusedException(
                          "the cache lacks the directory's list %s".formatted(manifest),
                          "fetch it first: dvc fetch"));
      for (ManifestItem item : items) {
        entries.put(
            item.path(), new FileEntry(item.path(), item.digest(), 0, 0, FileEntry.Place.OWN));
      }
    }
    entries.keySet().removeIf(path -> path.equals(inside) || path.startsWith(inside + "/"));
    switch (part.orElse(null)) {
      case null -> {}
      case Contents.File file -> entries.put(inside, moved(file.entry(), inside));
      case Contents.Directory directory ->
          directory
              .entries()
              .forEach(
                  entry -> {
                    String path = inside + "/" + entry.path();
                    entries.put(path, moved(entry, path));
                  });
    }
    TreeReader by = reader.by(algorithm);
    TreeReader into = store ? by.storing(workspace.store(), false) : by;
    return into.directoryOf(List.copyOf(entries.values()));
  }

  private static FileEntry moved(FileEntry entry, String path) {
    return new FileEntry(path, entry.digest(), entry.size(), entry.mode(), entry.place());
  }

  /** Returns what makes places hold what they should. */
  public Checkout checkout() {
    return workspace.checkout(reader, progress, this::isRight);
  }

  private boolean isRight(Wanted wanted) throws IOException {
    if (wanted.inside().isEmpty() && isShown(wanted.place(), wanted.key())) {
      return true;
    }
    return wanted.key().manifest()
        && wanted.inside().isEmpty()
        && clean.known(wanted.place(), wanted.key(), false) == CleanOutputs.Known.CLEAN;
  }

  /** Returns whether nothing is at an output's place. */
  public boolean isAbsent(Out out) throws IOException {
    return !Files.exists(place(out)) && !Passages.exists(place(out));
  }
}
