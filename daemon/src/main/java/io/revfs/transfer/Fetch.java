package io.revfs.transfer;

import io.revfs.object.Hasher;
import io.revfs.object.ObjectCorruptException;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.ObjectSource;
import io.revfs.origin.ContentAddressedSource;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.workspace.store.ObjectStore;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;

/**
 * Brings objects of a remote to the project's cache, verified. What another local cache has whole
 * is taken from there.
 */
public final class Fetch {
  private final ObjectStore store;
  private final Optional<ObjectSource> nearer;
  private final Remote remote;
  private final int lanes;
  private final TransferListener listener;
  private Map<ObjectKey, RemoteKey> places = Map.of();
  private ToDoubleFunction<ObjectKey> sizes = key -> 0;
  private final AtomicLong transferred = new AtomicLong();
  private final Set<ObjectKey> missing = ConcurrentHashMap.newKeySet();
  private final Map<ObjectKey, String> failed = new ConcurrentHashMap<>();

  /**
   * @param nearer local objects, which are asked first
   * @param lanes how many objects travel at once
   */
  public Fetch(
      ObjectStore store,
      Optional<ObjectSource> nearer,
      Remote remote,
      int lanes,
      TransferListener listener) {
    this.store = store;
    this.nearer = nearer;
    this.remote = remote;
    this.lanes = lanes;
    this.listener = listener;
  }

  /** Makes objects be fetched from these places rather than from those of their names. */
  public Fetch at(Map<ObjectKey, RemoteKey> known) {
    places = Map.copyOf(known);
    return this;
  }

  /**
   * Tells how large objects are, as far as that is known; about, and only for the progress.
   *
   * @return this
   */
  public Fetch expecting(ToDoubleFunction<ObjectKey> bytes) {
    sizes = bytes;
    return this;
  }

  /**
   * Fetches what the cache lacks.
   *
   * @throws IOException if the remote is down or refuses, or the cache's disk is full; what was
   *     fetched before stays
   */
  public TransferResult run(Collection<ObjectKey> keys) throws IOException {
    ObjectKeys.Builder absent = new ObjectKeys.Builder();
    for (ObjectKey key : keys) {
      if (!store.check(key)) {
        absent.add(key);
      }
    }
    ObjectKeys lacking = absent.build();
    if (lacking.isEmpty()) {
      return TransferResult.NOTHING;
    }
    boolean there = remote.isThere();
    listener.expect(lacking.size(), expectedBytes(lacking));
    Lanes.run(lacking, lanes, key -> fetch(key, there));
    return new TransferResult(transferred.get(), failed, missing);
  }

  private long expectedBytes(ObjectKeys lacking) {
    double bytes = 0;
    for (ObjectKey key : lacking) {
      bytes += sizes.applyAsDouble(key);
    }
    return (long) bytes;
  }

  private void fetch(ObjectKey key, boolean there) throws IOException {
    try {
      if (!takeNearer(key)) {
        if (!there) {
          throw new ObjectMissingException(key, remote.name());
        }
        receive(key);
      }
      transferred.incrementAndGet();
    } catch (ObjectMissingException e) {
      missing.add(key);
    } catch (ObjectCorruptException e) {
      failed.put(key, String.valueOf(e.getMessage()));
    }
    listener.done(1);
  }

  private boolean takeNearer(ObjectKey key) throws IOException {
    if (nearer.isEmpty() || nearer.get().localFile(key).isEmpty()) {
      return false;
    }
    long size = nearer.get().size(key);
    try (Arrival arrival = new Arrival(store, key, hasher(key))) {
      nearer.get().read(key, 0, size, arrival);
      arrival.place(nearer.get().name());
      return true;
    } catch (ObjectMissingException | ObjectCorruptException e) {
      return false; // evicted, or damaged: the remote has it
    }
  }

  private void receive(ObjectKey key) throws IOException {
    try (Arrival arrival = new Arrival(store, key, hasher(key))) {
      RemoteKey place = places.get(key);
      long unused =
          remote.readAll(
              place == null ? ContentAddressedSource.place(key) : place,
              bytes -> {
                int n = bytes.remaining();
                arrival.accept(bytes);
                listener.moved(n);
              });
      arrival.place("remote '" + remote.name() + "'");
    }
  }

  private static Hasher hasher(ObjectKey key) {
    return Hasher.of(key.digest().algorithm(), 0)
        .orElseThrow(() -> new IllegalArgumentException(key + " cannot be verified"));
  }
}
