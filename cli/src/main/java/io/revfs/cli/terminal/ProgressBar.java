package io.revfs.cli.terminal;

import java.util.Locale;

/**
 * Bytes, rate and time left on one line of the terminal that errors go to; silent elsewhere. Not
 * thread-safe.
 */
public final class ProgressBar {
  private static final int WIDTH = 24;
  private static final double NANOSECONDS = 1e9;

  private final boolean shown;
  private final long started = System.nanoTime();

  /** Whether the terminal, of which there is one, has a line of ours. */
  private static volatile boolean drawn;

  public ProgressBar(boolean quiet) {
    this.shown = !quiet && (Terminal.seesErrors() || Terminal.isAssumed(System.getenv()));
  }

  public void show(long done, long total, String what) {
    show(done, total, "bytes", what);
  }

  /** {@code unit} is {@code bytes}, or what is counted. */
  public void show(long done, long total, String unit, String what) {
    if (!shown) {
      return;
    }
    double seconds = Math.max(0.001, (System.nanoTime() - started) / NANOSECONDS);
    double rate = done / seconds;
    int filled = total <= 0 ? 0 : (int) Math.min(WIDTH, done * WIDTH / total);
    String left = rate < 1 || total <= done ? "--:--" : time((long) ((total - done) / rate));
    // The line is drawn over; a terminal that is too narrow cuts it, or it would be two.
    System.err.printf(
        Locale.ROOT,
        "\r\033[K\033[?7l%s%s %s of %s, %s/s, %s left  %s\033[?7h",
        "#".repeat(filled),
        ".".repeat(WIDTH - filled),
        amount(done, unit),
        total <= 0 ? "?" : amount(total, unit),
        amount((long) rate, unit),
        left,
        what.length() > 40 ? "…" + what.substring(what.length() - 39) : what);
    drawn = true;
  }

  private static String amount(long amount, String unit) {
    return unit.equals("bytes") ? Output.size(amount) : amount + " " + unit;
  }

  private static String time(long seconds) {
    return seconds >= 3600
        ? "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60)
        : "%d:%02d".formatted(seconds / 60, seconds % 60);
  }

  /** Takes the line away. */
  public static void end() {
    if (drawn) {
      System.err.print("\r\033[K");
      drawn = false;
    }
  }
}
