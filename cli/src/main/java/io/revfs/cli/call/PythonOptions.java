package io.revfs.cli.call;

import io.revfs.cli.command.Options;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Options by which DVC profiles and debugs its Python code. There is none here: they are taken, so
 * that scripts which have them run, and said to have no effect. Not in help.
 */
final class PythonOptions {
  private static final List<List<String>> SWITCHES =
      List.of(
          List.of("--cprofile"),
          List.of("--yappi"),
          List.of("--yappi-separate-threads"),
          List.of("--viztracer"),
          List.of("--viztracer-async"),
          List.of("--pdb"),
          List.of("--instrument"),
          List.of("--instrument-open"),
          List.of("--show-stack", "--ss"));

  private static final List<String> WITH_VALUE = List.of("--cprofile-dump", "--viztracer-depth");

  private PythonOptions() {}

  static void addTo(CommandSpec spec) {
    for (List<String> names : SWITCHES) {
      spec.addOption(option(names, boolean.class, "0"));
    }
    for (String name : WITH_VALUE) {
      spec.addOption(option(List.of(name), String.class, "1"));
    }
  }

  private static OptionSpec option(List<String> names, Class<?> type, String arity) {
    String name = names.getFirst();
    return OptionSpec.builder(names.toArray(String[]::new))
        .type(type)
        .arity(arity)
        .hidden(true)
        .setter(new Options.Setter(value -> warn(name, value)))
        .build();
  }

  /** A switch that is not given is set too, to false. */
  private static void warn(String name, Object value) {
    if (!Boolean.FALSE.equals(value)) {
      System.err.println(
          "WARNING: " + name + " has no effect: it is for DVC's own code; see revfs daemon log");
    }
  }
}
