package io.revfs.workingcopy;

import io.revfs.fuse.AttributeChange;
import io.revfs.fuse.Attributes;
import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileSystemStatistics;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.SlowAnswerException;
import io.revfs.fuse.WritableTree;
import io.revfs.fuse.local.LocalTree;
import io.revfs.fuse.local.NodeMemory;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.FixedAttributes;
import io.revfs.workingcopy.output.NamingFiles;
import io.revfs.workingcopy.output.OutputPlaces;
import io.revfs.workingcopy.output.Outputs;
import io.revfs.workingcopy.output.Shown;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A working copy as it is mounted over itself: what is below is passed through ({@link LocalTree});
 * where a name is not below, what outputs have there is shown. Thread-safe.
 *
 * <p>What is below always wins. A shown file is immutable: whoever wants to change it is told
 * ESTALE once it was brought below ({@link CopyUp}), and the kernel looks again and finds that one;
 * who has the shown one open keeps what it had. A shown directory that something is put into is
 * made below and keeps its node.
 *
 * <p>A change of a file that names outputs is told to {@link NamingFiles}.
 *
 * <p>Long, as each request is decided here: is it of what is below or of what is shown?
 */
final class WorkingTree implements WritableTree {
  private static final int RENAME_NOREPLACE = 1;
  private static final int RENAME_EXCHANGE = 2;

  private final LocalTree below;
  private final Outputs outputs;
  private final Hidden hidden;
  private final ShownNodes shownNodes;
  private final ShownFiles files;
  private final CopyUp copies;
  private final NodeMemory memory;
  private final NamingFiles naming;

  WorkingTree(
      LocalTree below,
      Outputs outputs,
      Hidden hidden,
      ShownNodes shownNodes,
      ShownFiles files,
      CopyUp copies,
      NodeMemory memory,
      NamingFiles naming) {
    this.below = below;
    this.outputs = outputs;
    this.hidden = hidden;
    this.shownNodes = shownNodes;
    this.files = files;
    this.copies = copies;
    this.memory = memory;
    this.naming = naming;
  }

  // Where things are.

  @Override
  public List<String> path(long node) throws FuseException {
    Optional<ShownNodes.Held> held = shownNodes.find(node);
    return held.isPresent() ? held.get().path() : below.path(node);
  }

  private List<String> path(long parent, String name) throws FuseException {
    List<String> path = new ArrayList<>(path(parent));
    path.add(name);
    return path;
  }

  /** Returns what outputs have at a path and was not deleted there. */
  private Optional<Shown> shown(RequestContext context, List<String> path) throws FuseException {
    OutputPlaces places = outputs.places();
    if (places.isEmpty() || hidden.has(path)) {
      return Optional.empty();
    }
    if (!FuseException.translating(() -> places.isReady(path))) {
      context.beforeSlowAnswer();
    }
    return FuseException.translating(() -> places.find(path));
  }

  /**
   * Returns a shown node: one that is held, or one that the process before this one had looked up.
   */
  private Optional<ShownNodes.Held> held(RequestContext context, long node) throws FuseException {
    Optional<ShownNodes.Held> held = shownNodes.find(node);
    if (held.isPresent() || node == ROOT || below.isHeld(node)) {
      return held;
    }
    Optional<NodeMemory.Place> place = memory.find(node);
    if (place.isEmpty()) {
      return Optional.empty();
    }
    try {
      List<String> path = path(place.get().parent(), place.get().name());
      Optional<Shown> found = shown(context, path);
      if (found.isEmpty() || ShownNodes.number(found.get()) != node) {
        return Optional.empty();
      }
      if (found.get().isDirectory() && below.nodeAt(path).isPresent()) {
        below.adopt(node, place.get().parent(), place.get().name(), 0);
        return Optional.empty();
      }
      shownNodes.found(node, place.get().parent(), found.get());
      return shownNodes.find(node);
    } catch (SlowAnswerException e) {
      throw e;
    } catch (FuseException e) {
      return Optional.empty(); // its directory is gone, so it is no shown one
    }
  }

  private static FuseException stale(String what) {
    return new FuseException(Errno.ESTALE, what);
  }

  // Looking.

  @Override
  public Attributes lookup(RequestContext context, long parent, String name) throws FuseException {
    boolean parentShown = held(context, parent).isPresent();
    if (!parentShown) {
      try {
        return asShown(context, parent, name, below.lookup(context, parent, name));
      } catch (FuseException e) {
        if (e.errno() != Errno.ENOENT) {
          throw e;
        }
      }
    }
    List<String> path = path(parent, name);
    Shown shown =
        shown(context, path)
            .orElseThrow(() -> new FuseException(Errno.ENOENT, String.join("/", path)));
    long node = ShownNodes.number(shown);
    Attributes found = files.attributes(context, node, shown);
    shownNodes.found(node, parent, shown);
    return found;
  }

  /**
   * A directory below where outputs have one, too, has that one's number: the kernel may know it by
   * that from before it was made below, or from the process before this one.
   */
  private Attributes asShown(RequestContext context, long parent, String name, Attributes found)
      throws FuseException {
    if (found.kind() != FileKind.DIRECTORY || outputs.places().isEmpty()) {
      return found;
    }
    Optional<Shown> shown = shownIfKnown(context, path(parent, name));
    if (shown.isEmpty() || !shown.get().isDirectory()) {
      return found;
    }
    long node = ShownNodes.number(shown.get());
    if (found.node() == node) {
      return found;
    }
    below.adopt(node, parent, name, 1);
    below.forget(found.node(), 1);
    shownNodes.drop(node);
    return below.attributes(context, node);
  }

  /** As {@link #shown}; where that cannot be known, what is below can be used all the same. */
  private Optional<Shown> shownIfKnown(RequestContext context, List<String> path)
      throws FuseException {
    try {
      return shown(context, path);
    } catch (SlowAnswerException e) {
      throw e;
    } catch (FuseException e) {
      return Optional.empty();
    }
  }

  @Override
  public Attributes attributes(RequestContext context, long node) throws FuseException {
    Optional<ShownNodes.Held> held = held(context, node);
    return held.isPresent()
        ? files.attributes(context, node, shown(held.get()))
        : below.attributes(context, node);
  }

  private static Shown shown(ShownNodes.Held held) {
    return new Shown(held.path(), "", held.entry(), Optional.empty());
  }

  @Override
  public String readLink(RequestContext context, long node) throws FuseException {
    if (held(context, node).isPresent()) {
      throw new FuseException(Errno.EINVAL, "no link");
    }
    return below.readLink(context, node);
  }

  @Override
  public DirectoryListing openDirectory(RequestContext context, long node) throws FuseException {
    boolean onlyShown = held(context, node).isPresent();
    List<String> path = path(node);
    Optional<Shown> shown = shown(context, path);
    if (shown.isPresent() && shown.get().isDirectory()) {
      List<MergedListing.Name> names = List.of();
      if (!onlyShown) {
        try (DirectoryListing listing = below.openDirectory(context, node)) {
          names = MergedListing.names(listing);
        }
      }
      return new MergedListing(shown.get(), name -> hidden.has(with(path, name)), names);
    }
    if (onlyShown) {
      throw stale(String.join("/", path)); // the output is something else now
    }
    return below.openDirectory(context, node);
  }

  private static List<String> with(List<String> path, String name) {
    List<String> longer = new ArrayList<>(path);
    longer.add(name);
    return longer;
  }

  @Override
  public List<String> extendedAttributeNames(RequestContext context, long node)
      throws FuseException {
    Optional<ShownNodes.Held> held = held(context, node);
    return held.isEmpty()
        ? below.extendedAttributeNames(context, node)
        : digest(held.get()).isPresent() ? List.of(FixedAttributes.DIGEST) : List.of();
  }

  @Override
  public byte[] extendedAttribute(RequestContext context, long node, String name)
      throws FuseException {
    Optional<ShownNodes.Held> held = held(context, node);
    if (held.isEmpty()) {
      return below.extendedAttribute(context, node, name);
    }
    return digest(held.get())
        .filter(digest -> name.equals(FixedAttributes.DIGEST))
        .orElseThrow(() -> new FuseException(Errno.ENODATA, name))
        .getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  private static Optional<String> digest(ShownNodes.Held held) {
    return held.entry().flatMap(Entry::key).map(key -> key.digest().toString());
  }

  @Override
  public FileSystemStatistics statistics(RequestContext context) throws FuseException {
    return below.statistics(context);
  }

  @Override
  public void forget(long node, long references) {
    if (!shownNodes.forget(node, references)) {
      below.forget(node, references);
    }
  }

  @Override
  public boolean isReferenced(long node) {
    return below.isReferenced(node);
  }

  @Override
  public void forgetAll() {
    shownNodes.forgetAll();
    below.forgetAll();
  }

  @Override
  public double nameSeconds(long parent) {
    return below.nameSeconds(parent);
  }

  @Override
  public double attributeSeconds(long node) {
    return below.attributeSeconds(node);
  }

  /** In an output, another version may have what this one lacks, and nobody knows who asked. */
  @Override
  public double absenceSeconds(long parent) {
    try {
      return shownNodes.find(parent).isPresent() || outputs.places().isInside(path(parent))
          ? 0
          : below.absenceSeconds(parent);
    } catch (FuseException e) {
      return 0;
    }
  }

  // Files.

  @Override
  public OpenFile open(RequestContext context, long node, int flags, boolean dropsRights)
      throws FuseException {
    Optional<ShownNodes.Held> held = held(context, node);
    if (held.isEmpty()) {
      return below.open(context, node, flags, dropsRights);
    }
    Entry entry =
        held.get()
            .entry()
            .filter(e -> e.directory().isEmpty())
            .orElseThrow(() -> new FuseException(Errno.EISDIR, "a directory"));
    if ((flags & ACCESS_MODE) == READ_ONLY) {
      return files.open(entry);
    }
    throw bringBelow(context, held.get(), (flags & TRUNCATE) != 0);
  }

  /** Brings a shown file below; returns what makes the kernel look again. */
  private FuseException bringBelow(RequestContext context, ShownNodes.Held held, boolean empty)
      throws FuseException {
    if (shown(held).isDirectory()) {
      makeBelow(context, held.node());
      return stale(held.name());
    }
    context.beforeSlowAnswer();
    Entry entry = held.entry().orElseThrow();
    makeBelow(context, held.parent());
    copies.file(
        held.parent(), held.name(), ShownFiles.permissions(entry), empty, () -> files.open(entry));
    return stale(held.name());
  }

  /** Sees to it that a directory is below. */
  private void makeBelow(RequestContext context, long node) throws FuseException {
    Optional<ShownNodes.Held> held = held(context, node);
    if (held.isPresent()) {
      makeBelow(context, held.get().parent());
      copies.directory(held.get().parent(), held.get().name(), node, held.get().references());
      shownNodes.drop(node);
    }
  }

  @Override
  public Created create(RequestContext context, long parent, String name, int flags, int mode)
      throws FuseException {
    refuseShown(context, parent, name);
    makeBelow(context, parent);
    return below.create(context, parent, name, flags, mode);
  }

  /** The kernel makes what it believes to be absent; if something is shown there, it is not. */
  private void refuseShown(RequestContext context, long parent, String name) throws FuseException {
    List<String> path = path(parent, name);
    if (!outputs.places().isEmpty()
        && shownIfKnown(context, path).isPresent()
        && !isBelow(context, parent, name)) {
      throw new FuseException(Errno.EEXIST, String.join("/", path));
    }
  }

  private boolean isBelow(RequestContext context, long parent, String name) throws FuseException {
    return held(context, parent).isEmpty() && below.has(parent, name);
  }

  @Override
  public Created createNameless(RequestContext context, long parent, int flags, int mode)
      throws FuseException {
    makeBelow(context, parent);
    return below.createNameless(context, parent, flags, mode);
  }

  @Override
  public void flushed(RequestContext context, long node, OpenFile.Local file) throws FuseException {
    context.beforeSlowAnswer();
    naming.written(path(node));
  }

  // Names.

  @Override
  public Attributes makeNode(RequestContext context, long parent, String name, int mode, int device)
      throws FuseException {
    refuseShown(context, parent, name);
    makeBelow(context, parent);
    return below.makeNode(context, parent, name, mode, device);
  }

  @Override
  public Attributes makeDirectory(RequestContext context, long parent, String name, int mode)
      throws FuseException {
    refuseShown(context, parent, name);
    makeBelow(context, parent);
    return below.makeDirectory(context, parent, name, mode);
  }

  @Override
  public Attributes makeSymbolicLink(
      RequestContext context, long parent, String name, String target) throws FuseException {
    refuseShown(context, parent, name);
    makeBelow(context, parent);
    return below.makeSymbolicLink(context, parent, name, target);
  }

  @Override
  public Attributes link(RequestContext context, long node, long parent, String name)
      throws FuseException {
    refuseShown(context, parent, name);
    Optional<ShownNodes.Held> held = held(context, node);
    if (held.isPresent()) {
      throw bringBelow(context, held.get(), false);
    }
    makeBelow(context, parent);
    Attributes made = below.link(context, node, parent, name);
    naming.renamed(path(parent, name));
    return made;
  }

  @Override
  public void unlink(RequestContext context, long parent, String name) throws FuseException {
    List<String> path = path(parent, name);
    Optional<Shown> shown = shownIfKnown(context, path);
    boolean isBelow = isBelow(context, parent, name);
    if (!isBelow && shown.isEmpty()) {
      throw new FuseException(Errno.ENOENT, String.join("/", path));
    }
    if (!isBelow && shown.get().isDirectory()) {
      throw new FuseException(Errno.EISDIR, String.join("/", path));
    }
    hide(path); // first: should we be killed here, what is below is still seen
    if (isBelow) {
      below.unlink(context, parent, name);
      naming.renamed(path);
    }
  }

  /** Where a list cannot be had, what it names is not known: then it is hidden rather than not. */
  private boolean isRecorded(List<String> path) {
    try {
      return outputs.places().find(path).isPresent();
    } catch (IOException e) {
      return true;
    }
  }

  private void hide(List<String> path) throws FuseException {
    if (outputs.places().isInside(path) && isRecorded(path)) {
      FuseException.translating(
          () -> {
            hidden.hide(path);
            return true;
          });
    }
  }

  @Override
  public void removeDirectory(RequestContext context, long parent, String name)
      throws FuseException {
    List<String> path = path(parent, name);
    Optional<Shown> shown = shownIfKnown(context, path);
    boolean isBelow = isBelow(context, parent, name);
    if (shown.isPresent() && !isBelow && !shown.get().isDirectory()) {
      throw new FuseException(Errno.ENOTDIR, String.join("/", path));
    }
    if (shown.isPresent() && showsAnything(context, shown.get())) {
      throw new FuseException(Errno.ENOTEMPTY, String.join("/", path));
    }
    if (isBelow) {
      below.removeDirectory(context, parent, name);
    } else if (shown.isEmpty()) {
      throw new FuseException(Errno.ENOENT, String.join("/", path));
    }
    hide(path);
  }

  /** Returns whether a shown directory has anything that was not deleted. */
  private boolean showsAnything(RequestContext context, Shown shown) throws FuseException {
    if (!shown.isDirectory()) {
      return false;
    }
    boolean[] any = new boolean[1];
    new MergedListing(shown, name -> hidden.has(with(shown.path(), name)), List.of())
        .list(
            context,
            DirectoryListing.START,
            (name, node, kind, next) -> {
              any[0] = true;
              return false;
            });
    return any[0];
  }

  @Override
  public void rename(
      RequestContext context, long parent, String name, long newParent, String newName, int flags)
      throws FuseException {
    List<String> from = path(parent, name);
    List<String> to = path(newParent, newName);
    Optional<Shown> source = shownIfKnown(context, from);
    Optional<Shown> target = shownIfKnown(context, to);
    boolean targetBelow = isBelow(context, newParent, newName);
    if ((flags & RENAME_NOREPLACE) != 0 && target.isPresent() && !targetBelow) {
      throw new FuseException(Errno.EEXIST, String.join("/", to));
    }
    if (source.isPresent() && source.get().isDirectory()) {
      throw new FuseException(Errno.EXDEV, "a directory that is shown"); // mv copies it then
    }
    if (target.isPresent() && target.get().isDirectory() && showsAnything(context, target.get())) {
      throw new FuseException(Errno.ENOTEMPTY, String.join("/", to));
    }
    if ((flags & RENAME_EXCHANGE) != 0 && !targetBelow) {
      throw new FuseException(Errno.EXDEV, "an exchange with what is shown");
    }
    if (!isBelow(context, parent, name)) {
      Shown shown =
          source.orElseThrow(() -> new FuseException(Errno.ENOENT, String.join("/", from)));
      bring(context, parent, shown);
    }
    makeBelow(context, newParent);
    hide(from);
    below.rename(context, parent, name, newParent, newName, flags);
    naming.renamed(from);
    naming.renamed(to);
  }

  /** Brings what is shown below, whether or not somebody looked it up. */
  private void bring(RequestContext context, long parent, Shown shown) throws FuseException {
    long node = ShownNodes.number(shown);
    shownNodes.found(node, parent, shown);
    try {
      ShownNodes.Held held = shownNodes.find(node).orElseThrow();
      if (shown.isDirectory()) {
        makeBelow(context, node);
      } else {
        FuseException unused = bringBelow(context, held, false);
      }
    } finally {
      forget(node, 1);
    }
  }

  // Attributes.

  @Override
  public Attributes change(RequestContext context, long node, AttributeChange change)
      throws FuseException {
    Optional<ShownNodes.Held> held = held(context, node);
    if (held.isPresent()) {
      if (shown(held.get()).isDirectory()) {
        makeBelow(context, node);
        return below.change(context, node, change);
      }
      throw bringBelow(context, held.get(), change.size() != null && change.size() == 0);
    }
    return below.change(context, node, change);
  }

  @Override
  public void setExtendedAttribute(
      RequestContext context, long node, String name, byte[] value, int flags)
      throws FuseException {
    Optional<ShownNodes.Held> held = held(context, node);
    if (held.isPresent()) {
      throw bringBelow(context, held.get(), false);
    }
    below.setExtendedAttribute(context, node, name, value, flags);
  }

  @Override
  public void removeExtendedAttribute(RequestContext context, long node, String name)
      throws FuseException {
    Optional<ShownNodes.Held> held = held(context, node);
    if (held.isPresent()) {
      throw bringBelow(context, held.get(), false);
    }
    below.removeExtendedAttribute(context, node, name);
  }

  @Override
  public void synchronizeDirectory(RequestContext context, long node) throws FuseException {
    FuseException.translating(
        () -> {
          hidden.synchronize();
          return true;
        });
    if (held(context, node).isEmpty()) {
      below.synchronizeDirectory(context, node);
    }
  }
}
