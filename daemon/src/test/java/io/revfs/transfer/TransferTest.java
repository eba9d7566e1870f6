package io.revfs.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.dvc.manifest.ManifestWriter;
import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import io.revfs.object.SourceUnreachableException;
import io.revfs.origin.ContentAddressedSource;
import io.revfs.remote.Listing;
import io.revfs.remote.OpenRemote;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteLimits;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.scheme.Remotes;
import io.revfs.transfer.garbage.RemoteGarbage;
import io.revfs.workspace.Workspaces;
import io.revfs.workspace.store.ObjectStore;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects between a cache and a directory, whose requests fail when they are told to. */
class TransferTest {
  private static final int FILES = 60;

  @TempDir Path temporary;
  private Workspaces workspaces;
  private OpenRemote remote;
  private ObjectStore store;
  private final ObjectSet objects = new ObjectSet();
  private ObjectKey manifest;

  @BeforeEach
  void fill() throws Exception {
    workspaces = Workspaces.open(temporary.resolve("index"));
    remote =
        Remotes.open(
            new RemoteSettings(
                "store", temporary.resolve("remote").toString(), Map.of(), RemoteLimits.DEFAULT));
    store = store("cache");
    ManifestWriter directory = new ManifestWriter();
    Random random = new Random(7);
    for (int i = 0; i < FILES; i++) {
      byte[] content = new byte[random.nextInt(i == 0 ? 3_000_000 : 5000) + 1];
      random.nextBytes(content);
      directory.add("d/f" + i, put(content, false).digest().hex());
    }
    manifest = put(directory.toBytes(), true);
    objects.addDirectory(manifest, "", "data", Manifests.keys(store, manifest, "").orElseThrow());
    objects.addFile(put("single".getBytes(), false), "single");
  }

  @AfterEach
  void close() {
    remote.close();
    workspaces.close();
  }

  private ObjectStore store(String name) throws IOException {
    return workspaces
        .of(
            new Workspaces.CacheSettings(temporary.resolve(name), List.of(), false, false, 022),
            temporary)
        .store();
  }

  private ObjectKey put(byte[] content, boolean isManifest) throws IOException {
    Hasher hasher = Hasher.of(Digest.Algorithm.MD5, content.length).orElseThrow();
    hasher.update(ByteBuffer.wrap(content));
    ObjectKey key = new ObjectKey(hasher.finish(), isManifest);
    store.put(key, content);
    return key;
  }

  private Path there(ObjectKey key) {
    return temporary.resolve("remote").resolve(ContentAddressedSource.place(key).path());
  }

  private TransferResult push(Remote to) throws IOException {
    return push(to, objects);
  }

  private TransferResult push(Remote to, ObjectSet what) throws IOException {
    RemoteIndex index = new RemoteIndex(workspaces.index());
    return new Push(store, to, index, 4, TransferListener.NONE).run(what);
  }

  private TransferResult fetch(ObjectStore into) throws IOException {
    return new Fetch(into, Optional.empty(), remote.remote(), 4, TransferListener.NONE)
        .run(objects.all());
  }

  /** A remote that is down from some write on. */
  private Remote failingAfter(int writes) {
    AtomicInteger left = new AtomicInteger(writes);
    return (Remote)
        Proxy.newProxyInstance(
            Remote.class.getClassLoader(),
            new Class<?>[] {Remote.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("write") && left.getAndDecrement() <= 0) {
                throw new SourceUnreachableException("store", "killed", false, null);
              }
              try {
                return method.invoke(remote.remote(), arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void pushedAndFetched_isTheSame() throws Exception {
    assertEquals(FILES + 2, push(remote.remote()).transferred());
    assertEquals(0, push(remote.remote()).transferred());
    ObjectStore other = store("other");
    assertEquals(FILES + 2, fetch(other).transferred());
    for (ObjectKey key : objects.all()) {
      assertEquals(-1, Files.mismatch(store.path(key), other.path(key)));
      assertFalse(Files.isWritable(other.path(key)) && !isRoot());
    }
    assertEquals(0, fetch(other).transferred());
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  @Test
  void killedAtEveryTenthRequest_thenPushedAgain() throws Exception {
    for (int writes = 0; writes < FILES + 2; writes += 10) {
      Remote dying = failingAfter(writes);
      assertThrows(SourceUnreachableException.class, () -> push(dying));
      assertFalse(Files.exists(there(manifest)), "a manifest comes after what it names");
      deleteRemote();
    }
    Remote dying = failingAfter(20);
    assertThrows(SourceUnreachableException.class, () -> push(dying));
    assertTrue(push(remote.remote()).transferred() <= FILES + 2 - 20, "what is there stays");
    assertTrue(Files.exists(there(manifest)));
  }

  private void deleteRemote() throws IOException {
    for (ObjectKey key : objects.all()) {
      Files.deleteIfExists(there(key));
    }
  }

  /** A remote that cannot be listed and notes what it is asked. */
  private Remote asked(List<String> asked) {
    return (Remote)
        Proxy.newProxyInstance(
            Remote.class.getClassLoader(),
            new Class<?>[] {Remote.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("capabilities")) {
                return Set.of(Remote.Capability.WRITE);
              }
              if (method.getName().equals("stat")) {
                asked.add(((RemoteKey) arguments[0]).path());
              }
              try {
                return method.invoke(remote.remote(), arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** The directory with one file more. */
  private ObjectSet changed() throws IOException {
    ManifestWriter directory = new ManifestWriter();
    assertTrue(
        Manifests.read(
            store, manifest, "", (path, key) -> directory.add(path, key.digest().hex())));
    directory.add(
        "new", put("new".getBytes(java.nio.charset.StandardCharsets.UTF_8), false).digest().hex());
    ObjectKey key = put(directory.toBytes(), true);
    ObjectSet set = new ObjectSet();
    set.addDirectory(key, "", "data", Manifests.keys(store, key, "").orElseThrow());
    return set;
  }

  @Test
  void pushOfWhatChangedALittle_asksForTheChangesOnly() throws Exception {
    push(remote.remote());
    List<String> asked = java.util.Collections.synchronizedList(new java.util.ArrayList<>());
    assertEquals(2, push(asked(asked), changed()).transferred());
    assertEquals(3, asked.size(), "the new manifest, the old one, the new file: " + asked);
  }

  @Test
  void pushOfWhatChangedALittle_remoteLostTheRest_asksForAll() throws Exception {
    push(remote.remote());
    deleteRemote();
    List<String> asked = java.util.Collections.synchronizedList(new java.util.ArrayList<>());
    assertEquals(FILES + 2, push(asked(asked), changed()).transferred());
  }

  @Test
  void missingInTheCache_manifestIsHeldBack() throws Exception {
    ObjectKey gone = objects.contents(manifest).iterator().next();
    store.remove(gone);
    TransferResult result = push(remote.remote());
    assertEquals(Set.of(gone), result.missing());
    assertFalse(Files.exists(there(manifest)));
  }

  @Test
  void damagedOnTheRemote_isNotStored() throws Exception {
    push(remote.remote());
    ObjectKey damaged = objects.contents(manifest).iterator().next();
    Files.delete(there(damaged));
    Files.writeString(there(damaged), "something else");
    ObjectStore other = store("other");
    TransferResult result = fetch(other);
    assertEquals(Set.of(damaged), result.failed().keySet());
    assertFalse(other.exists(damaged));
    try (var left = Files.walk(temporary.resolve("other"))) {
      assertTrue(left.noneMatch(f -> f.toString().endsWith(".tmp")), "nothing half-written");
    }
  }

  @Test
  void garbage_goesAndTheRestStays() throws Exception {
    push(remote.remote());
    Set<ObjectKey> used = Set.of(manifest);
    long counted = RemoteGarbage.collect(remote.remote(), Digest.Algorithm.MD5, used, false, 4);
    assertEquals(FILES + 1, counted);
    assertEquals(
        counted, RemoteGarbage.collect(remote.remote(), Digest.Algorithm.MD5, used, true, 4));
    assertTrue(Files.exists(there(manifest)));
    assertEquals(Set.of(manifest), Presence.of(remote.remote(), objects.all(), 4));
  }

  @Test
  void plan_takesFewerRequests() {
    Map<String, Integer> one = Map.of("files/md5/aa/", 1);
    assertEquals(List.of(), ExistencePlan.of("files/md5/", one, 5000, Listing.FLAT).lists());
    Map<String, Integer> all = new TreeMap<>();
    for (int i = 0; i < 256; i++) {
      all.put("files/md5/%02x/".formatted(i), 400);
    }
    assertEquals(
        List.of("files/md5/"), ExistencePlan.of("files/md5/", all, 0, Listing.FLAT).lists());
    assertEquals(16, ExistencePlan.of("files/md5/", all, 100, Listing.FLAT).lists().size());
    assertEquals(
        List.of(), ExistencePlan.of("files/md5/", all, -1, Listing.FLAT).lists(), "too full");
    assertEquals(256, ExistencePlan.of("files/md5/", all, 1, Listing.DIRECTORIES).lists().size());
  }
}
