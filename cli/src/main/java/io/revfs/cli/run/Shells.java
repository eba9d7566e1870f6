package io.revfs.cli.run;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The shell that runs commands: the caller's, without its configuration, as DVC does. */
public final class Shells {
  private Shells() {}

  /** Returns a text as one word of a shell. */
  public static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  /** Returns the words that stand before {@code -c} and a command. */
  public static List<String> words(String shell) {
    List<String> words = new ArrayList<>(List.of(shell));
    switch (new File(shell).getName().toLowerCase(Locale.ROOT)) {
      case "zsh" -> words.add("--no-rcs");
      case "bash" -> words.addAll(List.of("--noprofile", "--norc"));
      case "fish" -> words.add("--no-config");
      default -> {}
    }
    return words;
  }
}
