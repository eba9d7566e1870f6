package io.revfs.remote;

import java.time.Duration;

/**
 * Bounds on the use of one remote.
 *
 * @param connections requests at once
 * @param connectTimeout until a connection stands
 * @param readTimeout a request without progress for this long has failed
 * @param retries how often a transient failure is tried again
 */
public record RemoteLimits(
    int connections, Duration connectTimeout, Duration readTimeout, int retries) {
  /** What is used where nothing is configured. */
  public static final RemoteLimits DEFAULT =
      new RemoteLimits(32, Duration.ofSeconds(10), Duration.ofSeconds(60), 5);

  public RemoteLimits {
    if (connections < 1 || retries < 0 || connectTimeout.isNegative() || readTimeout.isZero()) {
      throw new IllegalArgumentException("limits of remotes must be positive");
    }
  }
}
