package io.revfs.snapshot;

import io.revfs.index.Index;
import io.revfs.index.Table;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The views of one mount and the commits they point to, kept in the index. Thread-safe. A position
 * is one record, so a reader sees the one before or the one after.
 */
public final class Views {
  /** The view that every mount has. */
  public static final String CURRENT = "current";

  private final Index index;
  private final Table table;
  private final String mount;

  /** {@code mount}: what tells this mount's views from others'. */
  public Views(Index index, String mount) {
    this.index = index;
    this.table = index.table("views");
    this.mount = mount;
  }

  private ByteBuffer key(String view) {
    byte[] bytes = (mount + "\0" + view).getBytes(StandardCharsets.UTF_8);
    if (bytes.length > Index.MAX_KEY_BYTES) {
      throw new IllegalArgumentException("the mount point and the view's name are too long");
    }
    return direct(bytes);
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  private static String text(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Returns the commit that a view points to. */
  public Optional<String> get(String view) {
    ByteBuffer key = key(view);
    return index.read(txn -> Optional.ofNullable(txn.get(table, key)).map(Views::text));
  }

  /** Points a view to a commit. */
  public void set(String view, String commit) {
    ByteBuffer key = key(view);
    ByteBuffer value = direct(commit.getBytes(StandardCharsets.US_ASCII));
    index.write(
        txn -> {
          txn.put(table, key.duplicate(), value.duplicate());
          return true;
        });
  }

  /** Returns all views by name. */
  public Map<String, String> all() {
    ByteBuffer from = key("");
    String prefix = mount + "\0";
    return index.read(
        txn -> {
          Map<String, String> views = new TreeMap<>();
          txn.scan(
              table,
              from,
              (key, value) -> {
                String name = text(key);
                if (!name.startsWith(prefix)) {
                  return false;
                }
                views.put(name.substring(prefix.length()), text(value));
                return true;
              });
          return views;
        });
  }
}
