package io.revfs.cli.dvc;

import java.util.List;

/**
 * An option of a command.
 *
 * @param names as typed; the first long one is its name for the daemon, without the dashes
 * @param kind what follows it
 * @param label what stands for its value in help; its choices, between {@code |}, are checked
 * @param description a sentence
 */
public record DvcOption(List<String> names, Kind kind, String label, String description) {
  /** What follows an option. */
  public enum Kind {
    /** Nothing. */
    FLAG,
    /** A text. */
    VALUE,
    /** A whole number. */
    NUMBER,
    /** A text; the option may be given several times. */
    REPEATED,
    /** One or more texts. */
    LIST,
    /** A text or nothing, which stands for the last of its choices. */
    OPTIONAL,
    /** Nothing; the lines of standard input are the targets. */
    STANDARD_INPUT
  }

  /** Returns its name for the daemon. */
  public String key() {
    return names.stream()
        .filter(name -> name.startsWith("--"))
        .findFirst()
        .orElse(names.getFirst())
        .replaceFirst("^-+", "");
  }

  /** Returns the values it may have; none if it may have any. */
  public List<String> choices() {
    return label.contains("|") ? List.of(label.split("\\|")) : List.of();
  }
}
