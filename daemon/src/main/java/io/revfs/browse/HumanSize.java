package io.revfs.browse;

import java.util.Locale;

/** Sizes as DVC shows them to people: 512, 1.46k, 12.3M, 100G. */
public final class HumanSize {
  private static final double STEP = 1024;
  private static final String[] UNITS = {"", "k", "M", "G", "T", "P", "E"};

  private HumanSize() {}

  /** Returns a number of bytes in at most five characters. */
  public static String of(long bytes) {
    if (bytes < STEP) {
      return Long.toString(bytes);
    }
    double number = bytes;
    int unit = 0;
    while (number >= 999.5) {
      number /= STEP;
      unit++;
    }
    String format = number >= 99.95 ? "%.0f%s" : number >= 9.995 ? "%.1f%s" : "%.2f%s";
    return String.format(Locale.ROOT, format, number, UNITS[unit]);
  }
}
