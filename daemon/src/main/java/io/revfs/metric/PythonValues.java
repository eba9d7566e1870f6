package io.revfs.metric;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Values compared as Python compares them: {@code 1 == 1.0}, {@code True == 1}. */
public final class PythonValues {
  private PythonValues() {}

  /** Returns whether two plain values are equal. */
  public static boolean equal(@Nullable Object a, @Nullable Object b) {
    if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
      return x.size() == y.size()
          && x.entrySet().stream()
              .allMatch(e -> y.containsKey(e.getKey()) && equal(e.getValue(), y.get(e.getKey())));
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      if (x.size() != y.size()) {
        return false;
      }
      Iterator<?> other = y.iterator();
      return x.stream().allMatch(item -> equal(item, other.next()));
    }
    Optional<Number> m = number(a);
    Optional<Number> n = number(b);
    if (m.isPresent() && n.isPresent()) {
      return equal(m.get(), n.get());
    }
    return a == null ? b == null : a.equals(b);
  }

  private static boolean equal(Number m, Number n) {
    boolean special = isSpecial(m) || isSpecial(n);
    return special ? m.doubleValue() == n.doubleValue() : exact(m).compareTo(exact(n)) == 0;
  }

  private static boolean isSpecial(Number n) {
    return n instanceof Double d && (d.isNaN() || d.isInfinite());
  }

  private static BigDecimal exact(Number n) {
    return switch (n) {
      case Double d -> new BigDecimal(d);
      case BigInteger i -> new BigDecimal(i);
      default -> BigDecimal.valueOf(n.longValue());
    };
  }

  /** Returns a number or boolean as a number. */
  private static Optional<Number> number(@Nullable Object value) {
    return switch (value) {
      case Boolean flag -> Optional.of(flag ? 1L : 0L);
      case Double d -> Optional.of(d);
      case BigInteger i -> Optional.of(i);
      case Number n -> Optional.of(n.longValue());
      case null, default -> Optional.empty();
    };
  }

  /** Returns {@code now - before} of two numbers; empty if they are not both numbers. */
  public static Optional<Number> difference(@Nullable Object before, @Nullable Object now) {
    Optional<Number> a = number(before);
    Optional<Number> b = number(now);
    if (a.isEmpty() || b.isEmpty()) {
      return Optional.empty();
    }
    if (a.get() instanceof Double || b.get() instanceof Double) {
      return Optional.of(b.get().doubleValue() - a.get().doubleValue());
    }
    BigInteger difference = exact(b.get()).toBigInteger().subtract(exact(a.get()).toBigInteger());
    return Optional.of(
        difference.bitLength() < Long.SIZE ? (Number) difference.longValue() : difference);
  }
}
