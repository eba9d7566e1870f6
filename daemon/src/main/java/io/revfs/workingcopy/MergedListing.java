package io.revfs.workingcopy;

import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.RequestContext;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.SnapshotDirectory;
import io.revfs.workingcopy.output.Shown;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A directory that has both: what is shown and what is below. First what is shown, in the order in
 * which outputs have it, then the names below as they were when the listing began.
 */
final class MergedListing implements DirectoryListing {
  /** Positions from here on are of names below; far more than a directory shows. */
  private static final long BELOW = 1L << 40;

  private final Shown shown;
  private final HiddenNames hidden;
  private final List<Name> below;
  private final Set<String> belowNames = new HashSet<>();

  /** A name below. */
  record Name(byte[] name, long node, FileKind kind) {}

  /** Says which names of the directory are hidden. */
  @FunctionalInterface
  interface HiddenNames {
    boolean has(String name);
  }

  MergedListing(Shown shown, HiddenNames hidden, List<Name> below) {
    this.shown = shown;
    this.hidden = hidden;
    this.below = below;
    below.forEach(name -> belowNames.add(FileNames.decode(name.name())));
  }

  /** Reads all names of a directory below. */
  static List<Name> names(DirectoryListing listing) throws FuseException {
    List<Name> all = new ArrayList<>();
    listing.list(
        RequestContext.INTERNAL,
        START,
        (name, node, kind, next) -> {
          all.add(new Name(name, node, kind));
          return true;
        });
    return all;
  }

  @Override
  public void list(RequestContext context, long position, EntrySink sink) throws FuseException {
    if (position < BELOW && !listShown(position, sink)) {
      return;
    }
    for (long i = Math.max(0, position - BELOW); i < below.size(); i++) {
      Name name = below.get((int) i);
      if (!sink.accept(name.name(), name.node(), name.kind(), BELOW + i + 1)) {
        return;
      }
    }
  }

  private boolean isThere(String name) {
    return !belowNames.contains(name) && !hidden.has(name);
  }

  /** Returns whether there was room for all. */
  private boolean listShown(long position, EntrySink sink) throws FuseException {
    if (shown.below().isPresent()) {
      List<String> names = shown.below().get().names();
      for (long i = position; i < names.size(); i++) {
        if (!offer(names.get((int) i), i, sink)) {
          return false;
        }
      }
      return true;
    }
    Optional<SnapshotDirectory> directory = shown.entry().flatMap(Entry::directory);
    return directory.isEmpty()
        || FuseException.translating(() -> new Pass(position, sink).list(directory.get()));
  }

  private boolean offer(String name, long at, EntrySink sink) throws FuseException {
    if (!isThere(name)) {
      return true;
    }
    Shown child = child(name);
    return sink.accept(
        FileNames.encode(name),
        ShownNodes.number(child),
        child.isDirectory() ? FileKind.DIRECTORY : FileKind.REGULAR,
        at + 1);
  }

  private Shown child(String name) throws FuseException {
    List<String> path = new ArrayList<>(shown.path());
    path.add(name);
    return FuseException.translating(() -> shown.below().orElseThrow().find(List.of(name)))
        .map(found -> new Shown(path, found.output(), found.entry(), found.below()))
        .orElseThrow();
  }

  /** One pass over an output's directory. */
  private final class Pass {
    private final EntrySink sink;
    private long at;
    private boolean room = true;

    Pass(long position, EntrySink sink) {
      this.at = position;
      this.sink = sink;
    }

    boolean list(SnapshotDirectory directory) throws IOException, FuseException {
      FuseException[] failed = new FuseException[1];
      directory.list(
          at,
          entry -> {
            try {
              room = take(entry);
            } catch (FuseException e) {
              failed[0] = e;
              room = false;
            }
            return room;
          });
      if (failed[0] != null) {
        throw failed[0];
      }
      return room;
    }

    private boolean take(Entry entry) throws FuseException {
      if (!isThere(entry.name())) {
        at++;
        return true;
      }
      List<String> path = new ArrayList<>(shown.path());
      path.add(entry.name());
      Shown child = new Shown(path, shown.output(), Optional.of(entry), Optional.empty());
      boolean taken =
          sink.accept(
              FileNames.encode(entry.name()),
              ShownNodes.number(child),
              child.isDirectory() ? FileKind.DIRECTORY : FileKind.REGULAR,
              at + 1);
      if (taken) {
        at++;
      }
      return taken;
    }
  }

  @Override
  public void close() {}
}
