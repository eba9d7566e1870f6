package io.revfs.transfer;

import io.revfs.index.Index;
import io.revfs.index.Table;
import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import io.revfs.remote.Remote;
import io.revfs.workspace.store.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What remotes were seen to have. Thread-safe.
 *
 * <p>Which directories: that is never believed, it only says which few manifests are worth a
 * question. One that the remote has says that all it names is there, so of a directory that changed
 * a little only the changes need be asked for. Which objects: that is what they were last said to
 * have, for who wants no question.
 */
public final class RemoteIndex {
  /** Older ones are forgotten. */
  private static final int MOST = 64;

  /** So many are read here and asked for there. */
  private static final int MOST_ASKED = 4;

  /** Fewer objects are asked for one by one as cheaply. */
  private static final int FEW = 8;

  private static final int REMOTE_BYTES = 16;

  private final Index index;
  private final Table table;
  private final Table objects;

  /** Keeps them in {@code index}, which the caller closes. */
  public RemoteIndex(Index index) {
    this.index = index;
    this.table = index.table("remote-directories");
    this.objects = index.table("remote-objects");
  }

  private record Seen(ObjectKey manifest, long at) {}

  /** Notes which of these objects a remote has, as was just found. */
  public void remember(Remote remote, Collection<ObjectKey> asked, Set<ObjectKey> there) {
    byte[] prefix = prefix(remote);
    index.write(
        transaction -> {
          for (ObjectKey object : asked) {
            if (there.contains(object)) {
              transaction.put(objects, key(prefix, object), ByteBuffer.allocateDirect(1));
            } else {
              transaction.delete(objects, key(prefix, object));
            }
          }
          return true;
        });
  }

  /** Returns those objects that a remote was last seen to have, without a question. */
  public Set<ObjectKey> remembered(Remote remote, Collection<ObjectKey> asked) {
    byte[] prefix = prefix(remote);
    ObjectKeys.Builder there = new ObjectKeys.Builder();
    index.read(
        transaction -> {
          for (ObjectKey object : asked) {
            if (transaction.get(objects, key(prefix, object)) != null) {
              there.add(object);
            }
          }
          return true;
        });
    return there.build();
  }

  /** Notes that a remote has manifests, as was just found. */
  void add(Remote remote, Collection<ObjectKey> manifests) {
    if (manifests.isEmpty()) {
      return;
    }
    byte[] prefix = prefix(remote);
    long now = System.currentTimeMillis();
    List<Seen> before = seen(prefix);
    before.removeIf(old -> manifests.contains(old.manifest()));
    before.sort(Comparator.comparingLong(Seen::at).reversed());
    List<Seen> dropped =
        before.subList(
            Math.min(before.size(), Math.max(0, MOST - manifests.size())), before.size());
    index.write(
        transaction -> {
          dropped.forEach(old -> transaction.delete(table, key(prefix, old.manifest())));
          manifests.stream()
              .limit(MOST)
              .forEach(
                  manifest ->
                      transaction.put(
                          table,
                          key(prefix, manifest),
                          ByteBuffer.allocateDirect(Long.BYTES).putLong(now).flip()));
          return true;
        });
  }

  /**
   * Returns those of the files that the remote has, as far as directories say that it has still.
   *
   * @param store has the lists of directories
   */
  Set<ObjectKey> confirmed(Remote remote, ObjectStore store, Set<ObjectKey> files, int lanes)
      throws IOException {
    if (files.size() <= FEW) {
      return Set.of();
    }
    List<Seen> seen = seen(prefix(remote));
    seen.sort(Comparator.comparingLong(Seen::at).reversed());
    Set<ObjectKey> asked = new HashSet<>();
    for (Seen one : seen) {
      if (asked.size() < MOST_ASKED && isOfUse(store, one.manifest(), files)) {
        asked.add(one.manifest());
      }
    }
    ObjectKeys.Builder confirmed = new ObjectKeys.Builder();
    for (ObjectKey manifest : Existence.of(remote, asked, lanes)) {
      Manifests.read(
          store,
          manifest,
          "",
          (path, key) -> {
            if (files.contains(key)) {
              confirmed.add(key);
            }
          });
    }
    return confirmed.build();
  }

  private static boolean isOfUse(ObjectStore store, ObjectKey manifest, Set<ObjectKey> files)
      throws IOException {
    boolean[] any = {false};
    Manifests.read(store, manifest, "", (path, key) -> any[0] |= files.contains(key));
    return any[0];
  }

  private List<Seen> seen(byte[] prefix) {
    List<Seen> seen = new ArrayList<>();
    return index.read(
        transaction -> {
          transaction.scan(
              table,
              ByteBuffer.allocateDirect(prefix.length).put(prefix).flip(),
              (key, value) -> {
                byte[] at = new byte[REMOTE_BYTES];
                key.get(at);
                if (!java.util.Arrays.equals(at, prefix)) {
                  return false;
                }
                Digest.Algorithm algorithm = Digest.Algorithm.ofCode(key.get());
                byte[] hash = new byte[key.remaining()];
                key.get(hash);
                seen.add(
                    new Seen(new ObjectKey(Digest.of(algorithm, hash), true), value.getLong()));
                return true;
              });
          return seen;
        });
  }

  private static byte[] prefix(Remote remote) {
    Hasher hasher = Hasher.of(Digest.Algorithm.MD5, 0).orElseThrow();
    hasher.update(ByteBuffer.wrap(remote.url().getBytes(StandardCharsets.UTF_8)));
    return hasher.finish().toBytes();
  }

  private static ByteBuffer key(byte[] prefix, ObjectKey object) {
    byte[] hash = object.digest().toBytes();
    return ByteBuffer.allocateDirect(prefix.length + 1 + hash.length)
        .put(prefix)
        .put((byte) object.digest().algorithm().code())
        .put(hash)
        .flip();
  }
}
