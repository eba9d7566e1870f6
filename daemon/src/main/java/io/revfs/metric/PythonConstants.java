package io.revfs.metric;

import io.revfs.dvc.DvcFormatException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Constants of a Python file, without running it: names that literals are assigned to at the top,
 * in classes (as maps), and to {@code self} in {@code __init__}. What is no literal is passed over.
 */
final class PythonConstants {
  private static final Pattern CLASS = Pattern.compile("class\\s+(\\w+).*", Pattern.DOTALL);
  private static final Pattern INIT = Pattern.compile("def\\s+__init__\\s*\\(.*", Pattern.DOTALL);
  private static final Pattern ASSIGNMENT =
      Pattern.compile("(self\\s*\\.\\s*)?(\\w+)\\s*(?::[^=]+)?=(?!=)(.*)", Pattern.DOTALL);

  private final List<PythonLines.Line> lines;
  private int at;

  private PythonConstants(List<PythonLines.Line> lines) {
    this.lines = lines;
  }

  static Map<String, @Nullable Object> parse(String file, byte[] content)
      throws DvcFormatException {
    String text = new String(content, StandardCharsets.UTF_8);
    PythonConstants constants = new PythonConstants(PythonLines.of(file, text));
    return constants.block(0, false);
  }

  /** Reads the statements of a block that stand at exactly this depth. */
  private Map<String, @Nullable Object> block(int depth, boolean selfOnly) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    while (at < lines.size() && lines.get(at).depth() >= depth) {
      PythonLines.Line line = lines.get(at++);
      if (line.depth() > depth) {
        continue; // inside of something that is passed over
      }
      Matcher type = CLASS.matcher(line.text());
      if (type.matches()) {
        values.put(type.group(1), inner(depth, false));
      } else if (INIT.matcher(line.text()).matches()) {
        values.putAll(inner(depth, true));
      } else {
        assignment(line.text(), selfOnly, values);
      }
    }
    return values;
  }

  private Map<String, @Nullable Object> inner(int depth, boolean selfOnly) {
    boolean deeper = at < lines.size() && lines.get(at).depth() > depth;
    return deeper ? block(lines.get(at).depth(), selfOnly) : Map.of();
  }

  private static void assignment(
      String text, boolean selfOnly, Map<String, @Nullable Object> values) {
    Matcher matcher = ASSIGNMENT.matcher(text);
    if (!matcher.matches() || (selfOnly && matcher.group(1) == null)) {
      return;
    }
    Optional<PythonLiteral.Value> value = PythonLiteral.parse(matcher.group(3));
    value.ifPresent(v -> values.put(matcher.group(2), v.value()));
  }
}
