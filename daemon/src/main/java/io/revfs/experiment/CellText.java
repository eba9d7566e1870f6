package io.revfs.experiment;

import io.revfs.dvc.pipeline.PythonText;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values in the cells of a table. */
final class CellText {
  private static final int SMALLEST_EXPONENT = -4;

  private CellText() {}

  /** Returns a value's text, floats with so many significant digits; all of them for 0. */
  static String of(Object value, int precision) {
    return PythonText.str(precision > 0 ? shortened(value, precision) : value);
  }

  private static @Nullable Object shortened(@Nullable Object value, int precision) {
    return switch (value) {
      case Double d -> new Shown(general(d, precision));
      case List<?> list -> {
        List<@Nullable Object> items = new ArrayList<>();
        list.forEach(item -> items.add(shortened(item, precision)));
        yield items;
      }
      case Map<?, ?> map -> {
        Map<Object, @Nullable Object> entries = new LinkedHashMap<>();
        map.forEach((key, item) -> entries.put(key, shortened(item, precision)));
        yield entries;
      }
      case null, default -> value;
    };
  }

  /** A text without quotes. */
  private record Shown(String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  /** Returns a number as C's format {@code %.<digits>g} and Python's {@code g} write it. */
  static String general(double value, int digits) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return PythonText.number(value);
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    BigDecimal rounded =
        new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN));
    int exponent = rounded.precision() - rounded.scale() - 1;
    BigDecimal plain = rounded.stripTrailingZeros();
    if (exponent >= SMALLEST_EXPONENT && exponent < digits) {
      return plain.toPlainString();
    }
    String unscaled = plain.unscaledValue().abs().toString();
    String fraction = unscaled.length() > 1 ? "." + unscaled.substring(1) : "";
    String power = (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    return (value < 0 ? "-" : "")
        + unscaled.charAt(0)
        + fraction
        + (exponent < 0 ? "e-" : "e+")
        + power;
  }
}
