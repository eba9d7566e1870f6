package io.revfs.transfer;

import io.revfs.remote.Listing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How to find out with the fewest requests which keys a store has. Objects are spread evenly over
 * 256 directories, so one of them tells how full the others are.
 *
 * @param lists prefixes to list
 * @param asked whether the keys below a directory are asked for one by one, by directory
 */
record ExistencePlan(List<String> lists, Map<String, Boolean> asked) {
  private static final int DIRECTORIES = 256;
  private static final int DIGITS = 16;

  /**
   * Returns the cheapest way.
   *
   * @param base where the directories are
   * @param wanted how many keys of each directory are asked for
   * @param perDirectory how many keys one directory has; -1: more than is worth counting
   */
  static ExistencePlan of(
      String base, Map<String, Integer> wanted, long perDirectory, Listing listing) {
    List<String> lists = new ArrayList<>();
    Map<String, Boolean> asked = new HashMap<>();
    long mixed = 0;
    for (Map.Entry<String, Integer> directory : wanted.entrySet()) {
      long pages = perDirectory < 0 ? Long.MAX_VALUE : pages(perDirectory, listing);
      boolean list = pages < directory.getValue();
      asked.put(directory.getKey(), !list);
      if (list) {
        lists.add(directory.getKey());
      }
      mixed += list ? pages : directory.getValue();
    }
    if (listing.perDirectory() || perDirectory < 0) {
      return new ExistencePlan(lists, asked);
    }
    long byDigit = DIGITS * pages(perDirectory * DIGITS, listing);
    long whole = pages(perDirectory * DIRECTORIES, listing);
    if (Math.min(byDigit, whole) >= mixed) {
      return new ExistencePlan(lists, asked);
    }
    asked.replaceAll((directory, one) -> false);
    if (whole < byDigit && whole <= 2) { // more pages are better asked for side by side
      return new ExistencePlan(List.of(base), asked);
    }
    List<String> digits = new ArrayList<>();
    for (int i = 0; i < DIGITS; i++) {
      digits.add(base + Integer.toHexString(i));
    }
    return new ExistencePlan(digits, asked);
  }

  private static long pages(long keys, Listing listing) {
    return Math.max(1, (keys + listing.pageKeys() - 1) / listing.pageKeys());
  }
}
