package io.revfs.cli.dvc;

import io.revfs.cli.dvc.DvcOption.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * One row of the table; immutable, each method returns a longer row.
 *
 * @param name as typed; two words for a command of a group
 * @param aliases other names of its last word
 * @param summary a sentence
 * @param example what may follow the name
 * @param hidden whether it is left out of help
 * @param ours whether DVC does not have it
 */
public record DvcCommand(
    String name,
    List<String> aliases,
    String summary,
    String example,
    boolean hidden,
    boolean ours,
    List<DvcOption> options,
    List<DvcArgument> arguments) {
  public DvcCommand {
    aliases = List.copyOf(aliases);
    options = List.copyOf(options);
    arguments = List.copyOf(arguments);
  }

  /** Returns a row without options. */
  public static DvcCommand of(String name, String summary, String example) {
    return new DvcCommand(name, List.of(), summary, example, false, false, List.of(), List.of());
  }

  /** Returns the group's name; empty for a command that is in none. */
  public String group() {
    int space = name.indexOf(' ');
    return space < 0 ? "" : name.substring(0, space);
  }

  /** Returns the last word of the name. */
  public String word() {
    return name.substring(name.indexOf(' ') + 1);
  }

  /** Adds another name. */
  public DvcCommand alias(String alias) {
    return new DvcCommand(name, List.of(alias), summary, example, hidden, ours, options, arguments);
  }

  /** Takes it out of help. */
  public DvcCommand notInHelp() {
    return new DvcCommand(name, aliases, summary, example, true, ours, options, arguments);
  }

  /** Says that DVC does not have it, so that it is there under our own name only. */
  public DvcCommand notInDvc() {
    return new DvcCommand(name, aliases, summary, example, hidden, true, options, arguments);
  }

  /** Takes its other names away. */
  public DvcCommand withoutAlias() {
    return new DvcCommand(name, List.of(), summary, example, hidden, ours, options, arguments);
  }

  private DvcCommand with(Kind kind, String label, String description, String... names) {
    List<DvcOption> more = new ArrayList<>(options);
    more.add(new DvcOption(List.of(names), kind, label, description));
    return new DvcCommand(name, aliases, summary, example, hidden, ours, more, arguments);
  }

  /** Adds a switch. */
  public DvcCommand flag(String description, String... names) {
    return with(Kind.FLAG, "", description, names);
  }

  /** Adds an option with a text. */
  public DvcCommand value(String label, String description, String... names) {
    return with(Kind.VALUE, label, description, names);
  }

  /** Adds an option with a whole number. */
  public DvcCommand number(String label, String description, String... names) {
    return with(Kind.NUMBER, label, description, names);
  }

  /** Adds an option that may be given several times. */
  public DvcCommand repeated(String label, String description, String... names) {
    return with(Kind.REPEATED, label, description, names);
  }

  /** Adds an option with one or more texts. */
  public DvcCommand list(String label, String description, String... names) {
    return with(Kind.LIST, label, description, names);
  }

  /** Adds an option that may stand without its text. */
  public DvcCommand optional(String label, String description, String... names) {
    return with(Kind.OPTIONAL, label, description, names);
  }

  /** Adds the switch that reads targets from standard input. */
  public DvcCommand standardInput(String description) {
    return with(Kind.STANDARD_INPUT, "", description, "--stdin");
  }

  /** Adds options that others have too. */
  public DvcCommand with(List<DvcOption> others) {
    List<DvcOption> more = new ArrayList<>(options);
    more.addAll(others);
    return new DvcCommand(name, aliases, summary, example, hidden, ours, more, arguments);
  }

  private DvcCommand with(DvcArgument argument) {
    List<DvcArgument> more = new ArrayList<>(arguments);
    more.add(argument);
    return new DvcCommand(name, aliases, summary, example, hidden, ours, options, more);
  }

  /** Adds a positional argument that must be there. */
  public DvcCommand argument(String argument, String description) {
    return with(new DvcArgument(argument, 1, false, false, description));
  }

  /** Adds a positional argument that may be there. */
  public DvcCommand mayHave(String argument, String description) {
    return with(new DvcArgument(argument, 0, false, false, description));
  }

  /** Adds positional arguments, at least so many. */
  public DvcCommand arguments(String argument, int least, String description) {
    return with(new DvcArgument(argument, least, true, false, description));
  }

  /** Adds the rest of the command line as an argument of one or more words. */
  public DvcCommand rest(String argument, String description) {
    return with(new DvcArgument(argument, 1, true, true, description));
  }
}
