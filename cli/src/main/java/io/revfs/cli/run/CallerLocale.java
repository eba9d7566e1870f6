package io.revfs.cli.run;

import java.util.Map;

/**
 * The caller's locale. The launcher sets one of its own, since Java takes the encoding of files'
 * names from it, and keeps what the caller had for the commands that are run.
 */
public final class CallerLocale {
  private static final String LOCALE = "LC_ALL";

  /** What {@link #LOCALE} was; empty if it was not set. */
  private static final String KEPT = "REVFS_LC_ALL";

  private CallerLocale() {}

  /** Puts back into a process's variables what the caller had. */
  public static void restore(Map<String, String> environment) {
    String kept = environment.remove(KEPT);
    if (kept == null) {
      return; // not started by the launcher
    }
    if (kept.isEmpty()) {
      environment.remove(LOCALE);
    } else {
      environment.put(LOCALE, kept);
    }
  }
}
