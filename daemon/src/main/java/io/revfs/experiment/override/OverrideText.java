package io.revfs.experiment.override;

import io.revfs.dvc.pipeline.PythonText;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Values as they can be typed in an override. */
final class OverrideText {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_/.$%*@?|][\\w/.$%*@?|+ -]*(?<! )");

  private OverrideText() {}

  static String of(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case Boolean flag -> flag.toString();
      case Number number -> PythonText.str(number);
      case List<?> list ->
          list.stream().map(OverrideText::of).collect(Collectors.joining(",", "[", "]"));
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(entry -> of(entry.getKey()) + ":" + of(entry.getValue()))
              .collect(Collectors.joining(",", "{", "}"));
      default -> text(value.toString());
    };
  }

  /** A text that would be read as something else gets quotes. */
  private static String text(String text) {
    boolean plain = PLAIN.matcher(text).matches() && Scalars.parse(text) instanceof String;
    return plain ? text : "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
