package io.revfs.fuse.heard;

import io.revfs.fuse.AttributeChange;
import io.revfs.fuse.Attributes;
import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileSystemStatistics;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.WritableTree;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A tree that tells an {@link AccessListener} of what is done in it by one session, while that one
 * listens. Other sessions may have the same tree: each gives back the references that it took
 * itself. Thread-safe.
 *
 * <p>Lookups and attributes count as {@link Access#STATTED}; what the kernel answers from what it
 * keeps is not told.
 */
public final class HeardTree implements WritableTree {
  private static final int RENAME_EXCHANGE = 2;

  private final WritableTree tree;
  private final AccessListener listener;

  /** How often each node is open for writing. */
  private final ConcurrentHashMap<Long, Integer> writers = new ConcurrentHashMap<>();

  /** References that this session took and did not give back. */
  private final ConcurrentHashMap<Long, Long> references = new ConcurrentHashMap<>();

  private final double mostSeconds;

  /** Whether this is one of several sessions, and not the one that outlives all of them. */
  private final boolean counts;

  /**
   * @param mostSeconds how long the kernel may keep what it was told at most, whatever the tree
   *     says: others change the same files
   */
  public HeardTree(WritableTree tree, AccessListener listener, double mostSeconds) {
    this(tree, listener, mostSeconds, true);
  }

  private HeardTree(
      WritableTree tree, AccessListener listener, double mostSeconds, boolean counts) {
    this.tree = tree;
    this.listener = listener;
    this.mostSeconds = mostSeconds;
    this.counts = counts;
  }

  /**
   * Returns a tree for the session that the tree is made for: it costs nothing while nobody
   * listens.
   *
   * @param mostSeconds how long the kernel may keep what it is told while somebody listens
   */
  public static HeardTree ofOwnSession(
      WritableTree tree, AccessListener listener, double mostSeconds) {
    return new HeardTree(tree, listener, mostSeconds, false);
  }

  private Attributes counted(Attributes found) {
    if (counts) {
      references.merge(found.node(), 1L, Long::sum);
    }
    return found;
  }

  private double most() {
    return listener.isListening() ? mostSeconds : Double.MAX_VALUE;
  }

  private String at(long node) throws FuseException {
    return String.join("/", tree.path(node));
  }

  private String at(long parent, String name) throws FuseException {
    String directory = at(parent);
    return directory.isEmpty() ? name : directory + "/" + name;
  }

  private void tell(RequestContext context, Access access, String path) {
    listener.accessed(context.pid(), access, path, null);
  }

  private void tell(RequestContext context, Access access, long parent, String name)
      throws FuseException {
    if (listener.isListening()) {
      tell(context, access, at(parent, name));
    }
  }

  /** Of a node; what has no name any more is not told. */
  private void tell(RequestContext context, Access access, long node) {
    if (!listener.isListening()) {
      return;
    }
    try {
      tell(context, access, at(node));
    } catch (FuseException e) {
      // It was unlinked: whoever uses it had it open, and that was told.
    }
  }

  @Override
  public List<String> path(long node) throws FuseException {
    return tree.path(node);
  }

  // Looking.

  @Override
  public Attributes lookup(RequestContext context, long parent, String name) throws FuseException {
    try {
      Attributes found = counted(tree.lookup(context, parent, name));
      tell(context, Access.STATTED, parent, name);
      return found;
    } catch (FuseException e) {
      if (e.errno() == Errno.ENOENT) {
        tell(context, Access.ABSENT, parent, name);
      }
      throw e;
    }
  }

  @Override
  public Attributes attributes(RequestContext context, long node) throws FuseException {
    Attributes found = tree.attributes(context, node);
    tell(context, Access.STATTED, node);
    return found;
  }

  @Override
  public String readLink(RequestContext context, long node) throws FuseException {
    String target = tree.readLink(context, node);
    tell(context, Access.LINK_READ, node);
    return target;
  }

  @Override
  public DirectoryListing openDirectory(RequestContext context, long node) throws FuseException {
    DirectoryListing listing = tree.openDirectory(context, node);
    tell(context, Access.LISTED, node);
    return listing;
  }

  @Override
  public List<String> extendedAttributeNames(RequestContext context, long node)
      throws FuseException {
    return tree.extendedAttributeNames(context, node);
  }

  @Override
  public byte[] extendedAttribute(RequestContext context, long node, String name)
      throws FuseException {
    return tree.extendedAttribute(context, node, name);
  }

  @Override
  public FileSystemStatistics statistics(RequestContext context) throws FuseException {
    return tree.statistics(context);
  }

  @Override
  public void forget(long node, long count) {
    if (!counts) {
      tree.forget(node, count);
      return;
    }
    long[] back = {0}; // no more than this session took in this process: others have theirs
    references.computeIfPresent(
        node,
        (id, held) -> {
          back[0] = Math.min(held, count);
          return held <= count ? null : held - count;
        });
    if (back[0] > 0) {
      tree.forget(node, back[0]);
    }
  }

  @Override
  public boolean isReferenced(long node) {
    return tree.isReferenced(node);
  }

  @Override
  public void forgetAll() {
    if (!counts) {
      tree.forgetAll();
      return;
    }
    references.forEach(tree::forget);
    references.clear();
  }

  @Override
  public boolean isHeard() {
    return listener.isListening();
  }

  @Override
  public double nameSeconds(long parent) {
    return Math.min(most(), tree.nameSeconds(parent));
  }

  @Override
  public double attributeSeconds(long node) {
    return Math.min(most(), tree.attributeSeconds(node));
  }

  @Override
  public double absenceSeconds(long parent) {
    return Math.min(most(), tree.absenceSeconds(parent));
  }

  // Files.

  @Override
  public OpenFile open(RequestContext context, long node, int flags, boolean dropsRights)
      throws FuseException {
    if (!listener.isListening()) {
      return tree.open(context, node, flags, dropsRights);
    }
    boolean writes = (flags & ACCESS_MODE) != READ_ONLY;
    boolean truncates = writes && (flags & TRUNCATE) != 0;
    if (writes) {
      listener.changing(
          context, truncates ? Access.TRUNCATED : Access.OPENED_FOR_WRITING, known(node));
    }
    OpenFile file = tree.open(context, node, flags, dropsRights);
    if (truncates) {
      tell(context, Access.TRUNCATED, node);
    }
    tellOpened(context, known(node), flags);
    return heard(context, node, file);
  }

  /** Returns a node's path; empty, as the root's, if it has none: nothing of that is recorded. */
  private String known(long node) {
    try {
      return at(node);
    } catch (FuseException e) {
      return "";
    }
  }

  private void tellOpened(RequestContext context, String path, int flags) {
    int mode = flags & ACCESS_MODE;
    if ((flags & EXECUTE) != 0) {
      tell(context, Access.EXECUTED, path);
    } else if (mode == READ_ONLY || mode == READ_WRITE) {
      tell(context, Access.OPENED_FOR_READING, path);
    }
    if (mode != READ_ONLY) {
      tell(context, Access.OPENED_FOR_WRITING, path);
    }
  }

  private OpenFile heard(RequestContext context, long node, OpenFile file) {
    if (!listener.isListening() || !(file instanceof OpenFile.Local local) || !local.isWritable()) {
      return file;
    }
    writers.merge(node, 1, Integer::sum);
    return new HeardFile(local, context.pid(), node);
  }

  @Override
  public Created create(RequestContext context, long parent, String name, int flags, int mode)
      throws FuseException {
    Created created = tree.create(context, parent, name, flags, mode);
    Attributes attributes = counted(created.attributes());
    if (!listener.isListening()) {
      return created;
    }
    String path = at(parent, name);
    tell(context, Access.CREATED, path);
    tellOpened(context, path, flags);
    return new Created(attributes, heard(context, attributes.node(), created.file()));
  }

  @Override
  public Created createNameless(RequestContext context, long parent, int flags, int mode)
      throws FuseException {
    Created created = tree.createNameless(context, parent, flags, mode);
    Attributes attributes = counted(created.attributes());
    return new Created(attributes, heard(context, attributes.node(), created.file()));
  }

  @Override
  public void flushed(RequestContext context, long node, OpenFile.Local file) throws FuseException {
    tree.flushed(context, node, file instanceof HeardFile heard ? heard.file : file);
  }

  // Names.

  @Override
  public Attributes makeNode(RequestContext context, long parent, String name, int mode, int device)
      throws FuseException {
    Attributes made = counted(tree.makeNode(context, parent, name, mode, device));
    tell(context, Access.CREATED, parent, name);
    return made;
  }

  @Override
  public Attributes makeDirectory(RequestContext context, long parent, String name, int mode)
      throws FuseException {
    Attributes made = counted(tree.makeDirectory(context, parent, name, mode));
    tell(context, Access.CREATED, parent, name);
    return made;
  }

  @Override
  public Attributes makeSymbolicLink(
      RequestContext context, long parent, String name, String target) throws FuseException {
    Attributes made = counted(tree.makeSymbolicLink(context, parent, name, target));
    tell(context, Access.CREATED, parent, name);
    return made;
  }

  @Override
  public Attributes link(RequestContext context, long node, long parent, String name)
      throws FuseException {
    if (!listener.isListening()) {
      return counted(tree.link(context, node, parent, name));
    }
    String old = known(node);
    Attributes made = counted(tree.link(context, node, parent, name));
    String path = at(parent, name);
    if (old.isEmpty()) {
      tell(context, Access.CREATED, path);
    } else {
      listener.accessed(context.pid(), Access.LINKED, old, path);
    }
    return made;
  }

  @Override
  public void unlink(RequestContext context, long parent, String name) throws FuseException {
    if (!listener.isListening()) {
      tree.unlink(context, parent, name);
      return;
    }
    String path = at(parent, name);
    listener.changing(context, Access.DELETED, path);
    tree.unlink(context, parent, name);
    tell(context, Access.DELETED, path);
  }

  @Override
  public void removeDirectory(RequestContext context, long parent, String name)
      throws FuseException {
    if (!listener.isListening()) {
      tree.removeDirectory(context, parent, name);
      return;
    }
    String path = at(parent, name);
    tree.removeDirectory(context, parent, name);
    tell(context, Access.DELETED, path);
  }

  @Override
  public void rename(
      RequestContext context, long parent, String name, long newParent, String newName, int flags)
      throws FuseException {
    if (!listener.isListening()) {
      tree.rename(context, parent, name, newParent, newName, flags);
      return;
    }
    String from = at(parent, name);
    String to = at(newParent, newName);
    listener.changing(context, Access.RENAMED, from);
    listener.changing(context, Access.RENAMED, to);
    tree.rename(context, parent, name, newParent, newName, flags);
    Access access = (flags & RENAME_EXCHANGE) != 0 ? Access.EXCHANGED : Access.RENAMED;
    listener.accessed(context.pid(), access, from, to);
  }

  // Attributes.

  @Override
  public Attributes change(RequestContext context, long node, AttributeChange change)
      throws FuseException {
    boolean truncates = change.size() != null;
    if (truncates && listener.isListening()) {
      listener.changing(context, Access.TRUNCATED, known(node));
    }
    AttributeChange inner =
        change.file() instanceof HeardFile heard ? change.by(heard.file) : change;
    Attributes changed = tree.change(context, node, inner);
    tell(context, truncates ? Access.TRUNCATED : Access.ATTRIBUTES, node);
    return changed;
  }

  @Override
  public void setExtendedAttribute(
      RequestContext context, long node, String name, byte[] value, int flags)
      throws FuseException {
    tree.setExtendedAttribute(context, node, name, value, flags);
    tell(context, Access.ATTRIBUTES, node);
  }

  @Override
  public void removeExtendedAttribute(RequestContext context, long node, String name)
      throws FuseException {
    tree.removeExtendedAttribute(context, node, name);
    tell(context, Access.ATTRIBUTES, node);
  }

  @Override
  public void synchronizeDirectory(RequestContext context, long node) throws FuseException {
    tree.synchronizeDirectory(context, node);
  }

  /** A file that may be written: its last close is told. */
  private final class HeardFile implements OpenFile.Local {
    private final OpenFile.Local file;
    private final int pid;
    private final long node;
    private final AtomicBoolean closed = new AtomicBoolean();

    HeardFile(OpenFile.Local file, int pid, long node) {
      this.file = file;
      this.pid = pid;
      this.node = node;
    }

    @Override
    public int descriptor() {
      return file.descriptor();
    }

    @Override
    public boolean isWritable() {
      return file.isWritable();
    }

    @Override
    public boolean tellsOfClose() {
      return file.tellsOfClose();
    }

    @Override
    public boolean allowsPassthrough() {
      return file.allowsPassthrough();
    }

    @Override
    public long size() {
      return file.size();
    }

    @Override
    public int read(RequestContext context, java.nio.ByteBuffer target, long offset)
        throws FuseException {
      return file.read(context, target, offset);
    }

    @Override
    public void close() {
      if (!closed.compareAndSet(false, true)) {
        return;
      }
      file.close();
      @Nullable Integer left = writers.computeIfPresent(node, (id, n) -> n == 1 ? null : n - 1);
      String path = left == null ? known(node) : "";
      if (!path.isEmpty()) {
        listener.accessed(pid, Access.CLOSED, path, null);
      }
    }
  }
}
