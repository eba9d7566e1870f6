package io.revfs.seal;

import io.revfs.cache.Cache;
import io.revfs.cache.ObjectLayout;
import io.revfs.fuse.Attributes;
import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileSystemStatistics;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.object.Origins;
import io.revfs.snapshot.FixedAttributes;
import io.revfs.snapshot.NodeIds;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The object layer: each object at its path in the cache's layout, fetched as it is read. It lists
 * nothing, since overlayfs asks for objects by their paths only. Thread-safe; memory does not grow
 * with the number of objects.
 *
 * <p>Nodes: 1 is the root; bit 62 marks other directories; all others stand for objects.
 */
final class ObjectTree implements FileTree {
  /** The path of what can never be read: looking it up is an I/O error. */
  static final String UNREADABLE = "/unreadable";

  private static final double FOREVER_SECONDS = 365.0 * 86_400;
  private static final long DIRECTORY_BIT = 1L << 62;
  private static final long FILES = DIRECTORY_BIT | 1;
  private static final int PREFIX_SHIFT = 16;
  private static final int FAN_OUT_BIT = 0x100;
  private static final String FILES_NAME = "files";

  private final Cache cache;
  private final ObjectNodes nodes;
  private final Supplier<Origins> origins;
  private final Runnable lookedUp;

  /**
   * @param origins where objects that are not cached may come from, as of now
   * @param lookedUp is told of each object that was looked up
   */
  ObjectTree(Cache cache, ObjectNodes nodes, Supplier<Origins> origins, Runnable lookedUp) {
    this.cache = cache;
    this.nodes = nodes;
    this.origins = origins;
    this.lookedUp = lookedUp;
  }

  /** The directory of an algorithm's objects. */
  private static long prefixNode(Digest.Algorithm algorithm) {
    return ObjectLayout.prefix(algorithm).isEmpty()
        ? ROOT
        : DIRECTORY_BIT | ((long) algorithm.code() << PREFIX_SHIFT);
  }

  private static long fanOutNode(Digest.Algorithm algorithm, int firstByte) {
    return DIRECTORY_BIT | ((long) algorithm.code() << PREFIX_SHIFT) | FAN_OUT_BIT | firstByte;
  }

  @Override
  public Attributes lookup(RequestContext context, long parent, String name) throws FuseException {
    if (parent == ROOT && name.equals(FILES_NAME)) {
      return directory(FILES);
    }
    if (parent == ROOT && UNREADABLE.endsWith(name) && name.length() == UNREADABLE.length() - 1) {
      throw new FuseException(Errno.EIO, "what describes the file cannot be read");
    }
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      String prefix = ObjectLayout.prefix(algorithm);
      if (parent == FILES && prefix.equals(FILES_NAME + "/" + name + "/")) {
        return directory(prefixNode(algorithm));
      }
      if (parent == prefixNode(algorithm) && name.matches("[0-9a-f]{2}")) {
        return directory(fanOutNode(algorithm, HexFormat.fromHexDigits(name)));
      }
    }
    return object(context, parent, name);
  }

  private Attributes object(RequestContext context, long parent, String name) throws FuseException {
    if ((parent & DIRECTORY_BIT) == 0 || (parent & FAN_OUT_BIT) == 0) {
      throw new FuseException(Errno.ENOENT, name);
    }
    Digest.Algorithm algorithm =
        Digest.Algorithm.ofCode((int) ((parent & ~DIRECTORY_BIT) >>> PREFIX_SHIFT));
    String path =
        ObjectLayout.prefix(algorithm) + HexFormat.of().toHexDigits((byte) parent) + "/" + name;
    ObjectKey key = ObjectLayout.key(path).orElseThrow(() -> new FuseException(Errno.ENOENT, path));
    long node = NodeIds.file(key, false);
    Attributes attributes = attributes(context, node, key);
    FuseException.translating(
        () -> {
          nodes.put(node, key);
          return true;
        });
    lookedUp.run();
    // Overlayfs looks an object up when it is being opened: while the answer goes to the kernel and
    // the open comes back, the bytes may be on their way.
    cache.begin(key, attributes.size(), origins.get());
    return attributes;
  }

  private Attributes attributes(RequestContext context, long node, ObjectKey key)
      throws FuseException {
    long size = cache.sizeIfKnown(key);
    if (size < 0) {
      context.beforeSlowAnswer();
      size = FuseException.translating(() -> cache.size(key, origins.get()));
    }
    return FixedAttributes.file(node, false, size);
  }

  private static Attributes directory(long node) {
    return FixedAttributes.directory(node, 0, 2);
  }

  private static boolean isDirectory(long node) {
    return node == ROOT || (node & DIRECTORY_BIT) != 0;
  }

  private ObjectKey key(long node) throws FuseException {
    if (isDirectory(node)) {
      throw new FuseException(Errno.EISDIR, "a directory");
    }
    Optional<ObjectKey> key = nodes.get(node);
    return key.orElseThrow(() -> new FuseException(Errno.ESTALE, "node " + node));
  }

  @Override
  public Attributes attributes(RequestContext context, long node) throws FuseException {
    return isDirectory(node) ? directory(node) : attributes(context, node, key(node));
  }

  @Override
  public String readLink(RequestContext context, long node) throws FuseException {
    throw new FuseException(Errno.EINVAL, "no link");
  }

  @Override
  public DirectoryListing openDirectory(RequestContext context, long node) throws FuseException {
    if (!isDirectory(node)) {
      throw new FuseException(Errno.ENOTDIR, "an object");
    }
    return new DirectoryListing() {
      @Override
      public void list(RequestContext c, long position, EntrySink sink) {}

      @Override
      public void close() {}
    };
  }

  @Override
  public OpenFile open(RequestContext context, long node) throws FuseException {
    ObjectKey key = key(node);
    long size = attributes(context, node, key).size();
    return FuseException.translating(() -> cache.open(key, size, origins.get()));
  }

  @Override
  public List<String> extendedAttributeNames(RequestContext context, long node) {
    return List.of();
  }

  @Override
  public byte[] extendedAttribute(RequestContext context, long node, String name)
      throws FuseException {
    throw new FuseException(Errno.ENODATA, name);
  }

  @Override
  public FileSystemStatistics statistics(RequestContext context) {
    return new FileSystemStatistics(0, 0, 0); // so that df leaves it out
  }

  @Override
  public void forget(long node, long references) {}

  @Override
  public double nameSeconds(long parent) {
    return FOREVER_SECONDS;
  }

  @Override
  public double attributeSeconds(long node) {
    return FOREVER_SECONDS;
  }

  @Override
  public void forgetAll() {
    nodes.close();
  }
}
