package io.revfs.config;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes and durations as people write them. Thread-safe. */
public final class Units {
  private static final Pattern NUMBER = Pattern.compile("(\\d{1,15})(?:\\.(\\d))?\\s*([A-Za-z]*)");
  private static final Map<String, Long> BYTES =
      Map.ofEntries(
          Map.entry("", 1L),
          Map.entry("b", 1L),
          Map.entry("kb", 1_000L),
          Map.entry("mb", 1_000_000L),
          Map.entry("gb", 1_000_000_000L),
          Map.entry("tb", 1_000_000_000_000L),
          Map.entry("kib", 1L << 10),
          Map.entry("mib", 1L << 20),
          Map.entry("gib", 1L << 30),
          Map.entry("tib", 1L << 40));
  private static final Map<String, Long> MILLISECONDS =
      Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

  private Units() {}

  /** Returns bytes, of {@code 50GiB}, {@code 1.5 GB} or {@code 1048576}. */
  public static long bytes(String text) {
    return number(text, BYTES, "a size such as 50GiB");
  }

  /** Returns a duration, of {@code 10s}, {@code 5m}, {@code 30d} or {@code 250ms}. */
  static Duration duration(String text) {
    return Duration.ofMillis(number(text, MILLISECONDS, "a duration such as 10s"));
  }

  private static long number(String text, Map<String, Long> units, String wanted) {
    Matcher matcher = NUMBER.matcher(text.strip());
    Long unit = matcher.matches() ? units.get(matcher.group(3).toLowerCase(Locale.ROOT)) : null;
    if (unit == null) {
      throw new IllegalArgumentException("'" + text + "' is not " + wanted);
    }
    try {
      long whole = Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
      String tenth = matcher.group(2);
      return tenth == null ? whole : Math.addExact(whole, unit * Integer.parseInt(tenth) / 10);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("'" + text + "' is too large", e);
    }
  }
}
