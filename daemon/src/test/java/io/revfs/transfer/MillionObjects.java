package io.revfs.transfer;

import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import io.revfs.origin.ContentAddressedSource;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.workspace.Workspaces;
import io.revfs.workspace.store.ObjectStore;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Pushes a directory of a million objects to a store that has all but each hundredth, in a process
 * of its own, whose heap is small.
 */
public final class MillionObjects {
  private static final int COUNT = 1_000_000;
  private static final int LACKING = 100;

  private MillionObjects() {}

  /** Makes the manifest in a cache below a directory; returns its digest. */
  static String prepare(Path directory) throws IOException {
    try (Workspaces workspaces = Workspaces.open(directory.resolve("index"))) {
      StringBuilder text = new StringBuilder(100 * COUNT).append('[');
      for (int i = 0; i < COUNT; i++) {
        text.append(i == 0 ? "" : ", ")
            .append("{\"md5\": \"" + hex(i))
            .append("\", \"relpath\": \"directory" + i / 1000 + "/file" + i + "\"}");
      }
      byte[] bytes = text.append(']').toString().getBytes(StandardCharsets.US_ASCII);
      Hasher hasher = Hasher.of(Digest.Algorithm.MD5, bytes.length).orElseThrow();
      hasher.update(ByteBuffer.wrap(bytes));
      ObjectKey key = new ObjectKey(hasher.finish(), true);
      store(workspaces, directory).put(key, bytes);
      return key.digest().hex();
    }
  }

  private static ObjectStore store(Workspaces workspaces, Path directory) throws IOException {
    return workspaces
        .of(
            new Workspaces.CacheSettings(directory.resolve("cache"), List.of(), false, false, 022),
            directory)
        .store();
  }

  /** {@code arguments}: the directory, and the manifest's digest. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    ObjectKey manifest = new ObjectKey(Digest.md5(arguments[1]), true);
    try (Workspaces workspaces = Workspaces.open(directory.resolve("index"))) {
      ObjectStore store = store(workspaces, directory);
      ObjectSet objects = new ObjectSet();
      objects.addDirectory(manifest, "", "data", Manifests.keys(store, manifest, "").orElseThrow());
      RemoteIndex index = new RemoteIndex(workspaces.index());
      TransferResult result =
          new Push(store, almostComplete(), index, 8, TransferListener.NONE).run(objects);
      System.out.println(
          "%d missing, %d failed, %d pushed"
              .formatted(result.missing().size(), result.failed().size(), result.transferred()));
    }
    System.exit(0);
  }

  /** Spread over directories as digests are. */
  private static String hex(int i) {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(hash(i)) + hex.toHexDigits((long) i);
  }

  private static long hash(int i) {
    return i * 0x9E3779B97F4A7C15L;
  }

  /** A store that lists what it has, as S3 does. */
  private static Remote almostComplete() {
    return (Remote)
        Proxy.newProxyInstance(
            MillionObjects.class.getClassLoader(),
            new Class<?>[] {Remote.class},
            (proxy, method, given) ->
                switch (method.getName()) {
                  case "name", "url" -> "store";
                  case "isThere" -> true;
                  case "capabilities" -> Set.of(Remote.Capability.LIST, Remote.Capability.WRITE);
                  case "listing" -> io.revfs.remote.Listing.FLAT;
                  case "localFile" -> Optional.empty();
                  case "stat" ->
                      throw new io.revfs.object.ObjectMissingException(
                          ((RemoteKey) given[0]).path(), "store");
                  case "list" -> list((String) given[0], (Remote.ListSink) given[1]);
                  case "hashCode" -> 1;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private static Object list(String prefix, Remote.ListSink sink) throws IOException {
    String wanted = prefix.substring(ContentAddressedSource.MD5_PREFIX.length());
    String digits = wanted.replace("/", "");
    int shift = 4 * (16 - digits.length());
    for (int i = 0; i < COUNT; i++) {
      boolean below = digits.isEmpty() || hash(i) >>> shift == Long.parseUnsignedLong(digits, 16);
      if (!below || i % LACKING == 0) {
        continue;
      }
      ObjectKey key = ObjectKey.file(Digest.md5(hex(i)));
      if (!sink.accept(RemoteObject.of(ContentAddressedSource.place(key).path(), 1))) {
        break;
      }
    }
    return Optional.empty(); // nobody looks at it
  }
}
