package io.revfs.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.dvc.manifest.ManifestWriter;
import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.origin.ContentAddressedSource;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.transfer.Fetch;
import io.revfs.transfer.Manifests;
import io.revfs.transfer.ObjectSet;
import io.revfs.transfer.Push;
import io.revfs.transfer.RemoteIndex;
import io.revfs.transfer.TransferListener;
import io.revfs.transfer.TransferResult;
import io.revfs.workspace.Workspaces;
import io.revfs.workspace.store.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** A directory of small objects in a cache, to be pushed to remotes. */
public final class PushedObjects implements Closeable {
  private final Path directory;
  private final Workspaces workspaces;
  private final ObjectStore store;
  private final ObjectSet objects;
  private final ObjectKey manifest;
  private int fetched;

  private PushedObjects(
      Path directory,
      Workspaces workspaces,
      ObjectStore store,
      ObjectSet objects,
      ObjectKey manifest) {
    this.directory = directory;
    this.workspaces = workspaces;
    this.store = store;
    this.objects = objects;
    this.manifest = manifest;
  }

  /** Makes so many objects, each of at most so many bytes, and the manifest that names them. */
  public static PushedObjects make(Path directory, int count, int mostBytes) throws IOException {
    Workspaces workspaces = Workspaces.open(directory.resolve("index"));
    ObjectStore store = store(workspaces, directory, "cache");
    ManifestWriter writer = new ManifestWriter();
    Random random = new Random(count);
    for (int i = 0; i < count; i++) {
      byte[] content = new byte[random.nextInt(mostBytes) + 8];
      random.nextBytes(content);
      writer.add("d/f" + i, put(store, content, false).digest().hex());
    }
    ObjectKey manifest = put(store, writer.toBytes(), true);
    ObjectSet objects = new ObjectSet();
    objects.addDirectory(manifest, "", "data", Manifests.keys(store, manifest, "").orElseThrow());
    return new PushedObjects(directory, workspaces, store, objects, manifest);
  }

  private static ObjectStore store(Workspaces workspaces, Path directory, String name)
      throws IOException {
    return workspaces
        .of(
            new Workspaces.CacheSettings(directory.resolve(name), List.of(), false, false, 022),
            directory)
        .store();
  }

  private static ObjectKey put(ObjectStore store, byte[] content, boolean isManifest)
      throws IOException {
    Hasher hasher = Hasher.of(Digest.Algorithm.MD5, content.length).orElseThrow();
    hasher.update(ByteBuffer.wrap(content));
    ObjectKey key = new ObjectKey(hasher.finish(), isManifest);
    store.put(key, content);
    return key;
  }

  /** Pushes them. */
  public TransferResult push(Remote remote, int lanes) throws IOException {
    RemoteIndex index = new RemoteIndex(workspaces.index());
    return new Push(store, remote, index, lanes, TransferListener.NONE).run(objects);
  }

  /** Fetches them into an empty cache. */
  public TransferResult fetch(Remote remote, int lanes) throws IOException {
    ObjectStore into = store(workspaces, directory, "fetched" + fetched++);
    return new Fetch(into, Optional.empty(), remote, lanes, TransferListener.NONE)
        .run(objects.all());
  }

  /** Asserts that what a reader finds is whole, and the manifest there only with all it names. */
  public void assertNothingHalf(Remote remote) throws IOException {
    Set<ObjectKey> there = there(remote);
    if (there.contains(manifest)) {
      assertEquals(objects.all(), there, "a manifest comes after what it names");
    }
  }

  /** Asserts that all are there, and whole. */
  public void assertAllThere(Remote remote) throws IOException {
    assertEquals(objects.all(), there(remote));
  }

  private Set<ObjectKey> there(Remote remote) throws IOException {
    Set<ObjectKey> there = new HashSet<>();
    for (ObjectKey key : objects.all()) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try {
        remote.readAll(
            RemoteKey.of(ContentAddressedSource.place(key).path()),
            bytes -> {
              byte[] some = new byte[bytes.remaining()];
              bytes.get(some);
              out.writeBytes(some);
            });
      } catch (ObjectMissingException e) {
        continue;
      } catch (IOException e) {
        assertTrue(!remote.isThere(), () -> "no store yet, or a failure: " + e);
        continue;
      }
      assertArrayEquals(Files.readAllBytes(store.path(key)), out.toByteArray());
      there.add(key);
    }
    return there;
  }

  @Override
  public void close() {
    workspaces.close();
  }
}
