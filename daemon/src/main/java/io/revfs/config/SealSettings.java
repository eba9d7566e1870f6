package io.revfs.config;

import java.time.Duration;

/**
 * How commits are sealed.
 *
 * @param mode of mounts that do not say
 * @param commits how many are sealed at a time; those in use may be more
 * @param idle after what time without use one is unsealed; zero for never
 */
public record SealSettings(SealMode mode, int commits, Duration idle) {
  /** What holds unless somebody says otherwise. */
  public static final SealSettings DEFAULT =
      new SealSettings(SealMode.AUTO, 8, Duration.ofMinutes(10));
}
