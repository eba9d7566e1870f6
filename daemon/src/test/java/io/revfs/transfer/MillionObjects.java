package io.revfs.transfer;

import io.revfs.dvc.ManifestWriter;
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
import java.nio.file.Path;
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

  /** {@code arguments}: a directory. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    try (Workspaces workspaces = Workspaces.open(directory.resolve("index"))) {
      ObjectStore store =
          workspaces
              .of(
                  new Workspaces.CacheSettings(
                      directory.resolve("cache"), List.of(), false, false, 022),
                  directory)
              .store();
      ObjectKey manifest = manifest(store);
      ObjectSet objects = new ObjectSet();
      objects.addDirectory(manifest, "", "data", Manifests.keys(store, manifest, "").orElseThrow());
      TransferResult result =
          new Push(
                  store,
                  almostComplete(),
                  new RemoteIndex(workspaces.index()),
                  8,
                  TransferListener.NONE)
              .run(objects);
      System.out.println(
          "%d missing, %d failed, %d pushed"
              .formatted(result.missing().size(), result.failed().size(), result.transferred()));
    }
    System.exit(0);
  }

  private static ObjectKey manifest(ObjectStore store) throws IOException {
    ManifestWriter writer = new ManifestWriter();
    for (int i = 0; i < COUNT; i++) {
      writer.add("directory%03d/file%07d".formatted(i % 1000, i), hex(i));
    }
    byte[] bytes = writer.toBytes();
    Hasher hasher = Hasher.of(Digest.Algorithm.MD5, bytes.length).orElseThrow();
    hasher.update(ByteBuffer.wrap(bytes));
    ObjectKey key = new ObjectKey(hasher.finish(), true);
    store.put(key, bytes);
    return key;
  }

  /** Spread over directories as digests are. */
  private static String hex(int i) {
    return "%016x%016x".formatted(i * 0x9E3779B97F4A7C15L, i);
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
    for (int i = 0; i < COUNT; i++) {
      String path = ContentAddressedSource.place(ObjectKey.file(Digest.md5(hex(i)))).path();
      if (i % LACKING != 0 && path.startsWith(prefix) && !sink.accept(RemoteObject.of(path, 1))) {
        break;
      }
    }
    return Optional.empty(); // nobody looks at it
  }
}
