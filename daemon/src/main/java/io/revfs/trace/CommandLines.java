package io.revfs.trace;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Commands as a person types them. */
public final class CommandLines {
  private static final Pattern PLAIN = Pattern.compile("[\\w@%+=:,./-]+");

  private CommandLines() {}

  /** Returns words as one line that a shell takes apart into the same words. */
  public static String join(List<String> words) {
    return words.stream().map(CommandLines::quote).collect(Collectors.joining(" "));
  }

  private static String quote(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
