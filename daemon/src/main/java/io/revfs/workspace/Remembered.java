package io.revfs.workspace;

import io.revfs.index.Index;
import io.revfs.index.Table;
import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import io.revfs.workspace.store.Names;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was last made of the outputs of projects, by place: so that {@code checkout} can remove what
 * it made and nobody tracks any more. Thread-safe.
 */
public final class Remembered {
  private static final int ROOT_BYTES = 16;
  private static final int MOST_BYTES = Index.MAX_KEY_BYTES - ROOT_BYTES;

  private final Index index;
  private final Table table;

  Remembered(Index index) {
    this.index = index;
    this.table = index.table("made-outputs");
  }

  private static byte[] root(Path root) {
    Hasher hasher = Hasher.of(Digest.Algorithm.MD5, 0).orElseThrow();
    hasher.update(ByteBuffer.wrap(Names.bytes(root)));
    return hasher.finish().toBytes();
  }

  private static ByteBuffer key(byte[] root, byte[] place) {
    return ByteBuffer.allocateDirect(ROOT_BYTES + place.length).put(root).put(place).flip();
  }

  /** Remembers objects by their places from a project's root. */
  public void put(Path projectRoot, Map<String, ObjectKey> made) {
    byte[] root = root(projectRoot);
    index.write(
        transaction -> {
          made.forEach(
              (place, object) -> {
                byte[] bytes = place.getBytes(StandardCharsets.UTF_8);
                if (bytes.length <= MOST_BYTES) { // a longer one is just not removed
                  byte[] text = text(object).getBytes(StandardCharsets.US_ASCII);
                  ByteBuffer value = ByteBuffer.allocateDirect(text.length).put(text).flip();
                  transaction.put(table, key(root, bytes), value);
                }
              });
          return true;
        });
  }

  private static String text(ObjectKey object) {
    return object.digest().algorithm().code() + object.name();
  }

  private static ObjectKey parse(String text) {
    Digest.Algorithm algorithm = Digest.Algorithm.ofCode(text.charAt(0) - '0');
    boolean manifest = text.endsWith(".dir");
    String hex = text.substring(1, text.length() - (manifest ? ".dir".length() : 0));
    return new ObjectKey(new Digest(algorithm, hex), manifest);
  }

  /** Forgets a place. */
  public void remove(Path projectRoot, String place) {
    byte[] bytes = place.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= MOST_BYTES) {
      byte[] root = root(projectRoot);
      index.write(transaction -> transaction.delete(table, key(root, bytes)));
    }
  }

  /** Returns all places of a project, from its root. */
  public Map<String, ObjectKey> all(Path projectRoot) {
    byte[] root = root(projectRoot);
    Map<String, ObjectKey> all = new LinkedHashMap<>();
    return index.read(
        transaction -> {
          transaction.scan(
              table,
              key(root, new byte[0]),
              (key, value) -> {
                byte[] at = new byte[key.remaining()];
                key.get(at);
                if (!java.util.Arrays.equals(root, java.util.Arrays.copyOf(at, ROOT_BYTES))) {
                  return false;
                }
                byte[] object = new byte[value.remaining()];
                value.get(object);
                all.put(
                    new String(at, ROOT_BYTES, at.length - ROOT_BYTES, StandardCharsets.UTF_8),
                    parse(new String(object, StandardCharsets.US_ASCII)));
                return true;
              });
          return all;
        });
  }
}
