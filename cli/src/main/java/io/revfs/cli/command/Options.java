package io.revfs.cli.command;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Options declared without annotations: reading those takes the JVM longer than all the rest of a
 * short command.
 */
public final class Options {
  private Options() {}

  /** Gives what was read to a field. */
  public record Setter(Consumer<Object> field) implements ISetter {
    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // picocli's interface has it so
    public <T> @Nullable T set(@Nullable T value) {
      if (value != null) {
        field.accept(value);
      }
      return null;
    }
  }

  /** Returns a switch. */
  public static OptionSpec flag(String description, Consumer<Object> field, String... names) {
    return OptionSpec.builder(names)
        .type(boolean.class)
        .arity("0")
        .description(description)
        .setter(new Setter(field))
        .build();
  }

  /** Returns an option with a value. */
  public static OptionSpec value(
      String name, String label, String description, Consumer<Object> field) {
    return OptionSpec.builder(name)
        .type(String.class)
        .arity("1")
        .paramLabel(label)
        .description(description)
        .setter(new Setter(field))
        .build();
  }

  /** Returns the option that shows help. */
  public static OptionSpec help() {
    return OptionSpec.builder("-h", "--help")
        .type(boolean.class)
        .arity("0")
        .usageHelp(true)
        .description("Show this.")
        .build();
  }

  /** Adds to a command what every command has. */
  public static void addCommon(CommandSpec spec, RevfsCommand command) {
    spec.addOption(flag("Answer in JSON.", v -> command.json = (Boolean) v, "--json"));
    spec.addOption(
        flag("Say only what is wrong.", v -> command.quiet = (Boolean) v, "-q", "--quiet"));
    spec.addOption(
        OptionSpec.builder("-v", "--verbose")
            .type(boolean[].class)
            .arity("0")
            .description("Say more; twice for all.")
            .setter(new Setter(v -> command.verbosity++)) // called for each
            .build());
    spec.addOption(help());
  }
}
