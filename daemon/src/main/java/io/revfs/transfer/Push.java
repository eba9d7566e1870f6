package io.revfs.transfer;

import io.revfs.object.ObjectKey;
import io.revfs.origin.ContentAddressedSource;
import io.revfs.remote.Remote;
import io.revfs.remote.Upload;
import io.revfs.workspace.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Brings objects of the cache to a remote. A manifest goes only when all that it names is there, so
 * one that is on the remote says that its directory is complete, and nothing of it is asked for.
 */
public final class Push {
  private final ObjectStore store;
  private final Remote remote;
  private final RemoteIndex index;
  private final int lanes;
  private final TransferListener listener;
  private final AtomicLong transferred = new AtomicLong();
  private final Set<ObjectKey> missing = ConcurrentHashMap.newKeySet();
  private final Map<ObjectKey, String> failed = new ConcurrentHashMap<>();

  /**
   * @param index what remotes were seen to have
   * @param lanes how many objects travel at once
   */
  public Push(
      ObjectStore store, Remote remote, RemoteIndex index, int lanes, TransferListener listener) {
    this.index = index;
    this.store = store;
    this.remote = remote;
    this.lanes = lanes;
    this.listener = listener;
  }

  /**
   * Pushes.
   *
   * @throws IOException if the remote is down, full, or refuses; what was sent before stays there,
   *     and the next push goes on with the rest
   */
  public TransferResult run(ObjectSet objects) throws IOException {
    LeftOvers leftOvers = new LeftOvers(Instant.now());
    ObjectKeys complete = Existence.of(remote, objects.manifests(), lanes);
    ObjectKeys files = objects.filesBut(complete);
    files = files.without(index.confirmed(remote, store, files, lanes));
    ObjectKeys toSend = files.without(Existence.of(remote, files, lanes, leftOvers::see));
    List<ObjectKey> manifests = new ArrayList<>(objects.manifests());
    manifests.removeIf(complete::contains);
    listener.expect(toSend.size() + (long) manifests.size(), bytes(toSend) + bytes(manifests));
    Lanes.run(toSend, lanes, this::send);
    Set<ObjectKey> whole = new LinkedHashSet<>();
    for (ObjectKey manifest : manifests) {
      Set<ObjectKey> contents = objects.contents(manifest);
      boolean all = contents.stream().noneMatch(k -> missing.contains(k) || failed.containsKey(k));
      if (all) {
        whole.add(manifest);
      } else {
        listener.done(1);
      }
    }
    Lanes.run(whole, lanes, this::send);
    whole.removeIf(manifest -> missing.contains(manifest) || failed.containsKey(manifest));
    whole.addAll(complete);
    index.add(remote, whole);
    leftOvers.remove(remote);
    return new TransferResult(transferred.get(), failed, missing);
  }

  private long bytes(Collection<ObjectKey> keys) {
    long bytes = 0;
    for (ObjectKey key : keys) {
      bytes += store.size(key);
    }
    return bytes;
  }

  private void send(ObjectKey key) throws IOException {
    if (!store.check(key)) {
      missing.add(key);
      listener.done(1);
      return;
    }
    Path file = store.path(key);
    AtomicLong told = new AtomicLong();
    try {
      remote.write(
          ContentAddressedSource.place(key).path(),
          new Upload(
              file, Files.size(file), true, sent -> listener.moved(sent - told.getAndSet(sent))));
      transferred.incrementAndGet();
    } catch (NoSuchFileException e) {
      missing.add(key); // removed by another process meanwhile
    }
    listener.done(1);
  }
}
