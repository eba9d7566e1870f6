package io.revfs.experiment.override;

import io.revfs.dvc.pipeline.PythonText;
import io.revfs.experiment.override.OverrideParser.Sweeps;
import io.revfs.text.PythonJson;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The functions of Hydra's grammar. What is wrong is an {@link IllegalArgumentException}. */
final class Functions {
  private static final int MOST = 100_000;

  private Functions() {}

  static @Nullable Object call(
      String name, List<@Nullable Object> arguments, Map<String, @Nullable Object> named) {
    return switch (name) {
      case "choice" -> choice(arguments);
      case "range" -> range(arguments, named);
      case "sort" -> sort(arguments, Boolean.TRUE.equals(named.get("reverse")));
      case "shuffle" -> shuffle(arguments);
      case "tag" -> arguments.getLast();
      case "int", "float", "str", "bool", "json_str" -> cast(name, one(name, arguments));
      case "interval" ->
          throw new IllegalArgumentException(
              "interval() stands for no list of values, so there is no grid of it; use range()");
      case "glob" -> throw new IllegalArgumentException("glob() is not supported; name the values");
      default -> throw new IllegalArgumentException("there is no function '" + name + "'");
    };
  }

  private static @Nullable Object one(String name, List<@Nullable Object> arguments) {
    if (arguments.size() != 1) {
      throw new IllegalArgumentException(name + "() takes one value");
    }
    return arguments.getFirst();
  }

  private static Sweeps choice(List<@Nullable Object> arguments) {
    if (arguments.isEmpty()) {
      throw new IllegalArgumentException("empty choice is not legal");
    }
    return new Sweeps(arguments);
  }

  private static BigDecimal number(@Nullable Object value) {
    if (value instanceof Number number && !(value instanceof Double d && !Double.isFinite(d))) {
      return new BigDecimal(PythonText.str(number));
    }
    throw new IllegalArgumentException("range() takes numbers, not " + PythonText.repr(value));
  }

  private static Sweeps range(
      List<@Nullable Object> arguments, Map<String, @Nullable Object> named) {
    List<@Nullable Object> all = new ArrayList<>(arguments);
    if (all.isEmpty() && named.containsKey("stop")) {
      all.add(named.getOrDefault("start", 0L));
      all.add(named.get("stop"));
    }
    if (all.isEmpty() || all.size() > 3) {
      throw new IllegalArgumentException("range() takes a start, a stop and a step");
    }
    BigDecimal start = all.size() == 1 ? BigDecimal.ZERO : number(all.get(0));
    BigDecimal stop = number(all.size() == 1 ? all.get(0) : all.get(1));
    Object stepArgument = all.size() == 3 ? all.get(2) : named.getOrDefault("step", 1L);
    BigDecimal step = number(stepArgument);
    if (step.signum() == 0) {
      throw new IllegalArgumentException("the step of range() must not be 0");
    }
    boolean whole =
        all.stream().noneMatch(Double.class::isInstance) && !(stepArgument instanceof Double);
    List<@Nullable Object> values = new ArrayList<>();
    for (BigDecimal at = start;
        step.signum() > 0 ? at.compareTo(stop) < 0 : at.compareTo(stop) > 0;
        at = at.add(step)) {
      if (values.size() == MOST) {
        throw new IllegalArgumentException("range() makes more than " + MOST + " values");
      }
      values.add(whole ? (Object) at.longValueExact() : (Object) at.doubleValue());
    }
    if (values.isEmpty()) {
      throw new IllegalArgumentException("range() makes no value: it ends before it begins");
    }
    return new Sweeps(values);
  }

  private static List<@Nullable Object> values(List<@Nullable Object> arguments) {
    if (arguments.size() == 1 && arguments.getFirst() instanceof Sweeps sweep) {
      return sweep.values();
    }
    if (arguments.size() == 1 && arguments.getFirst() instanceof List<?> list) {
      return new ArrayList<>(list);
    }
    return arguments;
  }

  private static @Nullable Object as(
      List<@Nullable Object> arguments, List<@Nullable Object> made) {
    boolean list = arguments.size() == 1 && arguments.getFirst() instanceof List<?>;
    return list ? made : new Sweeps(made);
  }

  private static @Nullable Object sort(List<@Nullable Object> arguments, boolean reverse) {
    List<@Nullable Object> sorted = new ArrayList<>(values(arguments));
    Comparator<Object> order =
        (a, b) ->
            a instanceof Number x && b instanceof Number y
                ? number(x).compareTo(number(y))
                : PythonText.str(a).compareTo(PythonText.str(b));
    sorted.sort(reverse ? order.reversed() : order);
    return as(arguments, sorted);
  }

  private static @Nullable Object shuffle(List<@Nullable Object> arguments) {
    List<@Nullable Object> shuffled = new ArrayList<>(values(arguments));
    Collections.shuffle(shuffled, new Random());
    return as(arguments, shuffled);
  }

  private static @Nullable Object cast(String type, @Nullable Object value) {
    if (value instanceof Sweeps sweep) {
      List<@Nullable Object> each = new ArrayList<>();
      sweep.values().forEach(one -> each.add(cast(type, one)));
      return new Sweeps(each);
    }
    return switch (type) {
      case "str" -> OverrideText.of(value).replaceAll("^'(.*)'$", "$1");
      case "json_str" -> PythonJson.of(value);
      case "bool" -> truth(value);
      case "int" ->
          value instanceof Boolean flag ? (flag ? 1L : 0L) : number(parsed(value)).longValue();
      default ->
          value instanceof Boolean flag ? (flag ? 1.0 : 0.0) : number(parsed(value)).doubleValue();
    };
  }

  private static @Nullable Object parsed(@Nullable Object value) {
    return value instanceof String text ? Scalars.parse(text) : value;
  }

  private static boolean truth(@Nullable Object value) {
    if (value instanceof Number number) {
      return number.doubleValue() != 0;
    }
    return switch (String.valueOf(value).toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("'" + value + "' is neither true nor false");
    };
  }
}
