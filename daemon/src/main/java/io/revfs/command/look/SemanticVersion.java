package io.revfs.command.look;

import java.math.BigInteger;
import java.util.List;

/**
 * A version by semver.org's order: numbers, then pre-releases before their release.
 *
 * @param numbers major, minor, patch
 * @param preRelease its parts; none of a release
 */
record SemanticVersion(List<BigInteger> numbers, List<String> preRelease)
    implements Comparable<SemanticVersion> {
  /** Parses {@code v1.2.3-rc.1+build}. */
  static SemanticVersion parse(String text) {
    String plain = text.substring(1).replaceFirst("\\+.*", "");
    int dash = plain.indexOf('-');
    String numbers = dash < 0 ? plain : plain.substring(0, dash);
    return new SemanticVersion(
        List.of(numbers.split("\\.")).stream().map(BigInteger::new).toList(),
        dash < 0 ? List.of() : List.of(plain.substring(dash + 1).split("\\.")));
  }

  @Override
  public int compareTo(SemanticVersion other) {
    for (int i = 0; i < numbers.size(); i++) {
      int order = numbers.get(i).compareTo(other.numbers.get(i));
      if (order != 0) {
        return order;
      }
    }
    if (preRelease.isEmpty() || other.preRelease.isEmpty()) {
      return Boolean.compare(preRelease.isEmpty(), other.preRelease.isEmpty());
    }
    for (int i = 0; i < Math.min(preRelease.size(), other.preRelease.size()); i++) {
      int order = comparePart(preRelease.get(i), other.preRelease.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(preRelease.size(), other.preRelease.size());
  }

  private static int comparePart(String a, String b) {
    boolean numeric = a.matches("\\d+");
    if (numeric != b.matches("\\d+")) {
      return numeric ? -1 : 1;
    }
    return numeric ? new BigInteger(a).compareTo(new BigInteger(b)) : a.compareTo(b);
  }
}
