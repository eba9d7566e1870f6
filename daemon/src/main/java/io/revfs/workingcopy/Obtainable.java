package io.revfs.workingcopy;

import io.revfs.cache.Cache;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.ObjectSource;
import io.revfs.object.Origins;
import io.revfs.origin.DvcCacheSource;
import io.revfs.snapshot.Entry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the bytes of outputs can be had, without having them. A remote gets a manifest after all
 * that it names, so one that has the manifest has the directory. Thread-safe.
 */
final class Obtainable {
  private static final Logger log = LoggerFactory.getLogger(Obtainable.class);
  private static final long SMALL_BYTES = 16 << 20;

  private final Cache cache;

  Obtainable(Cache cache) {
    this.cache = cache;
  }

  /** Returns whether an output's bytes are somewhere from where they can be shown. */
  boolean isThere(Entry entry) {
    if (entry.key().isEmpty() || entry.problem().isPresent()) {
      return false;
    }
    ObjectKey key = entry.key().get();
    if (!key.manifest() && cache.presence(key).complete()) {
      return true;
    }
    for (ObjectSource source : entry.origins().sources()) {
      boolean partial = key.manifest() && source instanceof DvcCacheSource; // a list alone is none
      if (!partial && has(source, key)) {
        return true;
      }
    }
    return false;
  }

  private static boolean has(ObjectSource source, ObjectKey key) {
    try {
      return source.size(key) >= 0;
    } catch (ObjectMissingException e) {
      return false;
    } catch (IOException e) {
      log.info("{} is not asked for {}: {}", source.name(), key, e.getMessage());
      return false;
    }
  }

  /** Returns a file from where some outputs come from; empty if it is nowhere there, or large. */
  Optional<byte[]> read(List<Entry> outputs, ObjectKey key) throws IOException {
    Set<ObjectSource> sources = new LinkedHashSet<>();
    outputs.stream().map(Entry::origins).map(Origins::sources).forEach(sources::addAll);
    for (ObjectSource source : sources) {
      try {
        long size = source.size(key);
        if (size > SMALL_BYTES) {
          return Optional.empty();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(Math.toIntExact(size));
        source.read(
            key,
            0,
            size,
            some -> {
              byte[] copy = new byte[some.remaining()];
              some.get(copy);
              bytes.writeBytes(copy);
            });
        if (isRight(bytes.toByteArray(), key)) {
          return Optional.of(bytes.toByteArray());
        }
        log.warn("{} has {} with other bytes", source.name(), key);
      } catch (ObjectMissingException e) {
        log.debug("{} lacks {}", source.name(), key);
      }
    }
    return Optional.empty();
  }

  private static boolean isRight(byte[] bytes, ObjectKey key) {
    Optional<Hasher> hasher = Hasher.of(key.digest().algorithm(), bytes.length);
    hasher.ifPresent(one -> one.update(ByteBuffer.wrap(bytes)));
    return hasher.isPresent() && hasher.get().finish().equals(key.digest());
  }
}
