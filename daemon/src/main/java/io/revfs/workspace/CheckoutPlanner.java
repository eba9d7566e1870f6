package io.revfs.workspace;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.posix.FileStat;
import io.revfs.posix.Posix;
import io.revfs.text.RelativePaths;
import io.revfs.workspace.store.Clock;
import io.revfs.workspace.store.FileStates;
import io.revfs.workspace.store.LinkType;
import io.revfs.workspace.store.Linker;
import io.revfs.workspace.store.ManifestItem;
import io.revfs.workspace.store.Names;
import io.revfs.workspace.store.Parallel;
import io.revfs.workspace.store.RefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares places in the work tree with objects of the cache: what must be made, what would be
 * lost, and what is missing. Changes nothing. Thread-safe.
 */
final class CheckoutPlanner {
  private static final int FILES_AT_ONCE = 1024;

  private final TreeReader reader;
  private final Linker linker;
  private final FileStates states;
  private final Clock clock;
  private final Checkout.Known known;

  CheckoutPlanner(
      TreeReader reader, Linker linker, FileStates states, Clock clock, Checkout.Known known) {
    this.reader = reader;
    this.linker = linker;
    this.states = states;
    this.clock = clock;
    this.known = known;
  }

  /** As {@link Checkout#plan}. */
  CheckoutPlan plan(Wanted wanted, boolean relink) throws IOException {
    if (!relink && known.isRight(wanted)) {
      return new CheckoutPlan(
          wanted, true, List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
    }
    Digest.Algorithm algorithm = wanted.key().digest().algorithm();
    Optional<Contents> before = reader.by(algorithm).read(wanted.meant());
    List<FileEntry> old = before.map(contents -> entries(contents, wanted)).orElse(List.of());
    Optional<List<ManifestItem>> manifest = items(wanted);
    if (manifest.isEmpty()) {
      List<String> missing = List.of(wanted.key().toString());
      return new CheckoutPlan(
          wanted,
          before.isPresent(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          missing);
    }
    List<ManifestItem> added = new ArrayList<>();
    List<ManifestItem> modified = new ArrayList<>();
    List<ManifestItem> relinked = new ArrayList<>();
    Map<String, FileEntry> left = new HashMap<>(old.size() * 2);
    old.forEach(entry -> left.put(entry.path(), entry));
    List<FileEntry> overwritten = new ArrayList<>();
    LinkType type = relink ? linker.typeFor(wanted.place()) : LinkType.COPY;
    for (ManifestItem item : manifest.get()) {
      FileEntry there = left.remove(item.path());
      if (there == null) {
        added.add(item);
      } else if (!there.digest().equals(item.digest())) {
        modified.add(item);
        overwritten.add(there);
      } else if (relink && needsRelink(wanted, there, type)) {
        relinked.add(item);
      }
    }
    List<FileEntry> deleted = new ArrayList<>(left.values());
    deleted.sort(Comparator.comparing(FileEntry::path, Names.BY_CODE_POINT));
    overwritten.addAll(deleted);
    return new CheckoutPlan(
        wanted,
        before.isPresent(),
        added,
        modified,
        deleted,
        relinked,
        unsaved(wanted, overwritten),
        missing(wanted, added, modified, relinked));
  }

  /** As {@link Checkout#relinking}. */
  CheckoutPlan relinking(Wanted wanted, Contents now) throws IOException {
    LinkType type = linker.typeFor(wanted.place());
    List<ManifestItem> relinked = Collections.synchronizedList(new ArrayList<>());
    eachOf(
        entries(now, wanted),
        entry -> {
          if (needsRelink(wanted, entry, type)) {
            relinked.add(new ManifestItem(entry.path(), entry.digest()));
          }
        });
    checkUnchanged(wanted, relinked);
    return new CheckoutPlan(
        wanted,
        true,
        List.of(),
        List.of(),
        List.of(),
        List.copyOf(relinked),
        List.of(),
        missing(wanted, relinked));
  }

  /** Files that are replaced by links must be what was stored: what came since would be lost. */
  private void checkUnchanged(Wanted wanted, List<ManifestItem> items) throws IOException {
    if (items.isEmpty()) {
      return;
    }
    TreeReader by = reader.by(wanted.key().digest().algorithm());
    Map<String, Digest> now = new HashMap<>();
    if (wanted.key().manifest()) {
      Set<String> folders = new HashSet<>();
      items.forEach(item -> folders.add(RelativePaths.parent(item.path())));
      by.readFolders(wanted.place(), folders)
          .forEach(entry -> now.put(entry.path(), entry.digest()));
    } else {
      by.read(wanted.place()).ifPresent(contents -> now.put("", contents.key().digest()));
    }
    for (ManifestItem item : items) {
      if (!item.digest().equals(now.get(item.path()))) {
        throw new RefusedException(
            "'%s' changes while it is added".formatted(wanted.at(item.path())),
            "wait until nothing writes to it, then try again");
      }
    }
  }

  private static List<FileEntry> entries(Contents contents, Wanted wanted) {
    return switch (contents) {
      case Contents.File file -> List.of(moved(file.entry(), wanted.inside()));
      case Contents.Directory directory when wanted.inside().isEmpty() -> directory.entries();
      case Contents.Directory directory ->
          directory.entries().stream()
              .map(entry -> moved(entry, wanted.inside() + "/" + entry.path()))
              .toList();
    };
  }

  private static FileEntry moved(FileEntry entry, String path) {
    return new FileEntry(path, entry.digest(), entry.size(), entry.mode(), entry.place());
  }

  /** Returns the files that are wanted; empty if the cache lacks the manifest. */
  private Optional<List<ManifestItem>> items(Wanted wanted) throws IOException {
    ObjectKey key = wanted.key();
    if (!key.manifest()) {
      return Optional.of(List.of(new ManifestItem("", key.digest())));
    }
    Optional<List<ManifestItem>> all = PartlyShown.items(linker.store(), key);
    return wanted.inside().isEmpty()
        ? all
        : all.map(list -> list.stream().filter(item -> wanted.means(item.path())).toList());
  }

  private boolean needsRelink(Wanted wanted, FileEntry there, LinkType type) {
    if (there.place() == FileEntry.Place.SHOWN) {
      return false;
    }
    return switch (type) {
      case COPY, REFLINK -> there.place() != FileEntry.Place.OWN;
      case HARDLINK -> {
        if (wanted.executable()) {
          yield there.place() != FileEntry.Place.OWN;
        }
        FileStat file = Posix.stat(Posix.AT_FDCWD, Names.bytes(wanted.at(there.path())), false);
        byte[] object = linker.store().pathBytes(ObjectKey.file(there.digest()));
        FileStat stored = Posix.stat(Posix.AT_FDCWD, object, false);
        yield file == null
            || stored == null
            || file.inode() != stored.inode()
            || file.device() != stored.device();
      }
      case SYMLINK -> {
        if (wanted.executable()) {
          yield there.place() != FileEntry.Place.OWN;
        }
        byte[] target = Posix.readLink(Posix.AT_FDCWD, Names.bytes(wanted.at(there.path())));
        byte[] object = Linker.linked(linker.store(), ObjectKey.file(there.digest()));
        yield target == null || !java.util.Arrays.equals(target, object);
      }
    };
  }

  private List<Path> unsaved(Wanted wanted, List<FileEntry> lost) throws IOException {
    List<Path> unsaved = Collections.synchronizedList(new ArrayList<>());
    eachOf(
        lost,
        entry -> {
          if (!linker.store().exists(ObjectKey.file(entry.digest()))) {
            unsaved.add(wanted.at(entry.path()));
          }
        });
    Collections.sort(unsaved);
    return unsaved;
  }

  @SafeVarargs
  private List<String> missing(Wanted wanted, List<ManifestItem>... items) throws IOException {
    List<ManifestItem> all = new ArrayList<>();
    for (List<ManifestItem> list : items) {
      all.addAll(list);
    }
    List<String> missing = Collections.synchronizedList(new ArrayList<>());
    boolean links = !all.isEmpty() && !linker.typeFor(wanted.place()).isOwn();
    eachPiece(
        all,
        piece -> {
          List<FileStates.Known> there = new ArrayList<>(piece.size());
          long now = Clock.now();
          for (ManifestItem item : piece) {
            FileStat object = linker.store().find(ObjectKey.file(item.digest()));
            if (object == null && PartlyShown.canShow(wanted.at(item.path()), item.digest())) {
              continue;
            }
            if (object == null) {
              missing.add(wanted.at(item.path()) + " (" + item.digest() + ")");
            } else if (links && object.isProtected() && clock.isSettled(object, now)) {
              there.add(new FileStates.Known(object, item.digest()));
            }
          }
          remember(there);
        });
    Collections.sort(missing);
    return missing;
  }

  /** Something to do with one file. */
  private interface Step<T> {
    void take(T item) throws IOException;
  }

  private static <T> void eachOf(List<T> items, Step<T> step) throws IOException {
    eachPiece(
        items,
        piece -> {
          for (T item : piece) {
            step.take(item);
          }
        });
  }

  private static <T> void eachPiece(List<T> items, Step<List<T>> step) throws IOException {
    if (items.size() <= FILES_AT_ONCE) {
      step.take(items);
      return;
    }
    List<List<T>> pieces = new ArrayList<>();
    for (int at = 0; at < items.size(); at += FILES_AT_ONCE) {
      pieces.add(items.subList(at, Math.min(items.size(), at + FILES_AT_ONCE)));
    }
    Parallel.run(pieces, () -> (piece, more) -> step.take(piece));
  }

  /**
   * Notes what objects hold that are about to be linked: the links are the same files. Those that
   * are known need not be written again.
   */
  private void remember(List<FileStates.Known> made) {
    if (made.isEmpty()) {
      return;
    }
    Digest.Algorithm algorithm = made.getFirst().digest().algorithm();
    @Nullable Digest[] known =
        states.find(made.stream().map(FileStates.Known::stat).toList(), algorithm);
    List<FileStates.Known> learned = new ArrayList<>();
    for (int i = 0; i < known.length; i++) {
      if (!made.get(i).digest().equals(known[i])) {
        learned.add(made.get(i));
      }
    }
    states.record(learned);
  }
}
