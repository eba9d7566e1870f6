package io.revfs.config;

import java.time.Duration;

/**
 * How long traces of runs are kept.
 *
 * @param keep after what time one goes; zero for never
 * @param bytes what all may take; the oldest go
 */
public record TraceSettings(Duration keep, long bytes) {
  /** What holds unless somebody says otherwise. */
  public static final TraceSettings DEFAULT = new TraceSettings(Duration.ofDays(180), 1L << 30);
}
