package io.revfs.snapshot;

import io.revfs.cache.Cache;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectSource;
import io.revfs.object.Origins;
import io.revfs.origin.ContentAddressedSource;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sizes of files, which manifests do not state. One is asked of the remote by itself; when many
 * are, the remote is listed instead, so that looking at a directory costs listings and not a
 * request a file. Thread-safe.
 */
public final class ObjectSizes {
  private static final Logger log = LoggerFactory.getLogger(ObjectSizes.class);
  private static final int ASKED_BEFORE_LISTING = 16;
  private static final int BATCH = 1000;

  private final Cache cache;
  private final FileContents contents;
  private final Map<Remote, AtomicInteger> asked = new ConcurrentHashMap<>();
  private final Set<Remote> listed = ConcurrentHashMap.newKeySet();

  /** Sizes as a cache remembers them. */
  public ObjectSizes(Cache cache, FileContents contents) {
    this.cache = cache;
    this.contents = contents;
  }

  /** Returns a size; may ask a remote. */
  public long size(Entry entry) throws IOException {
    long known = contents.sizeIfKnown(entry);
    if (known >= 0) {
      return known;
    }
    noteAsked(entry.origins());
    return contents.size(entry);
  }

  /**
   * As {@link #size}, for who wants many: remotes that can be listed are, before they are asked.
   */
  public long sizeOfMany(Entry entry) throws IOException {
    long known = contents.sizeIfKnown(entry);
    if (known >= 0) {
      return known;
    }
    for (ObjectSource source : entry.origins().sources()) {
      if (source instanceof ContentAddressedSource ca && isListed(ca) && listed.add(ca.remote())) {
        list(ca.remote());
      }
    }
    return contents.size(entry);
  }

  private static boolean isListed(ContentAddressedSource source) {
    return source.remote().capabilities().contains(Remote.Capability.LIST)
        && !source.remote().capabilities().contains(Remote.Capability.LOCAL);
  }

  private void noteAsked(Origins origins) {
    for (ObjectSource source : origins.sources()) {
      if (source instanceof ContentAddressedSource ca
          && isListed(ca)
          && asked.computeIfAbsent(ca.remote(), r -> new AtomicInteger()).incrementAndGet()
              > ASKED_BEFORE_LISTING
          && listed.add(ca.remote())) {
        Thread.ofVirtual().name("sizes of " + ca.name()).start(() -> list(ca.remote()));
      }
    }
  }

  private void list(Remote remote) {
    List<Cache.KnownSize> batch = new ArrayList<>();
    try {
      remote.list(
          ContentAddressedSource.MD5_PREFIX,
          object -> {
            key(object).ifPresent(key -> batch.add(new Cache.KnownSize(key, object.size())));
            if (batch.size() >= BATCH) {
              cache.rememberSizes(batch);
              batch.clear();
            }
            return true;
          });
      cache.rememberSizes(batch);
    } catch (IOException | RuntimeException e) {
      log.info("listing {} for sizes: {}", remote.name(), e.getMessage());
      listed.remove(remote);
      asked.remove(remote);
    }
  }

  private static Optional<ObjectKey> key(RemoteObject object) {
    String hex =
        object.path().substring(ContentAddressedSource.MD5_PREFIX.length()).replace("/", "");
    try {
      return Optional.of(ObjectKey.file(Digest.md5(hex)));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // a manifest, or none of DVC's
    }
  }
}
