package io.revfs.dvc.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A random {@code dvc.yaml} with templates, loops and parameters, and what the rules of templating
 * say that its stages are. It knows the rules (FORMATS, section 6) and nothing of the code.
 */
final class GeneratedPipeline {
  private static final List<Scalar> SCALARS =
      List.of(
          new Scalar("0", "0", "0"),
          new Scalar("-7", "-7", "-7"),
          new Scalar("1_000", "1000", "1000"),
          new Scalar("0x1F", "31", "31"),
          new Scalar("2.5", "2.5", "2.5"),
          new Scalar("1.0", "1.0", "1.0"),
          new Scalar("1e-5", "1e-05", "1e-05"),
          new Scalar("1e16", "1e+16", "1e+16"),
          new Scalar("0.1", "0.1", "0.1"),
          new Scalar("true", "true", "True"),
          new Scalar("false", "false", "False"),
          new Scalar("null", "None", "None"),
          new Scalar("yes", "yes", "yes"),
          new Scalar("word", "word", "word"),
          new Scalar("'two words'", "two words", "two words"),
          new Scalar("'it''s'", "it's", "it's"),
          new Scalar("'007'", "007", "007"),
          new Scalar("ünï", "ünï", "ünï"));

  /** A value that templates can name. */
  private sealed interface Value {
    /** Returns it as YAML in one line. */
    String yaml();
  }

  /**
   * @param inText what it becomes inside of text
   * @param asPython what {@code str} makes of it
   */
  private record Scalar(String yaml, String inText, String asPython) implements Value {
    boolean isWord() {
      return yaml.equals("word") || yaml.equals("yes");
    }
  }

  private record Items(List<Value> values) implements Value {
    @Override
    public String yaml() {
      return "[" + String.join(", ", values.stream().map(Value::yaml).toList()) + "]";
    }
  }

  private record Entries(Map<String, Value> values) implements Value {
    @Override
    public String yaml() {
      List<String> all = new ArrayList<>();
      values.forEach((key, value) -> all.add(key + ": " + value.yaml()));
      return "{" + String.join(", ", all) + "}";
    }
  }

  /** What a stage is. */
  record Expected(
      String command, List<String> deps, List<String> outs, Map<String, List<String>> params) {}

  private final Random random;
  private final Map<String, Value> variables = new LinkedHashMap<>();
  private final Map<String, String> files = new LinkedHashMap<>();
  private final Map<String, Expected> expected = new LinkedHashMap<>();
  private final StringBuilder yaml = new StringBuilder();
  private int names;

  GeneratedPipeline(long seed) {
    this.random = new Random(seed);
    variables();
    yaml.append("stages:\n");
    int stages = 1 + random.nextInt(4);
    for (int i = 0; i < stages; i++) {
      switch (random.nextInt(4)) {
        case 0 -> plain();
        case 1 -> foreach();
        case 2 -> overMap();
        default -> matrix();
      }
    }
  }

  /** Returns the text of the file. */
  String yaml() {
    return yaml.toString();
  }

  /** Returns the files that it reads. */
  Map<String, String> files() {
    return files;
  }

  /** Returns its stages by name, in order. */
  Map<String, Expected> expected() {
    return expected;
  }

  private String name() {
    return "n" + names++;
  }

  private Scalar scalar() {
    return SCALARS.get(random.nextInt(SCALARS.size()));
  }

  private Value value(int depth) {
    int kind = depth == 0 ? 0 : random.nextInt(4);
    if (kind < 2) {
      return scalar();
    }
    int size = 1 + random.nextInt(3);
    if (kind == 2) {
      List<Value> values = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        values.add(value(depth - 1));
      }
      return new Items(values);
    }
    return entries(size, depth);
  }

  private Entries entries(int size, int depth) {
    Map<String, Value> values = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      values.put("k" + i, value(depth - 1));
    }
    return new Entries(values);
  }

  /** Variables in params.yaml, in another file, in place; one map is in two of them, and merged. */
  private void variables() {
    StringBuilder params = new StringBuilder();
    StringBuilder other = new StringBuilder();
    List<String> inPlace = new ArrayList<>();
    int count = 3 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      String name = name();
      Value value = i == 0 ? entries(2, 2) : i == 1 ? new Items(List.of(scalar())) : value(2);
      variables.put(name, value);
      String line = name + ": " + value.yaml() + "\n";
      switch (random.nextInt(3)) {
        case 0 -> params.append(line);
        case 1 -> other.append(line);
        default -> inPlace.add("- {" + name + ": " + value.yaml() + "}\n");
      }
    }
    String merged = name();
    Scalar first = scalar();
    Scalar second = scalar();
    params.append(merged).append(": {a: ").append(first.yaml()).append("}\n");
    inPlace.add("- " + merged + ": {b: " + second.yaml() + "}\n");
    Map<String, Value> both = new LinkedHashMap<>();
    both.put("a", first);
    both.put("b", second);
    variables.put(merged, new Entries(both));
    files.put("params.yaml", params.toString());
    files.put("other.yaml", other.append("unused: 1\n").toString());
    yaml.append("vars:\n- other.yaml\n");
    inPlace.forEach(yaml::append);
  }

  /** An expression and what it names. */
  private record Named(String expression, Value value) {}

  private Named pick(Map<String, Value> from) {
    List<String> keys = new ArrayList<>(from.keySet());
    String key = keys.get(random.nextInt(keys.size()));
    Named at = new Named(key, from.getOrDefault(key, SCALARS.getFirst()));
    while (random.nextBoolean()) {
      switch (at.value()) {
        case Entries map -> {
          List<String> inner = new ArrayList<>(map.values().keySet());
          String next = inner.get(random.nextInt(inner.size()));
          at = new Named(at.expression() + "." + next, map.values().get(next));
        }
        case Items list -> {
          int index = random.nextInt(list.values().size());
          at = new Named(at.expression() + "[" + index + "]", list.values().get(index));
        }
        case Scalar scalar -> {
          return at;
        }
      }
    }
    return at;
  }

  private Named pickScalar(Map<String, Value> from) {
    Named named = pick(from);
    while (!(named.value() instanceof Scalar)) {
      named = pick(from);
    }
    return named;
  }

  /** A text with templates, and what it becomes. */
  private record Text(String template, String resolved) {}

  /** A piece of a path: words only, so that it is one. */
  private Text path(String before, Map<String, Value> scope) {
    for (int i = 0; i < 20; i++) {
      Named named = pick(scope);
      if (named.value() instanceof Scalar scalar && scalar.isWord()) {
        return new Text(before + "-${" + named.expression() + "}", before + "-" + scalar.inText());
      }
    }
    return new Text(before, before);
  }

  private Text command(Map<String, Value> scope) {
    StringBuilder template = new StringBuilder("run");
    StringBuilder resolved = new StringBuilder("run");
    int parts = random.nextInt(4);
    for (int i = 0; i < parts; i++) {
      template.append(' ');
      resolved.append(' ');
      if (random.nextInt(4) == 0) {
        template.append("\\${kept}");
        resolved.append("${kept}");
        continue;
      }
      Named named = pick(scope);
      boolean options = named.value() instanceof Entries map && areOptions(map);
      if (!options) {
        named = pickScalar(scope);
      }
      template.append("${").append(random.nextBoolean() ? " " : "");
      template.append(named.expression()).append('}');
      resolved.append(
          switch (named.value()) {
            case Scalar scalar -> scalar.inText();
            case Entries map -> options("", map).strip();
            case Items list -> throw new IllegalStateException();
          });
    }
    return new Text(template.toString(), resolved.toString());
  }

  /** Lists in lists, or maps in lists, are no options. */
  private static boolean areOptions(Entries map) {
    return map.values().values().stream()
        .allMatch(
            value ->
                switch (value) {
                  case Scalar scalar -> true;
                  case Entries inner -> areOptions(inner);
                  case Items list -> list.values().stream().allMatch(Scalar.class::isInstance);
                });
  }

  private static String options(String prefix, Entries map) {
    StringBuilder text = new StringBuilder();
    map.values()
        .forEach(
            (key, value) -> {
              String option = "--" + prefix + key;
              switch (value) {
                case Entries inner -> text.append(options(prefix + key + ".", inner));
                case Items list -> {
                  text.append(option).append(' ');
                  list.values().forEach(item -> text.append(argument((Scalar) item)).append(' '));
                }
                case Scalar scalar when scalar.yaml().equals("true") ->
                    text.append(option).append(' ');
                case Scalar scalar when scalar.yaml().equals("false") -> {}
                case Scalar scalar ->
                    text.append(option).append(' ').append(argument(scalar)).append(' ');
              }
            });
    return text.toString();
  }

  /** Text is quoted for a shell where it needs to be. */
  private static String argument(Scalar scalar) {
    return switch (scalar.asPython()) {
      case "two words" -> "'two words'";
      case "it's" -> "'it'\"'\"'s'";
      case "ünï" -> "'ünï'";
      default -> scalar.asPython();
    };
  }

  private void plain() {
    String name = name();
    yaml.append("  ").append(name).append(":\n");
    body("    ", Map.of(name, variables));
  }

  private void foreach() {
    String group = name();
    yaml.append("  ").append(group).append(":\n");
    Items list;
    String over;
    boolean fromFile = random.nextBoolean() && firstList() != null;
    if (fromFile) {
      Named named = firstList();
      over = "${" + named.expression() + "}";
      list = (Items) named.value();
    } else {
      List<Value> values = new ArrayList<>();
      for (int i = 0; i <= random.nextInt(3); i++) {
        Value value = random.nextInt(3) == 0 ? entries(2, 1) : scalar();
        if (values.stream().noneMatch(one -> one.equals(value))) {
          values.add(value);
        }
      }
      list = new Items(values);
      over = list.yaml();
    }
    yaml.append("    foreach: ").append(over).append("\n    do:\n");
    boolean byIndex = list.values().stream().anyMatch(value -> !(value instanceof Scalar));
    Map<String, Map<String, Value>> rounds = new LinkedHashMap<>();
    for (int i = 0; i < list.values().size(); i++) {
      Value item = list.values().get(i);
      String key =
          byIndex || !(item instanceof Scalar scalar)
              ? Integer.toString(i)
              : fromFile ? scalar.asPython() : scalar.inText();
      rounds.put(group + "@" + key, scope(Map.of("item", item)));
    }
    body("      ", rounds);
  }

  private @org.jspecify.annotations.Nullable Named firstList() {
    return variables.entrySet().stream()
        .filter(entry -> entry.getValue() instanceof Items)
        .map(entry -> new Named(entry.getKey(), entry.getValue()))
        .findFirst()
        .orElse(null);
  }

  private Map<String, Value> scope(Map<String, Value> more) {
    Map<String, Value> scope = new LinkedHashMap<>(variables);
    scope.putAll(more);
    return scope;
  }

  private void overMap() {
    String group = name();
    Entries map = entries(1 + random.nextInt(3), 2);
    yaml.append("  ").append(group).append(":\n    foreach: ").append(map.yaml());
    yaml.append("\n    do:\n");
    Map<String, Map<String, Value>> rounds = new LinkedHashMap<>();
    map.values()
        .forEach(
            (key, item) ->
                rounds.put(
                    group + "@" + key,
                    scope(Map.of("item", item, "key", new Scalar(key, key, key)))));
    body("      ", rounds);
  }

  private void matrix() {
    String group = name();
    yaml.append("  ").append(group).append(":\n    matrix:\n");
    Map<String, Map<String, Value>> combinations = new LinkedHashMap<>();
    combinations.put("", Map.of());
    int axes = 1 + random.nextInt(3);
    for (int axis = 0; axis < axes; axis++) {
      String name = "x" + axis;
      List<Value> values = new ArrayList<>();
      for (int i = 0; i <= random.nextInt(3); i++) {
        Value value = random.nextInt(4) == 0 ? entries(1, 1) : scalar();
        if (values.stream().noneMatch(one -> one.equals(value))) {
          values.add(value);
        }
      }
      yaml.append("      ").append(name).append(": ").append(new Items(values).yaml());
      yaml.append('\n');
      Map<String, Map<String, Value>> next = new LinkedHashMap<>();
      for (Map.Entry<String, Map<String, Value>> before : combinations.entrySet()) {
        for (int i = 0; i < values.size(); i++) {
          String part = values.get(i) instanceof Scalar scalar ? scalar.inText() : name + i;
          Map<String, Value> item = new LinkedHashMap<>(before.getValue());
          item.put(name, values.get(i));
          next.put(axis == 0 ? part : before.getKey() + "-" + part, item);
        }
      }
      combinations = next;
    }
    Map<String, Map<String, Value>> rounds = new LinkedHashMap<>();
    combinations.forEach(
        (key, item) ->
            rounds.put(
                group + "@" + key,
                scope(Map.of("item", new Entries(item), "key", new Scalar(key, key, key)))));
    body("    ", rounds);
  }

  /**
   * Writes what a stage is, for each round with other variables of the same shape. What is picked
   * is the same for all, so only what all have may be.
   */
  private void body(String indent, Map<String, ? extends Map<String, Value>> rounds) {
    long seed = random.nextLong();
    List<Value> items = new ArrayList<>();
    rounds.values().forEach(scope -> items.add(scope.getOrDefault("item", SCALARS.getFirst())));
    boolean alike = items.stream().allMatch(item -> shape(item).equals(shape(items.getFirst())));
    String written = "";
    for (Map.Entry<String, ? extends Map<String, Value>> round : rounds.entrySet()) {
      Map<String, Value> scope = new LinkedHashMap<>(round.getValue());
      if (!alike) {
        scope.remove("item");
      }
      GeneratedPipeline same = new GeneratedPipeline(this, seed);
      written = same.stage(indent, round.getKey(), scope);
      expected.put(round.getKey(), same.expected.get(round.getKey()));
    }
    yaml.append(written);
  }

  /** Returns a value without its scalars. */
  private static String shape(Value value) {
    return switch (value) {
      case Scalar scalar -> "x";
      case Items list -> list.values().stream().map(GeneratedPipeline::shape).toList().toString();
      case Entries map -> {
        Map<String, String> shapes = new LinkedHashMap<>();
        map.values().forEach((key, inner) -> shapes.put(key, shape(inner)));
        yield shapes.toString();
      }
    };
  }

  private GeneratedPipeline(GeneratedPipeline other, long seed) {
    this.random = new Random(seed);
    this.variables.putAll(other.variables);
  }

  private String stage(String indent, String name, Map<String, Value> scope) {
    StringBuilder text = new StringBuilder();
    Text command = command(scope);
    text.append(indent).append("cmd: >-\n").append(indent).append("  ");
    text.append(command.template()).append('\n');
    Text dep = path("in", variables);
    Text out = path("out", variables);
    text.append(indent).append("deps: ['").append(dep.template()).append("', plain]\n");
    text.append(indent).append("outs: ['").append(out.template()).append("']\n");
    Map<String, List<String>> params = new LinkedHashMap<>();
    if (random.nextBoolean()) {
      Text key = path("key", variables);
      text.append(indent).append("params: ['").append(key.template()).append("', a.b, ");
      text.append("{more.toml: [c], whole.json: null}]\n");
      params.put("params.yaml", List.of(key.resolved(), "a.b"));
      params.put("more.toml", List.of("c"));
      params.put("whole.json", List.of());
    }
    expected.put(
        name,
        new Expected(
            command.resolved(), List.of(dep.resolved(), "plain"), List.of(out.resolved()), params));
    return text.toString();
  }
}
