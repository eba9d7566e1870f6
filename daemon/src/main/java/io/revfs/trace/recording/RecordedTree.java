package io.revfs.trace.recording;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileSystemStatistics;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.heard.Access;
import io.revfs.fuse.heard.AccessListener;
import io.revfs.fuse.local.NodeMemory;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A read-only tree that tells a listener what is done with it. In the other tree a node may stand
 * for a content that has many names; here each name is a node of its own, so that an open file has
 * a path. Thread-safe.
 */
public final class RecordedTree implements FileTree {
  /** So many nodes has one process. */
  private static final int NUMBER_BITS = 40;

  private final FileTree tree;
  private final AccessListener listener;
  private final NodeMemory memory;
  private final AtomicLong last;
  private final Map<Long, Place> places = new ConcurrentHashMap<>();
  private final Map<Name, Place> names = new ConcurrentHashMap<>();

  /** A name of a directory, by the directory's number here. */
  private record Name(long parent, String name) {}

  /** What is at a path. */
  private static final class Place {
    final long number;
    final long inner;
    final String path;
    final @Nullable Name name;
    long references; // guarded by the place, as is the next

    /** Of the other tree, by this process: no more are given back. */
    long taken;

    Place(long number, long inner, String path, @Nullable Name name) {
      this.number = number;
      this.inner = inner;
      this.path = path;
      this.name = name;
    }
  }

  public RecordedTree(FileTree tree, AccessListener listener) {
    this(tree, listener, NodeMemory.NONE, 0);
  }

  /**
   * A tree whose nodes outlive this process.
   *
   * @param memory knows those of the processes before
   * @param process how many processes served it before
   */
  public RecordedTree(FileTree tree, AccessListener listener, NodeMemory memory, int process) {
    this.tree = tree;
    this.listener = listener;
    this.memory = memory;
    this.last = new AtomicLong(ROOT + ((long) process << NUMBER_BITS));
    places.put(ROOT, new Place(ROOT, ROOT, "", null));
  }

  private Place place(long node) throws FuseException {
    Place place = places.get(node);
    return place != null ? place : remembered(node);
  }

  /** Finds what a process before this one told the kernel of. */
  private synchronized Place remembered(long node) throws FuseException {
    Place known = places.get(node);
    if (known != null) {
      return known;
    }
    NodeMemory.Place where =
        memory
            .find(node)
            .orElseThrow(() -> new FuseException(Errno.ESTALE, "node " + node + " is not known"));
    Place parent = place(where.parent());
    long inner = tree.lookup(RequestContext.INTERNAL, parent.inner, where.name()).node();
    Name name = new Name(where.parent(), where.name());
    Place place = new Place(node, inner, join(parent.path, where.name()), name);
    place.taken = 1;
    places.put(node, place);
    names.putIfAbsent(name, place);
    return place;
  }

  private static String join(String directory, String name) {
    return directory.isEmpty() ? name : directory + "/" + name;
  }

  @Override
  public Attributes lookup(RequestContext context, long parent, String name) throws FuseException {
    Place directory = place(parent);
    String path = join(directory.path, name);
    Attributes found;
    try {
      found = tree.lookup(context, directory.inner, name);
    } catch (FuseException e) {
      if (e.errno() == Errno.ENOENT) {
        listener.accessed(context.pid(), Access.ABSENT, path, null);
      }
      throw e;
    }
    Place place = take(new Name(parent, name), found.node(), path);
    listener.accessed(context.pid(), Access.STATTED, path, null);
    return found.numbered(place.number);
  }

  /** Returns the place of a name with one reference more; another one if its node is another. */
  private Place take(Name name, long inner, String path) {
    return java.util.Objects.requireNonNull(
        names.compute(
            name,
            (same, known) -> {
              Place place = known;
              if (place == null || place.inner != inner) {
                place = new Place(last.incrementAndGet(), inner, path, name);
                memory.found(place.number, name.parent(), name.name());
                places.put(place.number, place);
              }
              synchronized (place) {
                place.references++;
                place.taken++;
              }
              return place;
            }));
  }

  @Override
  public Attributes attributes(RequestContext context, long node) throws FuseException {
    return tree.attributes(context, place(node).inner).numbered(node);
  }

  @Override
  public String readLink(RequestContext context, long node) throws FuseException {
    Place place = place(node);
    String target = tree.readLink(context, place.inner);
    listener.accessed(context.pid(), Access.LINK_READ, place.path, null);
    return target;
  }

  @Override
  public DirectoryListing openDirectory(RequestContext context, long node) throws FuseException {
    Place place = place(node);
    DirectoryListing listing = tree.openDirectory(context, place.inner);
    listener.accessed(context.pid(), Access.LISTED, place.path, null);
    return listing;
  }

  @Override
  public OpenFile open(RequestContext context, long node) throws FuseException {
    Place place = place(node);
    OpenFile file = tree.open(context, place.inner);
    listener.accessed(context.pid(), Access.OPENED_FOR_READING, place.path, null);
    return file;
  }

  @Override
  public List<String> extendedAttributeNames(RequestContext context, long node)
      throws FuseException {
    return tree.extendedAttributeNames(context, place(node).inner);
  }

  @Override
  public byte[] extendedAttribute(RequestContext context, long node, String name)
      throws FuseException {
    return tree.extendedAttribute(context, place(node).inner, name);
  }

  @Override
  public FileSystemStatistics statistics(RequestContext context) throws FuseException {
    return tree.statistics(context);
  }

  @Override
  public void forget(long node, long references) {
    Place place = places.get(node);
    if (place == null || place.name == null) {
      memory.forgotten(node);
      return;
    }
    long[] back = {0};
    names.computeIfPresent(
        place.name,
        (name, known) -> {
          back[0] = release(place, references);
          return known == place && !places.containsKey(node) ? null : known;
        });
    if (back[0] > 0) {
      tree.forget(place.inner, back[0]);
    }
  }

  /** Returns how many references of the other tree are to be given back. */
  private long release(Place place, long references) {
    synchronized (place) {
      place.references -= references;
      long back = Math.min(references, place.taken);
      if (place.references <= 0) {
        places.remove(place.number);
        memory.forgotten(place.number);
        back = place.taken;
      }
      place.taken -= back;
      return back;
    }
  }

  @Override
  public boolean isHeard() {
    return listener.isListening();
  }

  @Override
  public double nameSeconds(long parent) {
    Place place = places.get(parent);
    return place == null ? 0 : tree.nameSeconds(place.inner);
  }

  @Override
  public double attributeSeconds(long node) {
    Place place = places.get(node);
    return place == null ? 0 : tree.attributeSeconds(place.inner);
  }

  @Override
  public double absenceSeconds(long parent) {
    Place place = places.get(parent);
    return place == null ? 0 : tree.absenceSeconds(place.inner);
  }

  /** The session is over; the other tree goes on elsewhere, so only what was taken goes back. */
  @Override
  public void forgetAll() {
    for (Place place : List.copyOf(places.values())) {
      long references;
      synchronized (place) {
        references = place.taken;
        place.taken = 0;
      }
      if (references > 0) {
        tree.forget(place.inner, references);
      }
    }
    places.clear();
    names.clear();
  }
}
