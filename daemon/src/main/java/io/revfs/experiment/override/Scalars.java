package io.revfs.experiment.override;

import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Words without quotes: numbers, truth, nothing, or text. */
final class Scalars {
  private static final Pattern INTEGER = Pattern.compile("[+-]?(0|[1-9][0-9]*(_[0-9]+)*)");
  private static final Pattern FLOAT =
      Pattern.compile(
          "[+-]?([0-9][0-9_]*\\.[0-9_]*([eE][+-]?[0-9_]+)?|\\.[0-9][0-9_]*([eE][+-]?[0-9_]+)?"
              + "|[0-9][0-9_]*[eE][+-]?[0-9_]+)");

  private Scalars() {}

  static @Nullable Object parse(String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    switch (lower) {
      case "null" -> {
        return null;
      }
      case "true" -> {
        return true;
      }
      case "false" -> {
        return false;
      }
      case "nan", "+nan", "-nan" -> {
        return Double.NaN;
      }
      case "inf", "+inf" -> {
        return Double.POSITIVE_INFINITY;
      }
      case "-inf" -> {
        return Double.NEGATIVE_INFINITY;
      }
      default -> {}
    }
    String digits = word.replace("_", "");
    if (INTEGER.matcher(word).matches()) {
      BigInteger integer = new BigInteger(digits.startsWith("+") ? digits.substring(1) : digits);
      return integer.bitLength() < Long.SIZE ? (Object) integer.longValue() : integer;
    }
    return FLOAT.matcher(word).matches() ? (Object) Double.parseDouble(digits) : word;
  }
}
