package io.revfs.dvc.pickle;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes plain values as a pickle of protocol 0, which every Python reads: it is pure ASCII, so it
 * goes wherever text goes. Maps with texts as keys, lists, texts, whole numbers, doubles, booleans
 * and null; an array is a tuple.
 */
public final class PickleWriter {
  private final StringBuilder out = new StringBuilder();

  private PickleWriter() {}

  /** Returns the pickle of a value. */
  public static String write(@Nullable Object value) {
    PickleWriter writer = new PickleWriter();
    writer.value(value);
    return writer.out.append('.').toString();
  }

  private void value(@Nullable Object value) {
    switch (value) {
      case null -> out.append('N');
      case Boolean flag -> out.append(flag ? "I01\n" : "I00\n");
      case Double number -> out.append('F').append(number).append('\n');
      case Number number -> out.append('L').append(number).append("L\n");
      case Map<?, ?> map -> {
        out.append("(d");
        map.forEach(
            (key, one) -> {
              text(String.valueOf(key));
              value(one);
              out.append('s');
            });
      }
      case List<?> list -> {
        out.append("(l");
        for (Object one : list) {
          value(one);
          out.append('a');
        }
      }
      case Object[] tuple -> {
        out.append('(');
        for (Object one : tuple) {
          value(one);
        }
        out.append('t');
      }
      default -> text(value.toString());
    }
  }

  /** Python's raw-unicode-escape, in which a line break and a backslash are escaped too. */
  private void text(String text) {
    out.append('V');
    text.codePoints()
        .forEach(
            point -> {
              if (point > 0xffff) {
                out.append("\\U%08x".formatted(point));
              } else if (point < ' ' || point > '~' || point == '\\') {
                out.append("\\u%04x".formatted(point));
              } else {
                out.append((char) point);
              }
            });
    out.append('\n');
  }
}
