package io.revfs.experiment.queue.celery;

import io.revfs.dvc.pickle.PickleException;
import io.revfs.dvc.pickle.PickleReader;
import io.revfs.dvc.pickle.PickleWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of {@code repro} that a stashed experiment carries in a file of its own: a pickle
 * of what DVC's function is called with. Here they have the names of options.
 */
public final class ReproArguments {
  /** The file, from {@code .dvc}. It is in the stashed commit and in no other. */
  public static final String FILE = "tmp/repro.dat";

  private static final String TARGETS = "targets";

  /** Options by the names of DVC's parameters, those that are the same but for hyphens. */
  private static final List<String> FLAGS =
      List.of(
          "single_item",
          "force",
          "dry",
          "interactive",
          "pipeline",
          "all_pipelines",
          "downstream",
          "recursive",
          "force_downstream",
          "pull",
          "allow_missing");

  /** Those that only {@code repro} has in DVC, and {@code exp run} here too. */
  private static final List<String> RARE_FLAGS = List.of("no_commit", "glob");

  private ReproArguments() {}

  /**
   * Returns the file of arguments.
   *
   * @param variables that the stages get
   */
  public static String write(Map<String, ?> arguments, Map<String, String> variables) {
    Map<String, @Nullable Object> named = new LinkedHashMap<>();
    named.put("run_env", variables);
    named.put(TARGETS, arguments.get(TARGETS) instanceof List<?> list ? list : List.of());
    for (String flag : FLAGS) {
      named.put(flag, isSet(arguments, flag));
    }
    named.put(
        "on_error",
        isSet(arguments, "keep_going")
            ? "keep-going"
            : isSet(arguments, "ignore_errors") ? "ignore" : "fail");
    for (String flag : RARE_FLAGS) {
      if (isSet(arguments, flag)) {
        named.put(flag, true);
      }
    }
    if (isSet(arguments, "no_run_cache")) {
      named.put("run_cache", false);
    }
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    all.put("args", new Object[0]);
    all.put("kwargs", named);
    return PickleWriter.write(all);
  }

  private static String option(String parameter) {
    return parameter.replace('_', '-');
  }

  private static boolean isSet(Map<String, ?> arguments, String parameter) {
    return Boolean.TRUE.equals(arguments.get(option(parameter)));
  }

  /**
   * Reads a file of arguments; what is not known here is left out.
   *
   * @throws PickleException if it cannot be read, or is more than data
   */
  public static Map<String, Object> read(byte[] file) throws PickleException {
    Map<?, ?> all = map(PickleReader.read(file));
    Map<?, ?> named = map(all.get("kwargs"));
    Map<String, Object> arguments = new LinkedHashMap<>();
    Object targets = named.get(TARGETS);
    if (targets == null && all.get("args") instanceof List<?> list && !list.isEmpty()) {
      targets = list.getFirst();
    }
    if (targets instanceof String one) {
      arguments.put(TARGETS, List.of(one));
    } else if (targets instanceof List<?> list && !list.isEmpty()) {
      arguments.put(TARGETS, list.stream().map(String::valueOf).toList());
    }
    for (List<String> flags : List.of(FLAGS, RARE_FLAGS)) {
      for (String flag : flags) {
        if (Boolean.TRUE.equals(named.get(flag))) {
          arguments.put(option(flag), true);
        }
      }
    }
    if ("keep-going".equals(named.get("on_error"))) {
      arguments.put("keep-going", true);
    } else if ("ignore".equals(named.get("on_error"))) {
      arguments.put("ignore-errors", true);
    }
    if (Boolean.FALSE.equals(named.get("run_cache"))) {
      arguments.put("no-run-cache", true);
    }
    return arguments;
  }

  private static Map<?, ?> map(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? map : Map.of();
  }
}
