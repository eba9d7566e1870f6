package io.revfs.fuse;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A {@link FileTree} in memory for tests. Faults by the name of the call: {@code fail("read", ...)}
 * makes every read throw what the supplier gives.
 */
public final class MemoryTree implements FileTree {
  /** The time of every node. */
  public static final long TIME_SECONDS = 946_684_800;

  private final List<Node> nodes = new CopyOnWriteArrayList<>();
  private final Map<String, Supplier<Throwable>> faults = new ConcurrentHashMap<>();
  private final AtomicLong references = new AtomicLong();

  private static final class Node {
    final FileKind kind;
    final int permissions;
    final byte[] content;
    final TreeMap<String, Integer> entries = new TreeMap<>(MemoryTree::compareBytes);
    final TreeMap<String, byte[]> extended = new TreeMap<>();

    Node(FileKind kind, int permissions, byte[] content) {
      this.kind = kind;
      this.permissions = permissions;
      this.content = content;
    }
  }

  /** An empty root. */
  public MemoryTree() {
    nodes.add(new Node(FileKind.DIRECTORY, 0555, new byte[0]));
  }

  private static int compareBytes(String a, String b) {
    return java.util.Arrays.compareUnsigned(FileNames.encode(a), FileNames.encode(b));
  }

  /** Adds a file, with its directories. */
  public MemoryTree file(String path, byte[] content, boolean executable) {
    add(path, new Node(FileKind.REGULAR, executable ? 0555 : 0444, content));
    return this;
  }

  /** Adds a text file. */
  public MemoryTree file(String path, String content) {
    return file(path, content.getBytes(java.nio.charset.StandardCharsets.UTF_8), false);
  }

  /** Adds an empty directory. */
  public MemoryTree directory(String path) {
    add(path, new Node(FileKind.DIRECTORY, 0555, new byte[0]));
    return this;
  }

  /** Adds a symbolic link, or points one elsewhere. */
  public synchronized MemoryTree link(String path, String target) {
    add(path, new Node(FileKind.SYMBOLIC_LINK, 0777, FileNames.encode(target)));
    return this;
  }

  /** Gives a node an extended attribute. */
  public synchronized MemoryTree attribute(String path, String name, byte[] value) {
    Integer node = parent(path).entries.get(name(path));
    if (node == null) {
      throw new IllegalArgumentException(path);
    }
    nodes.get(node).extended.put(name, value);
    return this;
  }

  /** Makes a call fail; null: no more. */
  public void fail(String call, @Nullable Supplier<Throwable> fault) {
    if (fault == null) {
      faults.remove(call);
    } else {
      faults.put(call, fault);
    }
  }

  /** Returns lookups not yet forgotten. */
  public long references() {
    return references.get();
  }

  private synchronized void add(String path, Node node) {
    Node parent = parent(path);
    nodes.add(node);
    parent.entries.put(name(path), nodes.size() - 1);
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private synchronized Node parent(String path) {
    Node at = nodes.get(0);
    String[] parts = path.split("/", -1);
    for (int i = 0; i < parts.length - 1; i++) {
      Integer next = at.entries.get(parts[i]);
      if (next == null) {
        nodes.add(new Node(FileKind.DIRECTORY, 0555, new byte[0]));
        next = nodes.size() - 1;
        at.entries.put(parts[i], next);
      }
      at = nodes.get(next);
    }
    return at;
  }

  private void fault(String call) throws FuseException {
    Supplier<Throwable> fault = faults.get(call);
    if (fault == null) {
      return;
    }
    Throwable thrown = fault.get();
    if (thrown instanceof FuseException e) {
      throw e;
    }
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    throw (Error) thrown;
  }

  private Node node(long number) throws FuseException {
    if (number < 1 || number > nodes.size()) {
      throw new FuseException(Errno.ESTALE, "node " + number);
    }
    return nodes.get((int) number - 1);
  }

  private static Attributes attributes(long number, Node node) {
    long size = node.kind == FileKind.DIRECTORY ? 0 : node.content.length;
    return new Attributes(number, node.kind, node.permissions, size, TIME_SECONDS);
  }

  @Override
  public synchronized Attributes lookup(RequestContext context, long parent, String name)
      throws FuseException {
    fault("lookup");
    Node directory = node(parent);
    if (directory.kind != FileKind.DIRECTORY) {
      throw new FuseException(Errno.ENOTDIR, name);
    }
    Integer found = directory.entries.get(name);
    if (found == null) {
      throw new FuseException(Errno.ENOENT, name);
    }
    references.incrementAndGet();
    return attributes(found + 1L, nodes.get(found));
  }

  @Override
  public Attributes attributes(RequestContext context, long number) throws FuseException {
    fault("attributes");
    return attributes(number, node(number));
  }

  @Override
  public String readLink(RequestContext context, long number) throws FuseException {
    fault("readLink");
    Node node = node(number);
    if (node.kind != FileKind.SYMBOLIC_LINK) {
      throw new FuseException(Errno.EINVAL, "no link");
    }
    return FileNames.decode(node.content);
  }

  @Override
  public synchronized DirectoryListing openDirectory(RequestContext context, long number)
      throws FuseException {
    fault("openDirectory");
    Node node = node(number);
    if (node.kind != FileKind.DIRECTORY) {
      throw new FuseException(Errno.ENOTDIR, "node " + number);
    }
    List<Map.Entry<String, Integer>> entries = new ArrayList<>();
    node.entries.forEach((name, child) -> entries.add(Map.entry(name, child)));
    return new DirectoryListing() {
      @Override
      public void list(RequestContext c, long position, EntrySink sink) throws FuseException {
        fault("list");
        for (long i = position; i < entries.size(); i++) {
          var entry = entries.get((int) i);
          FileKind kind = nodes.get(entry.getValue()).kind;
          if (!sink.accept(FileNames.encode(entry.getKey()), entry.getValue() + 1L, kind, i + 1)) {
            return;
          }
        }
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public OpenFile open(RequestContext context, long number) throws FuseException {
    fault("open");
    Node node = node(number);
    if (node.kind != FileKind.REGULAR) {
      throw new FuseException(Errno.EISDIR, "node " + number);
    }
    byte[] content = node.content;
    return new OpenFile.Served() {
      @Override
      public long size() {
        return content.length;
      }

      @Override
      public int read(RequestContext c, ByteBuffer target, long offset) throws FuseException {
        fault("read");
        int n = (int) Math.min(target.remaining(), Math.max(0, content.length - offset));
        if (n > 0) {
          target.put(content, (int) offset, n);
        }
        return n;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public List<String> extendedAttributeNames(RequestContext context, long number)
      throws FuseException {
    fault("extendedAttributeNames");
    return List.copyOf(node(number).extended.keySet());
  }

  @Override
  public byte[] extendedAttribute(RequestContext context, long number, String name)
      throws FuseException {
    fault("extendedAttribute");
    byte[] value = node(number).extended.get(name);
    if (value == null) {
      throw new FuseException(Errno.ENODATA, name);
    }
    return value;
  }

  @Override
  public FileSystemStatistics statistics(RequestContext context) throws FuseException {
    fault("statistics");
    return new FileSystemStatistics(10L << 30, 0, nodes.size());
  }

  @Override
  public void forget(long node, long count) {
    references.addAndGet(-count);
  }

  @Override
  public void forgetAll() {
    references.set(0);
  }

  /** Links may be pointed elsewhere. */
  @Override
  public synchronized double nameSeconds(long parent) {
    return nodes.get((int) parent - 1).entries.values().stream()
            .anyMatch(child -> nodes.get(child).kind == FileKind.SYMBOLIC_LINK)
        ? 0
        : 3600;
  }

  @Override
  public double attributeSeconds(long number) {
    return 3600;
  }
}
