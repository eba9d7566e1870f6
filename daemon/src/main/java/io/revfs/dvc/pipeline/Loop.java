package io.revfs.dvc.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code foreach} or {@code matrix} goes over: for each key of a stage's name, the variables
 * that its template sees.
 */
record Loop(Map<String, Map<String, @Nullable Object>> rounds) {
  private static final String ITEM = "item";
  private static final String KEY = "key";
  private static final int MAX_ROUNDS = 100_000;

  static Loop foreach(@Nullable Object definition, Context context) throws Unresolved {
    Map<String, Map<String, @Nullable Object>> rounds = new LinkedHashMap<>();
    Object over = open(resolve(definition, context));
    switch (over) {
      case Map<?, ?> map -> {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          String key = PythonText.str(entry.getKey());
          rounds.put(key, variables(entry.getValue(), key));
        }
      }
      case List<?> list -> {
        boolean byIndex = list.stream().anyMatch(Loop::isComposite);
        for (int i = 0; i < list.size(); i++) {
          String key = byIndex ? Integer.toString(i) : name(list.get(i));
          rounds.put(key, variables(list.get(i), null));
        }
      }
      case null, default ->
          throw new Unresolved("expected list/dictionary, got " + PythonText.type(over));
    }
    return new Loop(rounds);
  }

  static Loop matrix(@Nullable Object definition, Context context) throws Unresolved {
    Map<String, Map<String, @Nullable Object>> combinations = new LinkedHashMap<>();
    combinations.put("", Map.of());
    boolean first = true;
    for (var axis : Lines.asMap(resolve(definition, context)).entrySet()) {
      if (!(open(axis.getValue()) instanceof List<?> values)) {
        throw new Unresolved("'" + axis.getKey() + "' must be a list");
      }
      if ((long) combinations.size() * values.size() > MAX_ROUNDS) {
        throw new Unresolved("more than " + MAX_ROUNDS + " stages");
      }
      Map<String, Map<String, @Nullable Object>> next = new LinkedHashMap<>();
      for (var combination : combinations.entrySet()) {
        for (int i = 0; i < values.size(); i++) {
          Object value = values.get(i);
          String part = isComposite(value) ? axis.getKey() + i : name(value);
          Map<String, @Nullable Object> item = new LinkedHashMap<>(combination.getValue());
          item.put(axis.getKey(), value);
          next.put(first ? part : combination.getKey() + "-" + part, item);
        }
      }
      combinations = next;
      first = false;
    }
    Map<String, Map<String, @Nullable Object>> rounds = new LinkedHashMap<>();
    combinations.forEach((key, item) -> rounds.put(key, variables(item, key)));
    return new Loop(rounds);
  }

  private static @Nullable Object resolve(@Nullable Object definition, Context context)
      throws Unresolved {
    Interpolation.check(definition);
    return Interpolation.resolve(
        definition, context, Interpolation.Use.ANY, ParsingOptions.DEFAULT);
  }

  /** A node's entries or items as nodes, which know where they are from. */
  private static @Nullable Object open(@Nullable Object value) {
    return switch (value) {
      case ContextNode.Mapping map -> map.entries();
      case ContextNode.Sequence list -> new ArrayList<>(list.items());
      case ContextNode.Scalar scalar -> scalar.value();
      case null, default -> value;
    };
  }

  private static boolean isComposite(@Nullable Object value) {
    Object plain = open(value);
    return plain instanceof Map<?, ?> || plain instanceof List<?>;
  }

  /**
   * A scalar in a stage's name. Values of files are nodes to DVC, which it prints as Python does;
   * those written in place are printed as in templates.
   */
  private static String name(@Nullable Object value) {
    return value instanceof ContextNode node
        ? PythonText.str(node.value())
        : Interpolation.print(value);
  }

  private static Map<String, @Nullable Object> variables(
      @Nullable Object item, @Nullable String key) {
    Map<String, @Nullable Object> variables = new LinkedHashMap<>();
    variables.put(ITEM, item);
    if (key != null) {
      variables.put(KEY, key);
    }
    return variables;
  }

  /** Returns the text of each scalar that the templates of a round can name, by expression. */
  Map<String, String> texts(String round) {
    Map<String, String> texts = new LinkedHashMap<>();
    rounds.getOrDefault(round, Map.of()).forEach((name, value) -> texts(name, value, texts));
    return texts;
  }

  private static void texts(String expression, @Nullable Object value, Map<String, String> to) {
    switch (open(value)) {
      case Map<?, ?> map -> map.forEach((key, item) -> texts(expression + "." + key, item, to));
      case List<?> list -> {
        for (int i = 0; i < list.size(); i++) {
          texts(expression + "[" + i + "]", list.get(i), to);
        }
      }
      case null -> {}
      case Object scalar -> to.put(expression, Interpolation.print(scalar));
    }
  }
}
