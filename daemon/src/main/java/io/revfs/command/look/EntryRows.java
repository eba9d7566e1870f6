package io.revfs.command.look;

import io.revfs.browse.HumanSize;
import io.revfs.browse.Listing;
import io.revfs.command.Invocation;
import java.io.IOException;

/**
 * Entries as DVC shows them to people: sizes at the right of their column, hashes, names. The
 * widths must be known before the first row, so entries are asked for twice; that is cheaper than
 * holding a million of them.
 *
 * @param size whether sizes are shown
 * @param hash whether hashes are shown
 */
record EntryRows(boolean size, boolean hash) {
  private static final String GAP = "  ";

  /** Passes the entries; called once or twice. */
  @FunctionalInterface
  interface Entries {
    void pass(Listing.Sink sink) throws IOException;
  }

  void show(Invocation call, Entries entries) throws IOException {
    TextTable table = new TextTable(call);
    if (!size && !hash) {
      entries.pass(line -> table.line(line.path()));
      table.end();
      return;
    }
    int[] widths = new int[2];
    entries.pass(
        line -> {
          widths[0] = Math.max(widths[0], size(line).length());
          widths[1] = Math.max(widths[1], hash(line).length());
        });
    entries.pass(line -> table.line(row(line, widths)));
    table.end();
  }

  private String row(Listing.Line line, int[] widths) {
    StringBuilder row = new StringBuilder();
    if (size) {
      String text = size(line);
      row.repeat(' ', widths[0] - text.length()).append(text).append(GAP);
    }
    if (hash) {
      String text = hash(line);
      row.append(text).repeat(' ', widths[1] - text.length()).append(GAP);
    }
    return row.append(line.path()).toString();
  }

  private static String size(Listing.Line line) {
    Long bytes = line.size();
    return bytes == null || (bytes <= 0 && line.isdir()) ? "" : HumanSize.of(bytes);
  }

  private static String hash(Listing.Line line) {
    String md5 = line.md5();
    return md5 == null ? "-" : md5;
  }
}
