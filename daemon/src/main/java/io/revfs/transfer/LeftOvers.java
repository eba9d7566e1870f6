package io.revfs.transfer;

import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.parts.TemporaryNames;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What processes that died left on a remote under temporary names. Nobody reads it; what is older
 * than a day nobody writes any more either, as far as the store tells how old it is. Thread-safe.
 */
public final class LeftOvers {
  private static final Logger log = LoggerFactory.getLogger(LeftOvers.class);
  private static final Duration ABANDONED = Duration.ofDays(1);

  private final Instant before;
  private final Collection<String> paths = new ConcurrentLinkedQueue<>();

  public LeftOvers(Instant now) {
    this.before = now.minus(ABANDONED);
  }

  /** Takes note of something that was listed. */
  public void see(RemoteObject object) {
    boolean old = object.modified().isPresent() && object.modified().get().isBefore(before);
    if (old && TemporaryNames.isTemporary(object.path())) {
      paths.add(object.path());
    }
  }

  /** Removes what was seen; what cannot be removed stays, and is seen again another time. */
  public void remove(Remote remote) throws IOException {
    if (paths.isEmpty() || !remote.capabilities().contains(Remote.Capability.DELETE)) {
      return;
    }
    try {
      remote.deleteAll(paths);
      log.info(
          "{}: removed {} files that broken uploads had left, such as {}",
          remote.name(),
          paths.size(),
          paths.iterator().next());
    } catch (SourceUnreachableException e) {
      log.info("what broken uploads left stays: {}", e.getMessage());
    }
  }
}
