package io.revfs.trace;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Names of runs: the time in UTC at which one began, and four digits, so that they sort by time.
 */
public final class RunIds {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final int TIME_LENGTH = 19;

  private RunIds() {}

  /** Returns a name for a run that begins now. */
  public static String at(Instant now, RandomGenerator random) {
    return "%s-%04x".formatted(TIME.format(now), random.nextInt(1 << 16));
  }

  /** Returns when the run of a name began; long ago for what is no such name. */
  static Instant time(String id) {
    if (id.length() < TIME_LENGTH) {
      return Instant.EPOCH;
    }
    try {
      return TIME.parse(id.substring(0, TIME_LENGTH), Instant::from);
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }
}
